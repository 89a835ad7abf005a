// The worker: leases in, attempts in children, outcomes and logs out.
import type { Lease } from '../gen/dagmesh/worker/v1/attempt_pb.ts';
import { CancelMode, CancelStep, type Cancel } from '../gen/dagmesh/worker/v1/worker_service_pb.ts';
