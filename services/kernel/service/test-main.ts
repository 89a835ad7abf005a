// A small service for tests of how programs run; it says on stdout what happens to it.
import { SchedulerService } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { whole } from '../config/config.ts';
import { fail } from '../errors/errors.ts';
import { type Handlers, rpcService } from '../rpc/service.ts';
import { serveMain } from './service.ts';
import { bindConfig } from './service-config.ts';

const config = {
  ...bindConfig('test', 7199),
  startMs: whole('TEST_START_MS', { default: 0, min: 0, max: 60_000, why: 'How long it starts.' }),
};

const say = (word: string) => process.stdout.write(`${word}\n`);

await serveMain({
  name: 'test',
  config,
  assemble: ({ startMs }, { clock }) => {
    const stopping = new AbortController();
    const explain = async () => ({ summary: 'at your service' });
    const refuse = () => {
      throw fail('method_not_found', 'not part of this test');
    };
    const names = SchedulerService.methods.map(({ localName }) => [localName, refuse]);
    const all = { ...Object.fromEntries(names), explain } as Handlers<typeof SchedulerService>;
    return {
      name: 'test',
      services: [rpcService(SchedulerService, all, { callers: ['api'] })],
      start: async () => {
        say('starting');
        await clock.sleep(startMs, stopping.signal);
        say('started');
      },
      stop: async () => {
        stopping.abort();
        say('stopped');
      },
    };
  },
});
