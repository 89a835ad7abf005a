// One event, one line; secrets and the insides of errors stay out of it.
import { describe, expect, it } from 'vitest';
import { fail } from '../errors/errors.ts';
import { createLog } from './log.ts';

describe('a log line', () => {
  it('has level, time, service, message, and the facts of the log it is a child of', () => {
    const { log, lines } = aLog();
    log.child({ partition: 7 }).info({ run_id: 'r1' }, 'run started');
    expect(lines()).toEqual([
      expect.objectContaining({
        level: 'info',
        service: 'scheduler',
        message: 'run started',
        partition: 7,
        run_id: 'r1',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      }),
    ]);
  });

  it('shows no secret, at the top and one level down', () => {
    const { log, lines } = aLog();
    log.info({ token: 'hunter2', connection: { password: 'hunter2' } }, 'connected');
    expect(JSON.stringify(lines())).not.toContain('hunter2');
  });

  it('says of an error its name, sentence, reason and causes, and nothing that hangs on it', () => {
    const { log, lines } = aLog();
    const cause = Object.assign(new Error('deadlock'), { code: '40P01', parameters: ['hunter2'] });
    log.error({ err: fail('database_unavailable', 'retry', { cause }) }, 'commit failed');
    expect(lines()[0]).toMatchObject({
      err: { reason: 'database_unavailable', cause: { message: 'deadlock', code: '40P01' } },
    });
    expect(JSON.stringify(lines()).length).toBeLessThan(5_000);
    expect(JSON.stringify(lines())).not.toContain('hunter2');
  });

  it('is not written below the level', () => {
    const { log, lines } = aLog();
    log.debug({}, 'detail');
    expect(lines()).toEqual([]);
  });
});

function aLog() {
  const written: string[] = [];
  const log = createLog('scheduler', 'info', (line) => written.push(line));
  return { log, lines: () => written.map((line): unknown => JSON.parse(line)) };
}
