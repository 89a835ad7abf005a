// Makes the calls of running tasks: adds the attempt's token, which no child sees, and tries again
// where nobody answered.
import { type DescMethod, fromJson, toJson } from '@bufbuild/protobuf';
import { WorkerService } from '../../gen/dagmesh/worker/v1/worker_service_pb.ts';
import { backoffMs, monotonicMs, sleep } from '../clock.ts';
import type { CallAnswer, CallMethod, CallRequest } from '../ipc.ts';
import type { Wire } from '../session/wire.ts';
import { WireError } from '../session/wire-error.ts';

const CALL_TIMEOUT_MS = 10_000;
const DEADLINE_MS = 30_000;
const BACKOFF = { firstMs: 100, maxMs: 2_000 };

const METHODS: Readonly<Record<CallMethod, DescMethod>> = {
  getConnection: WorkerService.method.getConnection,
  getVariable: WorkerService.method.getVariable,
  setVariable: WorkerService.method.setVariable,
  deleteVariable: WorkerService.method.deleteVariable,
  pushXCom: WorkerService.method.pushXCom,
  pullXCom: WorkerService.method.pullXCom,
  listXComs: WorkerService.method.listXComs,
  deleteXCom: WorkerService.method.deleteXCom,
  getTaskStates: WorkerService.method.getTaskStates,
  triggerDagRun: WorkerService.method.triggerDagRun,
  listAssetEvents: WorkerService.method.listAssetEvents,
  getState: WorkerService.method.getState,
  setState: WorkerService.method.setState,
  deleteState: WorkerService.method.deleteState,
};

/** What a call is made with; both may change while it is tried again. */
export type CallParts = {
  readonly wire: () => Wire | undefined;
  readonly token: () => string;
  /** The attempt is not this worker's any more. */
  readonly stale: () => void;
};

/**
 * The answer to a task's call. Every method may be repeated: the attempt and its arguments identify
 * it.
 */
export async function answerCall(request: CallRequest, parts: CallParts): Promise<CallAnswer> {
  const giveUpAtMs = monotonicMs() + DEADLINE_MS;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await callOnce(request, parts);
    } catch (error) {
      const refusal = error instanceof WireError ? error : undefined;
      if (refusal?.reason === 'stale_attempt') parts.stale();
      const isLast = refusal?.isRetryable !== true || monotonicMs() > giveUpAtMs;
      if (isLast) {
        const message = error instanceof Error ? error.message : String(error);
        return { kind: 'refused', code: refusal?.code ?? 'invalid_argument', message };
      }
      await sleep(backoffMs(attempt, BACKOFF));
    }
  }
}

async function callOnce({ method, input }: CallRequest, parts: CallParts): Promise<CallAnswer> {
  const wire = parts.wire();
  if (wire === undefined) {
    throw new WireError('unavailable', undefined, 'the worker has no connection to the mesh now');
  }
  const descriptor = METHODS[method];
  const fields = { ...input, attemptToken: parts.token() };
  const message = fromJson(descriptor.input, JSON.parse(JSON.stringify(fields)));
  const response = await wire.call(descriptor, message, { timeoutMs: CALL_TIMEOUT_MS });
  return {
    kind: 'ok',
    output: toJson(descriptor.output, response) as Extract<CallAnswer, { kind: 'ok' }>['output'],
  };
}
