// Builds the triggerer: what triggers share, the kinds of triggers, and the way to the schedulers.
import { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { PartitionService } from '#gen/dagmesh/metadata/v1/partition_service_pb.ts';
import { uuidV7 } from '#kernel/clock/random.ts';
import { composeParts, type Part } from '#kernel/lifecycle/lifecycle.ts';
import type { Service, Wiring } from '#kernel/service/service.ts';
import { Alarms } from './alarms.ts';
import type { TriggererConfig } from './config.ts';
import { createEvents, type TriggererEvents } from './events.ts';
import { lookAtFiles } from './files/look-at-files.ts';
import { createUrlAsker } from './http/ask-url.ts';
import { createHostRule } from './http/host-rule.ts';
import { createLagWatcher } from './loops/lag-watcher.ts';
import { createMeshFollower } from './loops/mesh-follower.ts';
import { Outbox } from './outbox.ts';
import { withDeadline } from './polls/deadline.ts';
import { Polls } from './polls/polls.ts';
import { createTurnstile } from './polls/turnstile.ts';
import { askAssetEvents, assetTrigger } from './triggers/asset.ts';
import { askStates, externalTaskTrigger } from './triggers/external-task.ts';
import { fileTrigger } from './triggers/file.ts';
import { httpTrigger } from './triggers/http.ts';
import { timerTrigger } from './triggers/timer.ts';
import { createStartTrigger, type Triggers } from './triggers/trigger.ts';
import { Waits } from './waits.ts';

/** Questions to metadata under way at once. */
const LEDGER_CALLS_MAX = 8;

/**
 * Looks at files under way at once. Each may hold one of Node's four threads for as long as a
 * storage does not answer; the others go on finding the addresses of hosts.
 */
const LOOKS_MAX = 2;

/** Deadline of one look at files. */
const LOOK_TIMEOUT_MS = 30_000;

/** The service; `start` waits for no other service, all of them may come later. */
export function assembleTriggerer(config: TriggererConfig, wiring: Wiring): Service {
  const { clock, dial, log, metrics } = wiring;
  const events = createEvents(log, metrics);
  const { triggers, close } = createTriggers(config, wiring, events);
  const outbox = new Outbox();
  const startTrigger = createStartTrigger(triggers);
  const waits = new Waits({ startTrigger, outbox, clock, events });
  const follower = createMeshFollower({
    ...wiring,
    triggererId: `triggerer-${uuidV7(clock.nowMs())}`,
    capacity: config.capacity,
    partitions: dial(PartitionService, config.metadataAddress),
    waits,
    outbox,
    events,
  });
  const world: Part = { name: 'world', start: async () => undefined, stop: async () => close() };
  const lagWatcher = createLagWatcher({ clock, events });
  return { ...composeParts('triggerer', [world, lagWatcher, follower]), services: [] };
}

function createTriggers(
  config: TriggererConfig,
  { clock, dial }: Wiring,
  events: TriggererEvents,
): { readonly triggers: Triggers; readonly close: () => void } {
  const ledger = dial(LedgerService, config.metadataAddress);
  const onError = events.alarmFailed;
  const timers = new Alarms({ clock, time: 'wall', onError });
  const alarms = new Alarms({ clock, time: 'elapsed', onError });
  const urls = createUrlAsker({
    hostRule: createHostRule(config.httpAllow),
    deadline: { clock, timeoutMs: config.httpTimeoutMs },
  });
  const shared = { alarms, events };
  const requests = createTurnstile({
    allMax: config.httpRequestsMax,
    laneMax: config.httpRequestsPerHostMax,
  });
  const looks = createTurnstile({ allMax: LOOKS_MAX, laneMax: LOOKS_MAX });
  const calls = createTurnstile({ allMax: LEDGER_CALLS_MAX, laneMax: LEDGER_CALLS_MAX });
  const states = { ...shared, turnstile: calls, ask: askStates(ledger) };
  const updates = { ...shared, turnstile: calls, ask: askAssetEvents(ledger) };
  return {
    triggers: {
      timer: timerTrigger({ alarms: timers, events }),
      http: httpTrigger(
        new Polls({
          ...shared,
          kind: 'http',
          turnstile: requests,
          ask: ([question], signal) => urls.ask(question, signal),
        }),
      ),
      file: fileTrigger(
        new Polls({
          ...shared,
          kind: 'file',
          turnstile: looks,
          ask: ([path], signal) =>
            withDeadline({ clock, timeoutMs: LOOK_TIMEOUT_MS }, signal, (limit) =>
              lookAtFiles(path, limit),
            ),
        }),
      ),
      externalTask: externalTaskTrigger(new Polls({ ...states, kind: 'externalTask' })),
      asset: assetTrigger(new Polls({ ...updates, kind: 'asset' })),
    },
    close: () => {
      timers.clear();
      alarms.clear();
      urls.close();
    },
  };
}
