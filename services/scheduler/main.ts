// Runs the scheduler as a program of its own.
import { serveMain } from '#kernel/service/service.ts';
import { assembleScheduler } from './assemble.ts';
import { schedulerConfig } from './config.ts';

await serveMain({ name: 'scheduler', config: schedulerConfig, assemble: assembleScheduler });
