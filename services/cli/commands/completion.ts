// `dagmesh completion`: let the shell complete commands and options.
import type { Command } from 'commander';
import { command, requiredAs } from '../command.ts';
import { parseChoice } from '../core/arguments.ts';
import { type CommandNode, completionScript } from '../core/completion-script.ts';

const SHELLS = new Map<string, 'bash' | 'zsh'>([
  ['bash', 'bash'],
  ['zsh', 'zsh'],
]);

export const completion = command({
  path: 'completion',
  summary: 'Print a script that lets the shell complete commands',
  args: { shell: requiredAs('<shell>', 'bash or zsh', parseChoice(SHELLS)) },
  examples: ['source <(dagmesh completion bash)', 'dagmesh completion zsh > ~/.dagmesh.zsh'],
  run: async ({ args, self }, { screen }) => {
    screen.print(completionScript(args.shell, nodesOf(self.parent ?? self, [])));
  },
});

/** The command and all below it. */
function nodesOf(command: Command, path: readonly string[]): CommandNode[] {
  const options = [...command.options, ...(command.parent?.options ?? [])];
  const words = [
    ...command.commands.map((child) => child.name()),
    ...options.map((option) => option.long ?? option.flags),
    '--help',
  ];
  const below = command.commands.flatMap((child) => nodesOf(child, [...path, child.name()]));
  return [{ path: path.join(' '), words: [...new Set(words)] }, ...below];
}
