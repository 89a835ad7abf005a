// Arguments of a mapped group: another value for each instance of the group.
import { DagError } from '../checks/dag-error.ts';
import { type GroupDraft, isWithin } from '../draft.ts';
import type { MappingDraft } from './mapping.ts';

declare const produces: unique symbol;

/** An argument of a mapped group, for the inputs of the tasks in it. */
export type GroupArgument<Value = unknown> = {
  readonly kind: 'group_argument';
  readonly name: string;
  readonly [produces]?: Value;
};

const GROUPS = new WeakMap<object, GroupDraft>();

/** Whether a value is an argument of a mapped group. */
export function isGroupArgument(value: unknown): value is GroupArgument {
  return typeof value === 'object' && value !== null && GROUPS.has(value);
}

/** What a mapped group hands to its tasks: its arguments by name. */
export function groupArguments(
  group: GroupDraft,
  mapping: MappingDraft,
): Readonly<Record<string, GroupArgument>> {
  if (mapping.kind === 'product') {
    return Object.fromEntries(mapping.parts.map(({ name }) => [name, argumentOf(group, name)]));
  }
  // The fields of elements that a task makes are not known yet, so every name is one.
  return new Proxy<Record<string, GroupArgument>>(
    {},
    {
      get: (_, name) => (typeof name === 'string' ? argumentOf(group, name) : undefined),
    },
  );
}

/** The group of an argument. Throws a DagError outside of it. */
export function groupOfArgument(
  argument: GroupArgument,
  reader: { readonly taskId: string; readonly group: GroupDraft | undefined },
): GroupDraft {
  const group = GROUPS.get(argument);
  if (group !== undefined && isWithin(reader.group, group)) return group;
  throw new DagError(
    `task "${reader.taskId}" cannot have the argument "${argument.name}" of group ` +
      `"${group?.groupId ?? ''}"; only tasks in the group can`,
  );
}

function argumentOf(group: GroupDraft, name: string): GroupArgument {
  const made: GroupArgument = Object.freeze({ kind: 'group_argument', name });
  GROUPS.set(made, group);
  return made;
}
