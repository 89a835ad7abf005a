// The command line as a whole: every RPC has a command, every command explains itself.
import { execFileSync } from 'node:child_process';
import type { DescMethod } from '@bufbuild/protobuf';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { publicMethods } from '../../tests/kit/public-methods.ts';
import { COMMANDS } from './commands.ts';
import { buildProgram } from './program.ts';
import { runCli } from './test-cli.ts';

/** All commands that do something, by their words. */
function leaves(command: Command, path: readonly string[] = []): [string, Command][] {
  if (command.commands.length === 0) return [[path.join(' '), command]];
  return command.commands.flatMap((child) => leaves(child, [...path, child.name()]));
}

/** What --help prints. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  return text;
}

const program = buildProgram(COMMANDS, async () => undefined);

describe('the command line', () => {
  test('has a command for every RPC of the public API', async () => {
    const name = (method: DescMethod) => `${method.parent.name}.${method.name}`;
    const called = new Set(COMMANDS.flatMap(({ calls }) => calls).map(name));
    expect([...called].sort()).toEqual((await publicMethods()).map(name).sort());
  });

  test('has each command once', () => {
    const paths = leaves(program).map(([path]) => path);
    expect(paths).toEqual(COMMANDS.map(({ path }) => path));
    expect(new Set(paths).size).toBe(paths.length);
  });

  test.each(leaves(program))(
    'explains "%s" with an example that begins like it',
    (path, command) => {
      const help = helpOf(command);
      expect(command.summary()).toMatch(/^[A-Z].*[^.]$/);
      expect(help).toContain(`Examples:\n  `);
      expect(help).toContain(`dagmesh ${path}`);
      expect(help).toContain('--output');
    },
  );

  test('tells its exit codes', () => {
    expect(helpOf(program)).toMatch(/Exit codes:\n +0 [^]*130 +interrupted/);
  });
});

describe('completion', () => {
  /** What bash offers after these words. */
  async function offered(words: string): Promise<string[]> {
    const { stdout: script } = await runCli(['completion', 'bash']);
    const list = words.split(' ');
    const typed = list.map((word) => `'${word}'`).join(' ');
    const state = `COMP_WORDS=(${typed}); COMP_CWORD=${list.length - 1}`;
    const probe = `${state}; _dagmesh; echo "\${COMPREPLY[@]}"`;
    return execFileSync('bash', ['-c', `${script}\n${probe}`], { encoding: 'utf8' })
      .trim()
      .split(' ');
  }

  test.each([
    ['dagmesh d', ['dags', 'dag-processor']],
    ['dagmesh dags p', ['pause']],
    ['dagmesh backfill ', ['create', 'list', 'show', 'pause', 'unpause', 'cancel']],
    ['dagmesh inputs respond etl latest ask --o', ['--option']],
    ['dagmesh auth token ', ['create', 'revoke']],
    ['dagmesh dags trigger etl --w', ['--wait']],
    ['dagmesh -o json runs ', ['list', 'show', 'wait', 'cancel']],
  ])('of "%s" offers what may come next', async (words, expected) => {
    expect(await offered(words)).toEqual(expect.arrayContaining(expected));
  });
});
