// `dagmesh tasks logs`: what a task wrote, as it writes it if asked to.
import { TaskInstanceService } from '#gen/dagmesh/api/v1/task_instance_service_pb.ts';
import { command, flag, parsed } from '../../command.ts';
import type { Context } from '../../context.ts';
import { parseWhole } from '../../core/arguments.ts';
import { collectLines, rawLine, readableLine } from '../../core/log-lines.ts';
import { patiently } from '../../patience.ts';
import { resolveRunId } from '../runs/latest.ts';
import { taskName, taskState } from './columns.ts';
import { mapIndexOption, targetArguments } from './target.ts';

export const readLogs = command({
  path: 'tasks logs',
  summary: 'Show the log of a task',
  about: 'With -o json: the lines as they are stored, one JSON object a line.',
  calls: [TaskInstanceService.method.readTaskLog, TaskInstanceService.method.getTaskInstance],
  args: targetArguments,
  options: {
    follow: flag('-f, --follow', 'wait for the task and go on until this try has ended'),
    tryNumber: parsed(
      '--try <number>',
      'which try, from 1; default the latest',
      parseWhole({ min: 1, max: 1_000_000 }),
    ),
    mapIndex: mapIndexOption,
  },
  examples: [
    'dagmesh tasks logs seattle_weather latest validate',
    'dagmesh tasks logs seattle_weather latest validate -f',
    'dagmesh tasks logs seattle_weather latest validate --try 1 -o json',
  ],
  run: async ({ args, options }, context) => {
    const { api, screen } = context;
    const { follow, mapIndex, tryNumber = 0 } = options;
    const target = { ...args, runId: await resolveRunId(api, args), mapIndex };
    const linesCount = await printLog(context, { ...target, tryNumber, follow });
    if (linesCount === 0) screen.say('The log is empty.');
    if (!follow) return;
    const { taskInstance } = await api.tasks.getTaskInstance(target);
    if (taskInstance !== undefined) {
      screen.say(`${taskName(taskInstance)} is ${taskState(taskInstance)}.`);
    }
  },
});

type LogRequest = Parameters<Context['api']['tasks']['readTaskLog']>[0];

/** Prints the log and answers the number of lines; goes on where it was when the stream breaks. */
async function printLog(context: Context, request: LogRequest): Promise<number> {
  const { api, screen, signal } = context;
  const collector = collectLines();
  let offset = 0n;
  let linesCount = 0;
  const print = (lines: readonly string[]): void => {
    for (const line of lines) {
      screen.print(screen.format === 'json' ? rawLine(line) : readableLine(line, screen.paint));
    }
    linesCount += lines.length;
  };
  await patiently(context, async () => {
    for await (const piece of api.tasks.readTaskLog({ ...request, offset }, { signal })) {
      print(collector.add(piece.content));
      offset = piece.offset + BigInt(piece.content.length);
    }
  });
  print(collector.end());
  return linesCount;
}
