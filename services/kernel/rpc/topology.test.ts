// Finding the owner of a DAG while owners change and the metadata service comes and goes.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../../tests/kit/wait.ts';
import { PartitionService } from '#gen/dagmesh/metadata/v1/partition_service_pb.ts';
import { systemClock } from '../clock/clock.ts';
import { fail, reasonOf } from '../errors/errors.ts';
import { createLog } from '../log/log.ts';
import { partitionOf } from '../partition/partition.ts';
import { createDial } from './client.ts';
import { createLocalMesh, type LocalMesh } from './local.ts';
import { createMessageQueue, type MessageQueue } from './message-queue.ts';
import { aQuestion, clusterKey, failureOf, partitions, scheduler, soon } from './test-doors.ts';
import { type Topology, watchTopology } from './topology.ts';

const OWN = partitionOf('etl');

type MapInit = Parameters<MessageQueue<ReturnType<typeof aMapOf>>['push']>[0];

let local: LocalMesh;
let maps: MessageQueue<MapInit>;
let topology: Topology;
let watch: AbortController;

beforeEach(() => {
  local = createLocalMesh();
  watch = new AbortController();
  openMetadata();
  for (const name of ['s1', 's2']) {
    local.mount(name, [scheduler({ explain: async () => ({ summary: name }) })]);
  }
  const dial = createDial({ caller: 'api', clusterKey, local });
  topology = watchTopology({
    partitions: dial(PartitionService, 'local:metadata'),
    dial,
    clock: systemClock,
    log: createLog('test', 'silent'),
    signal: watch.signal,
  });
});
afterEach(() => watch.abort());

describe('the map', () => {
  it('names the owner of each partition and everybody who lives', async () => {
    maps.push(aMapOf('s1'));
    await topology.ready();
    expect(topology.schedulerOf(OWN)?.id).toBe('s1');
    expect(topology.schedulerOf((OWN + 1) % 256)).toBeUndefined();
    expect(topology.schedulers().map(({ id }) => id)).toEqual(['s1']);
    expect(topology.executors().map(({ address }) => address)).toEqual(['local:e1']);
  });

  it('tells of each change until told not to, and keeps the client of who stays', async () => {
    let changesCount = 0;
    const forget = topology.onChange(() => (changesCount += 1));
    maps.push(aMapOf('s1'));
    await eventually(() => changesCount === 1, soon('the first map has come'));
    const client = topology.schedulerOf(OWN)?.client;
    maps.push(aMapOf('s1'));
    await eventually(() => changesCount === 2, soon('the second map has come'));
    expect(topology.schedulerOf(OWN)?.client).toBe(client);
    forget();
    maps.push(aMapOf('s2'));
    await eventually(() => topology.schedulerOf(OWN)?.id === 's2', soon('the third map has come'));
    expect(changesCount).toBe(2);
  });

  it('stays while metadata is away, and is followed again once it is back', async () => {
    maps.push(aMapOf('s1'));
    await topology.ready();
    local.unmount('metadata');
    maps.end(fail('shutting_down', 'going'));
    expect(topology.schedulerOf(OWN)?.id).toBe('s1');
    openMetadata();
    maps.push(aMapOf('s2'));
    await eventually(() => topology.schedulerOf(OWN)?.id === 's2', soon('the new map has come'));
  });

  it('is not waited for any longer when the watch ends', async () => {
    const waiting = topology.ready();
    watch.abort(new Error('stopping'));
    await expect(waiting).rejects.toThrow('stopping');
  });
});

describe('a call to the owner of a DAG', () => {
  const explain = () =>
    topology.callOwner('etl', (client, call) => client.explain(aQuestion, call));

  it('reaches it', async () => {
    maps.push(aMapOf('s1'));
    expect((await explain()).summary).toBe('s1');
  });

  it('waits until somebody owns it', async () => {
    maps.push(aMapOf(undefined));
    await topology.ready();
    const answer = explain();
    maps.push(aMapOf('s2'));
    expect((await answer).summary).toBe('s2');
  });

  it('goes to the next owner when the first is none any more', async () => {
    const notOwner = async () => {
      maps.push(aMapOf('s2'));
      throw fail('not_owner', 'not mine');
    };
    local.mount('s1', [scheduler({ explain: notOwner })]);
    maps.push(aMapOf('s1'));
    await topology.ready();
    expect((await explain()).summary).toBe('s2');
  });

  it('goes to the next owner when the first is gone', async () => {
    maps.push(aMapOf('s1'));
    await topology.ready();
    local.unmount('s1');
    const answer = explain();
    maps.push(aMapOf('s2'));
    expect((await answer).summary).toBe('s2');
  });

  it('is not repeated after an answer that no retry mends', async () => {
    let callsCount = 0;
    const refuse = async () => {
      callsCount += 1;
      throw fail('run_not_found', 'there is no such run');
    };
    local.mount('s1', [scheduler({ explain: refuse })]);
    maps.push(aMapOf('s1'));
    await topology.ready();
    expect(reasonOf(await failureOf(explain()))).toBe('run_not_found');
    expect(callsCount).toBe(1);
  });

  it('ends at its deadline with the reason why nobody answered', async () => {
    const call = topology.callOwner('etl', (client) => client.explain(aQuestion), {
      deadlineMs: 50,
    });
    expect(reasonOf(await failureOf(call))).toBe('taking_over');
  });
});

/** A metadata service whose watch streams what is pushed to `maps`. */
function openMetadata(): void {
  const queue = createMessageQueue<MapInit>({ messagesMax: 10 });
  maps = queue;
  const service = partitions(async function* () {
    yield* queue;
  });
  local.mount('metadata', [service]);
}

function aMapOf(owner: string | undefined) {
  const schedulers =
    owner === undefined
      ? []
      : [
          {
            schedulerId: owner,
            address: `local:${owner}`,
            partitions: [{ partition: OWN, epoch: 1n }],
          },
        ];
  return { schedulers, executors: [{ executorId: 'e1', address: 'local:e1' }] };
}
