// What an operator is told about settings that are wrong, and what nobody is told.
import { expect, test } from 'vitest';
import { readConfig } from '#kernel/config/config.ts';
import { dagProcessorConfig } from './config.ts';

const bundle = { name: 'team', kind: 'git', url: 'https://me:hunter2@example.org/x.git' };
const read = (env: Readonly<Record<string, string>>) => readConfig(dagProcessorConfig, env);

test('a list of bundles that is wrong is told with its cause, without the passwords in it', () => {
  const list = JSON.stringify([{ ...bundle, branch: 'main' }]);
  const cause = /DAGMESH_DAG_BUNDLES bundle 1 has an unknown key "branch"/;
  expect(() => read({ DAGMESH_DAG_BUNDLES: list })).toThrow(cause);
  expect(() => read({ DAGMESH_DAG_BUNDLES: list })).toThrow(/^(?!.*hunter2)/s);
  expect(dagProcessorConfig.bundles.secret).toBe(true);
});

test('ignore files are globs or expressions', () => {
  expect(read({ DAGMESH_DAG_IGNORE_SYNTAX: 'regexp' }).ignoreSyntax).toBe('regexp');
  expect(read({}).ignoreSyntax).toBe('glob');
  expect(() => read({ DAGMESH_DAG_IGNORE_SYNTAX: 'regex' })).toThrow('it must be glob or regexp');
});
