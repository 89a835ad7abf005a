// Runs the executor as a program of its own.
import { serveMain } from '#kernel/service/service.ts';
import { assembleExecutor } from './assemble.ts';
import { executorConfig } from './config.ts';

await serveMain({ name: 'executor', config: executorConfig, assemble: assembleExecutor });
