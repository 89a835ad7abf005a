// What is generated is what the contracts say, made by the versions that run it.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filesIn, readTree } from './generated.ts';
import { repository } from './source.ts';

let fresh: string;
beforeAll(() => {
  fresh = mkdtempSync(join(tmpdir(), 'dagmesh-gen-'));
});
afterAll(() => rmSync(fresh, { recursive: true, force: true }));

describe('the generated code', () => {
  it.each([
    ['of the services', 'buf.gen.yaml', 'services/gen'],
    ['of the TypeScript SDK', 'buf.gen.sdk.yaml', 'sdk/typescript/src/gen'],
  ])('%s is what the contracts say now (else: npm run gen)', (_whose, template, folder) => {
    const path = [join(repository, 'node_modules', '.bin'), process.env.PATH].join(':');
    execFileSync('buf', ['generate', '--template', template, '-o', fresh], {
      cwd: repository,
      env: { ...process.env, PATH: path },
    });
    const [committed, made] = [readTree(join(repository, folder)), readTree(join(fresh, folder))];
    expect([...committed.keys()]).toEqual([...made.keys()]);
    const stale = [...made].filter(([file, text]) => committed.get(file) !== text);
    expect(stale.map(([file]) => file)).toEqual([]);
  });

  it('was made for every contract of ours', () => {
    const contracts = filesIn(join(repository, 'proto'), '.proto');
    const generated = new Set(filesIn(join(repository, 'services/gen'), '_pb.ts'));
    const missing = contracts
      .map((file) => file.replace(/^third_party\//, '').replace(/\.proto$/, '_pb.ts'))
      .filter((file) => !generated.has(file));
    expect(missing).toEqual([]);
  });
});

describe('the versions', () => {
  it('of the generator and of what runs its code are one', () => {
    expect(versionOf('@bufbuild/protoc-gen-es')).toBe(versionOf('@bufbuild/protobuf'));
  });

  it('of Node is 24.11 or later: an older one would install other packages without a word', () => {
    const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
    expect(major * 1_000 + minor).toBeGreaterThanOrEqual(24_011);
  });
});

function versionOf(name: string): string {
  const file = join(repository, 'node_modules', name, 'package.json');
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string };
  return version;
}
