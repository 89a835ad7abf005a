// Groups of tasks as authors hold them.
import type { TaskGroupSpecSchema } from '../../gen/dagmesh/dag/v1/mapping_pb.ts';
import type { AnyFunction, GroupDraft } from '../draft.ts';
import type { FieldsOf } from '../values/fields.ts';
import type { GroupArgument } from './group-argument.ts';
import { type Expansion, mappingSpec } from './mapping.ts';
import { connect, type DagNode, registerNode } from './node.ts';
import type { GroupOptions } from '../option/options.ts';
import type { ElementOf, Mappable } from './xcom-arg.ts';

/** A group of one DAG. Its edges attach to the roots and leaves of the tasks it holds by then. */
export type TaskGroup = {
  readonly dagId: string;
  /** With the prefixes of the groups around it. */
  readonly groupId: string;
  /** These run before every root of the group. */
  upstream(...nodes: readonly DagNode[]): void;
  /** These run after every leaf of the group that is no teardown. */
  downstream(...nodes: readonly DagNode[]): void;
};

/** A group of which there are as many instances as combinations of elements. */
export type ExpandedGroupOptions<E extends Expansion> = GroupOptions & { readonly expand: E };

/** A group of which there are as many instances as elements. */
export type KwargsGroupOptions<Element> = GroupOptions & {
  readonly expandKwargs: Mappable<Element>;
};

/** What the tasks of a mapped group may have as inputs. */
export type GroupArguments<E extends Expansion> = {
  readonly [Name in keyof E]: GroupArgument<ElementOf<E[Name]>>;
};

/** The group an author gets for a draft. */
export function createGroup(draft: GroupDraft): TaskGroup {
  const group: TaskGroup = {
    dagId: draft.dag.dagId,
    groupId: draft.groupId,
    upstream: (...nodes) => nodes.forEach((before) => connect(before, group)),
    downstream: (...nodes) => nodes.forEach((after) => connect(group, after)),
  };
  registerNode(group, { kind: 'group', draft });
  return Object.freeze(group);
}

/** The id of a task or group inside a group. */
export function idWithin(group: GroupDraft | undefined, id: string): string {
  return group?.hasPrefix === true ? `${group.groupId}.${id}` : id;
}

/** The contract's form of a group. */
export function groupSpec(
  { groupId, parent, hasPrefix, displayName, tooltip, mapping }: GroupDraft,
  handlerOf: (named: AnyFunction) => string,
): FieldsOf<typeof TaskGroupSpecSchema> {
  const fields = { groupId, parentGroupId: parent?.groupId ?? '', hasPrefix, displayName, tooltip };
  if (mapping === undefined) return fields;
  return { ...fields, mapping: mappingSpec(mapping, handlerOf) };
}
