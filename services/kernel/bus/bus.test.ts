// The doorbell against a real nats-server that is killed, wiped and robbed of its streams.
import { create } from '@bufbuild/protobuf';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LeaseTicketSchema } from '#gen/dagmesh/event/v1/lease_ticket_pb.ts';
import { startNats, type TestNats } from '../../../tests/kit/nats.ts';
import { eventually } from '../../../tests/kit/wait.ts';
import { systemClock } from '../clock/clock.ts';
import { createLog } from '../log/log.ts';
import { type Bus, connectBus, type PulledTicket } from './bus.ts';
import { ensureStream, LEASE_STREAM } from './lease-stream.ts';

let nats: TestNats;
const buses: Bus[] = [];

beforeEach(async () => {
  nats = await startNats();
});
afterEach(async () => {
  for (const bus of buses.splice(0)) await bus.close();
  await nats.stop();
});

describe('the bus', () => {
  it('carries a ticket from a scheduler to an executor', async () => {
    const [scheduler, executor] = [await aBus(), await aBus()];
    const pulled = collect(executor, 'default', 1);
    await scheduler.publishTicket('default', aTicket('t1'));
    await eventually(() => pulled.ids().includes('t1'), soon('the ticket has come'));
  });

  it('keeps queues apart', async () => {
    const bus = await aBus();
    const python = collect(bus, 'python', 5);
    const bash = collect(bus, 'bash', 5);
    await bus.publishTicket('python', aTicket('t1'));
    await bus.publishTicket('bash', aTicket('t2'));
    await eventually(() => python.ids().length + bash.ids().length === 2, soon('both have come'));
    expect(python.ids()).toEqual(['t1']);
    expect(bash.ids()).toEqual(['t2']);
  });

  it('gives each ticket to one executor, as long as that one acknowledges it', async () => {
    const scheduler = await aBus();
    const executors = [await aBus(), await aBus(), await aBus()];
    const pulls = executors.map((bus) => collect(bus, 'default', 100, (ticket) => ticket.ack()));
    const sent = Array.from({ length: 60 }, (_, index) => `t${index}`);
    for (const id of sent) await scheduler.publishTicket('default', aTicket(id));
    const seen = () => pulls.flatMap((pull) => pull.ids());
    await eventually(() => seen().length >= sent.length, soon('all have come'));
    expect(seen().sort()).toEqual(sent.sort());
  });

  it('brings no more tickets than are wanted until one is settled', async () => {
    const bus = await aBus();
    const pulled = collect(bus, 'default', 2);
    for (const id of ['t1', 't2', 't3']) await bus.publishTicket('default', aTicket(id));
    await eventually(() => pulled.ids().length === 2, soon('two have come'));
    // Nothing can be waited for that must not happen; the round trip of another ticket stands for
    // "long enough".
    const other = collect(bus, 'other', 1);
    await bus.publishTicket('other', aTicket('t4'));
    await eventually(() => other.ids().length === 1, soon('another queue goes on'));
    expect(pulled.ids()).toHaveLength(2);
    pulled.tickets[0]?.ack();
    await eventually(() => pulled.ids().length === 3, soon('the third has come'));
  });

  it('hands a ticket that cannot be used to another executor at once', async () => {
    const [first, second] = [await aBus(), await aBus()];
    const pulled = collect(first, 'default', 1);
    await first.publishTicket('default', aTicket('t1'));
    await eventually(() => pulled.ids().length === 1, soon('the first has it'));
    const other = collect(second, 'default', 1);
    pulled.pull.want(0);
    pulled.tickets[0]?.nak();
    await eventually(() => other.ids().includes('t1'), {
      deadlineMs: 60_000,
      what: 'the second has it',
    });
  });

  it('pauses while nothing is wanted', async () => {
    const bus = await aBus();
    const pulled = collect(bus, 'default', 0);
    await bus.publishTicket('default', aTicket('t1'));
    const other = collect(bus, 'other', 1);
    await bus.publishTicket('other', aTicket('t2'));
    await eventually(() => other.ids().length === 1, soon('another queue goes on'));
    expect(pulled.ids()).toEqual([]);
    pulled.pull.want(1);
    await eventually(() => pulled.ids().includes('t1'), soon('the ticket has come'));
  });

  it('is silent without a url: publishing and pulling do nothing', async () => {
    const bus = await connectBus({ log: createLog('test', 'silent'), clock: systemClock });
    buses.push(bus);
    const pulled = collect(bus, 'default', 1);
    await bus.publishTicket('default', aTicket('t1'));
    expect(bus.connected()).toBe(false);
    expect(pulled.ids()).toEqual([]);
  });
});

