// Runs the dag-processor as a program of its own.
import { serveMain } from '#kernel/service/service.ts';
import { assembleDagProcessor } from './assemble.ts';
import { dagProcessorConfig } from './config.ts';

await serveMain({
  name: 'dag-processor',
  config: dagProcessorConfig,
  assemble: assembleDagProcessor,
});
