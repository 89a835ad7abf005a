// Pools are never overdrawn, and nobody is refused for want of slots that are there.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Balance, type Claim, demandOf, grantSlots } from './grant-slots.ts';

const claim = (slots: number, taskInstanceId = 'a', pool = 'etl'): Claim => ({
  pool,
  slots,
  taskInstanceId,
});
const pools = (...balances: Balance[]) => new Map(balances.map((one) => [one.pool, one]));

describe('grantSlots', () => {
  test('slots given back in a commit serve the claims of that commit', () => {
    const grant = grantSlots(
      [claim(2, 'b'), claim(-2, 'a')],
      pools({ pool: 'etl', slots: 2, used: 2 }),
    );
    expect([...grant.refusedTaskInstanceIds]).toEqual([]);
    expect([...grant.moves]).toEqual([]);
  });

  test('a claim too large is refused, a later one that fits is granted', () => {
    const claims = [claim(3, 'large'), claim(1, 'small')];
    const grant = grantSlots(claims, pools({ pool: 'etl', slots: 4, used: 2 }));
    expect([...grant.refusedTaskInstanceIds]).toEqual(['large']);
    expect([...grant.moves]).toEqual([['etl', 1]]);
  });

  test('a pool that does not exist refuses', () => {
    expect([...grantSlots([claim(1)], pools()).refusedTaskInstanceIds]).toEqual(['a']);
  });

  test('an infinite pool grants everything', () => {
    const grant = grantSlots([claim(1_000_000)], pools({ pool: 'etl', slots: -1, used: 5 }));
    expect(grant.refusedTaskInstanceIds.size).toBe(0);
  });

  test('while more is used than a lowered limit allows, nothing is given out', () => {
    const grant = grantSlots(
      [claim(-1, 'a'), claim(1, 'b')],
      pools({ pool: 'etl', slots: 1, used: 5 }),
    );
    expect([...grant.refusedTaskInstanceIds]).toEqual(['b']);
    expect([...grant.moves]).toEqual([['etl', -1]]);
  });

  test('no pool ends beyond its limit, and every refusal was for want of slots', () => {
    const claims = fc.array(
      fc.record({
        pool: fc.constantFrom('x', 'y'),
        slots: fc.integer({ min: -3, max: 4 }).filter((slots) => slots !== 0),
        taskInstanceId: fc.uuid(),
      }),
    );
    const balance = (pool: string) =>
      fc
        .tuple(fc.integer({ min: 0, max: 6 }), fc.nat(6))
        .map(([slots, used]) => ({ pool, slots, used: Math.min(slots, used) }));
    fc.assert(
      fc.property(claims, balance('x'), balance('y'), (asked, x, y) => {
        const grant = grantSlots(asked, pools(x, y));
        for (const { pool, slots, used } of [x, y]) {
          const after = Math.max(0, used + (grant.moves.get(pool) ?? 0));
          expect(after).toBeLessThanOrEqual(slots);
          for (const one of asked.filter((each) => each.pool === pool && each.slots > 0)) {
            if (!grant.refusedTaskInstanceIds.has(one.taskInstanceId)) continue;
            expect(after + one.slots).toBeGreaterThan(slots);
          }
        }
      }),
    );
  });
});

describe('demandOf', () => {
  test('a commit that gives back what it asks for lets no pool grow', () => {
    expect(demandOf([claim(-1), claim(1)])).toEqual({ pools: ['etl'], asks: true, mayGrow: false });
  });

  test('one growing pool is enough, and pools come in the order of their names', () => {
    const claims = [claim(1, 'a', 'z'), claim(-1, 'b', 'a')];
    expect(demandOf(claims)).toEqual({ pools: ['a', 'z'], asks: true, mayGrow: true });
  });
});