describe('a bus whose server', () => {
  it('is away at the start connects once it is there', async () => {
    await nats.kill();
    const bus = await openBus();
    const changes: boolean[] = [];
    bus.onConnection((connected) => changes.push(connected));
    await bus.publishTicket('default', aTicket('lost'));
    expect(bus.connected()).toBe(false);
    await nats.restart();
    await eventually(() => bus.connected(), soon('it is connected'));
    expect(changes).toEqual([true]);
    const pulled = collect(bus, 'default', 1);
    await bus.publishTicket('default', aTicket('t1'));
    await eventually(() => pulled.ids().includes('t1'), soon('the ticket has come'));
  });

  it('is killed and replaced by an empty one goes on with the next ticket', async () => {
    const [scheduler, executor] = [await aBus(), await aBus()];
    const pulled = collect(executor, 'default', 10);
    await scheduler.publishTicket('default', aTicket('t1'));
    await eventually(() => pulled.ids().includes('t1'), soon('the first has come'));
    await nats.kill();
    await eventually(() => !scheduler.connected() && !executor.connected(), soon('both know'));
    await nats.restart({ wipe: true });
    await eventually(() => scheduler.connected() && executor.connected(), soon('both are back'));
    await scheduler.publishTicket('default', aTicket('t2'));
    await eventually(() => pulled.ids().includes('t2'), soon('the second has come'));
  });

  it('loses its stream while tickets are pulled goes on with tickets rung later', async () => {
    const bus = await aBus();
    const pulled = collect(bus, 'default', 10);
    await bus.publishTicket('default', aTicket('t1'));
    await eventually(() => pulled.ids().includes('t1'), soon('the first has come'));
    await operate(async (api) => void (await api.streams.delete(LEASE_STREAM)));
    await ringUntil(bus, pulled, 't2');
  });

  it('loses its consumer while tickets are pulled brings the tickets that wait', async () => {
    const bus = await aBus();
    const pulled = collect(bus, 'default', 10);
    await bus.publishTicket('default', aTicket('t1'));
    await eventually(() => pulled.ids().includes('t1'), soon('the first has come'));
    await operate(async (api) => void (await api.consumers.delete(LEASE_STREAM, 'lease_default')));
    await bus.publishTicket('default', aTicket('t2'));
    await eventually(() => pulled.ids().includes('t2'), soon('the second has come'));
  });

  it('has a stream with other limits takes ours', async () => {
    await operate(async (api) => {
      await api.streams.add({
        name: LEASE_STREAM,
        subjects: ['lease.>'],
        retention: 'workqueue',
        storage: 'memory',
        max_msgs: 5,
      });
    });
    await aBus();
    await operate(async (api) => {
      const { config } = await api.streams.info(LEASE_STREAM);
      expect(config.max_msgs).toBeGreaterThan(1_000);
    });
  });

  it('is sent something that is no ticket goes on with the next', async () => {
    const bus = await aBus();
    const pulled = collect(bus, 'default', 10);
    const connection = await connect({ servers: hostOf(nats.url), token: 'test' });
    connection.publish('lease.default', new Uint8Array([0xff, 0xff]));
    await connection.drain();
    await bus.publishTicket('default', aTicket('t1'));
    await eventually(() => pulled.ids().includes('t1'), soon('the ticket has come'));
    expect(pulled.ids()).toEqual(['t1']);
  });
});

async function openBus(): Promise<Bus> {
  const log = createLog('test', 'silent');
  const bus = await connectBus({ url: nats.url, log, clock: systemClock });
  buses.push(bus);
  return bus;
}

async function aBus(): Promise<Bus> {
  const bus = await openBus();
  await eventually(() => bus.connected(), soon('the bus is connected'));
  return bus;
}

function collect(
  bus: Bus,
  queue: string,
  want: number,
  onTicket: (ticket: PulledTicket) => void = () => undefined,
) {
  const tickets: PulledTicket[] = [];
  const pull = bus.pullTickets(queue, (ticket) => {
    tickets.push(ticket);
    onTicket(ticket);
  });
  pull.want(want);
  return { tickets, pull, ids: () => tickets.map(({ ticket }) => ticket.ticketId) };
}

/** As a scheduler does: rings until somebody has heard it. */
async function ringUntil(bus: Bus, pulled: ReturnType<typeof collect>, id: string) {
  await eventually(
    async () => {
      if (pulled.ids().includes(id)) return true;
      await bus.publishTicket('default', aTicket(id));
      return false;
    },
    { ...soon('it was heard'), pollMs: 100 },
  );
}

async function operate(run: (api: Awaited<ReturnType<typeof ensureStream>>) => Promise<void>) {
  const connection = await connect({ servers: hostOf(nats.url), token: 'test' });
  await run(await jetstreamManager(connection));
  await connection.close();
}

function hostOf(url: string): string {
  return new URL(url).host;
}

function aTicket(ticketId: string) {
  return create(LeaseTicketSchema, { ticketId, schedulerId: 's1', count: 5 });
}

function soon(what: string) {
  return { deadlineMs: 60_000, what };
}
