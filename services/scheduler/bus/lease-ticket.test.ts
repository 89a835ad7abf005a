// Ringing: enough tickets, never too many, and again when nobody answers.
import { expect, test } from 'vitest';
import type { LeaseTicket } from '#gen/dagmesh/event/v1/lease_ticket_pb.ts';
import { FakeClock } from '#kernel/clock/fake-clock.ts';
import { aWorld } from '../testing/picture-world.ts';
import { createRinger } from './lease-ticket.ts';

function rung(tasksCount: number) {
  const tasks = Array.from({ length: tasksCount }, (_, at) => ({ taskId: `t${at}` }));
  const world = aWorld({ activeTasksMax: 10_000, tasks }, 10_000);
  world.run();
  const clock = new FakeClock();
  const tickets: LeaseTicket[] = [];
  const ringer = createRinger({
    engine: () => ({ picture: () => world.picture }),
    ownership: { schedulerId: () => 's' },
    bus: { publishTicket: async (_, ticket) => void tickets.push(ticket) },
    clock,
    reringMs: 5_000,
  });
  return { clock, tickets, ringer };
}

test('tickets are good for what is queued, and what is promised is not promised twice', async () => {
  const { ringer, tickets } = rung(30);
  await ringer.start();
  ringer.ring();
  expect(tickets.map(({ count }) => count)).toEqual([25, 5]);
});

test('no more than forty tickets of a queue are unanswered', async () => {
  const { ringer, tickets } = rung(1_100);
  await ringer.start();
  expect(tickets.length).toBe(40);
  ringer.used(tickets.slice(0, 1).map(({ ticketId }) => ticketId));
  ringer.ring();
  expect(tickets.length).toBe(41);
});

test('what nobody answers is rung again', async () => {
  const { clock, ringer, tickets } = rung(1);
  await ringer.start();
  await clock.advance(4_900);
  expect(tickets.length).toBe(1);
  await clock.advance(5_200);
  expect(tickets.length).toBeGreaterThan(1);
  await ringer.stop();
  expect(clock.waitingCount).toBe(0);
});
