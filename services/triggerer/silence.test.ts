// Triggerers as real processes that die or stand still: their waits go on elsewhere.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toDuration } from '#kernel/clock/timestamp.ts';
import { repository } from '../../tests/kit/mesh.ts';
import { type Program, startProgram, tailOf } from '../../tests/kit/program.ts';
import { eventually } from '../../tests/kit/wait.ts';
import { clusterKey, startTestMesh, type TestMesh } from './testing/mesh.ts';
import type { TestScheduler, TestWait } from './testing/scheduler.ts';

const SILENCE_MS = 2_000;

let mesh: TestMesh;
let scheduler: TestScheduler;
let folder: string;
let programs: readonly [Program, Program];
beforeEach(async () => {
  mesh = await startTestMesh();
  scheduler = await mesh.addScheduler(SILENCE_MS);
  folder = mkdtempSync(join(tmpdir(), 'dagmesh-triggerers-'));
  programs = [startTriggerer('first'), startTriggerer('second')];
  await until(() => scheduler.attending.size === 2, 'both attend');
});
afterEach(async () => {
  for (const program of programs) {
    program.resume();
    await program.kill();
  }
  await mesh.stop();
  rmSync(folder, { recursive: true });
});

function startTriggerer(name: string): Program {
  return startProgram({
    name,
    command: process.execPath,
    args: [join(repository, 'services', 'triggerer', 'main.ts')],
    cwd: repository,
    logFile: join(folder, `${name}.log`),
    env: {
      PATH: process.env['PATH'] ?? '',
      DAGMESH_CLUSTER_KEY: clusterKey,
      DAGMESH_METADATA_ADDRESS: mesh.metadataAddress,
      DAGMESH_TRIGGERER_METRICS_PORT: '0',
    },
  });
}

const until = (condition: () => boolean, what: string) =>
  eventually(
    () => {
      scheduler.sweep();
      return condition();
    },
    { deadlineMs: 20_000, what: `${what}\n${programs?.map((each) => tailOf(each)).join('\n')}` },
  );

function timers(count: number, afterMs: number): readonly TestWait[] {
  const moment = { case: 'after' as const, value: toDuration(afterMs) };
  return Array.from({ length: count }, (_, index) => ({
    waitId: `wait-${index}`,
    trigger: { kind: { case: 'timer', value: { moment } } },
  }));
}

describe('the waits of a triggerer', () => {
  it('that is killed end at another', async () => {
    scheduler.add(...timers(200, 1_500));
    await programs[0].kill();
    await until(() => scheduler.ended.size === 200, 'all have ended');
    const reporters = scheduler.reports.filter(({ events }) => events.length > 0);
    expect(new Set(reporters.map(({ triggererId }) => triggererId)).size).toBe(1);
  });

  it('that stands still end at another, and it attends again when it goes on', async () => {
    scheduler.add(...timers(200, SILENCE_MS + 1_500));
    programs[0].pause();
    await until(() => scheduler.ended.size === 200, 'all have ended');
    programs[0].resume();
    scheduler.ended.clear();
    scheduler.add(...timers(2, 500));
    await until(() => scheduler.ended.size === 2, 'new ones have ended');
    await until(
      () => new Set(scheduler.reports.slice(-4).map(({ triggererId }) => triggererId)).size === 2,
      'both report',
    );
  });
});
