// Runs the api over the network until it is signalled.
import { serveMain } from '#kernel/service/service.ts';
import { assembleApi } from './assemble.ts';
import { apiConfig } from './config.ts';

await serveMain({ name: 'api', config: apiConfig, assemble: assembleApi });
