// How clears are shown, asked about and told: those of tasks, and those of whole runs.
import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import type { TaskInstanceKey } from '#gen/dagmesh/scheduler/v1/operation_pb.ts';
import type { Context } from '../../context.ts';
import type { ExitCode } from '../../core/exit-code.ts';
import { toPlain } from '../../core/plain.ts';
import { type Preview, previewed } from '../../preview.ts';
import { drawRows, showOne } from '../../screen.ts';
import { KEY_COLUMNS, keyLine } from './keys.ts';

/** What a clear answers. */
type Cleared = { readonly taskInstances: readonly TaskInstanceKey[]; readonly totalCount: number };

/** Clears if nobody minds, and answers the exit code; `see` is the command that shows what runs. */
export function clearIfWanted<Schema extends DescMessage>(
  context: Context,
  clear: Pick<Preview<MessageShape<Schema> & Cleared>, 'options' | 'call'> & {
    readonly schema: Schema;
    readonly see: string;
  },
): Promise<ExitCode> {
  const { options, call, schema, see } = clear;
  const { screen } = context;
  return previewed(context, {
    ...{ options, call },
    show: (answer) =>
      showOne(screen, toPlain(schema, answer), () =>
        drawRows(screen, KEY_COLUMNS, answer.taskInstances),
      ),
    lines: ({ taskInstances }) => taskInstances.map(keyLine),
    count: ({ totalCount }) => totalCount,
    question: ({ totalCount }) => `Run these ${totalCount} task instances again?`,
    done: ({ totalCount }) => `Cleared: ${totalCount}. See them run: ${see}`,
    nothing: 'No task instance is like that: nothing was changed.',
  });
}
