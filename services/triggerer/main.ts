// Runs the triggerer as a program of its own.
import { serveMain } from '#kernel/service/service.ts';
import { assembleTriggerer } from './assemble.ts';
import { triggererConfig } from './config.ts';

await serveMain({ name: 'triggerer', config: triggererConfig, assemble: assembleTriggerer });
