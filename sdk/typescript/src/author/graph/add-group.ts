// Puts a group into a DAG and lets its author fill it.
import type { Place } from '../add-task.ts';
import { requireFree, requireId } from '../add-task.ts';
import { DagError } from '../checks/dag-error.ts';
import type { GroupDraft } from '../draft.ts';
import { createGroup, idWithin, type TaskGroup } from './group.ts';
import { groupArguments } from './group-argument.ts';
import {
  type Expansion,
  kwargsOf,
  type MappingDraft,
  productOf,
  tasksOfMapping,
} from './mapping.ts';
import { link, rootsOf, tasksIn } from './node.ts';
import { GROUP_SHAPES, TASK_SHAPES } from '../option/option-shapes.ts';
import type { GroupOptions } from '../option/options.ts';
import { requireShapes } from '../checks/shapes.ts';

/** Adds a group; `fill` adds its tasks at once. Throws a DagError when it cannot be. */
export function addGroup(
  { dag, group: parent }: Place,
  ownId: string,
  options: GroupOptions & { readonly expand?: Expansion; readonly expandKwargs?: unknown },
  fill: (group: GroupDraft, given: never) => void,
): TaskGroup {
  const groupId = idWithin(parent, ownId);
  requireId('group', groupId);
  requireFree(dag, groupId, 'group');
  requireShapes(`group "${groupId}"`, options, GROUP_SHAPES);
  const { defaultArgs = {} } = options;
  requireShapes(`defaultArgs of group "${groupId}"`, defaultArgs, TASK_SHAPES);
  const mapping = mappingOf(`group "${groupId}"`, options);
  const group: GroupDraft = {
    dag,
    groupId,
    parent,
    hasPrefix: options.prefixGroupId ?? true,
    displayName: options.displayName ?? '',
    tooltip: options.tooltip ?? '',
    defaultArgs: { ...(parent?.defaultArgs ?? dag.defaultArgs), ...defaultArgs },
    mapping,
  };
  // Outer groups come first in a spec.
  dag.groups.set(groupId, group);
  fill(group, (mapping === undefined ? {} : groupArguments(group, mapping)) as never);
  if (mapping !== undefined) {
    const sources = tasksOfMapping(dag, mapping);
    for (const root of rootsOf(tasksIn(group))) for (const source of sources) link(source, root);
  }
  return createGroup(group);
}

function mappingOf(
  subject: string,
  options: { readonly expand?: Expansion; readonly expandKwargs?: unknown },
): MappingDraft | undefined {
  const { expand, expandKwargs } = options;
  if (expand !== undefined && expandKwargs !== undefined) {
    throw new DagError(`${subject} has expand and expandKwargs; keep one of them`);
  }
  if (expand !== undefined) return productOf(subject, expand);
  return expandKwargs === undefined ? undefined : kwargsOf(subject, expandKwargs);
}
