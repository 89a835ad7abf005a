// What every service is made of and how its program runs: the wiring that assemble gets, and the main that serves it.
import { type Bus, connectBus } from '../bus/bus.ts';
import { systemClock, type Clock } from '../clock/clock.ts';
import { type ConfigOf, type ConfigSpec, optionalText, readConfig, text, whole } from '../config/config.ts';
import { type Timing, timingConfig } from '../config/timing.ts';
import { messageOf } from '../errors/errors.ts';
import { composeParts, type Part, refuseToStart, runUntilSignalled } from '../lifecycle/lifecycle.ts';
import { createLog, type Log, type LogLevel } from '../log/log.ts';
import { createDial, type Dial } from '../rpc/client.ts';
import { type GrpcServer, type ServerLimits, startGrpcServer } from '../rpc/server.ts';
import type { RpcService } from '../rpc/service.ts';
import { startMetricsServer } from '../telemetry/metrics-server.ts';
import { createMetrics, type Metrics } from '../telemetry/metrics.ts';
