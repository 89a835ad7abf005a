// Carries the logs of all attempts to the mesh on a stream of their own, again after each break until they are stored.
import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  type StreamLogsRequestSchema,
  WorkerService,
} from '../../gen/dagmesh/worker/v1/worker_service_pb.ts';
import { after, backoffMs, type Timer } from '../clock.ts';
import type { Stream, Wire } from '../session/wire.ts';
import { type WireError, wireError } from '../session/wire-error.ts';
import { AttemptLog, type LogLimits } from './attempt-log.ts';
