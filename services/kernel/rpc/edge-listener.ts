// Connect's handlers behind Node's HTTP servers; connect-node's adapter prints to the console.
import type { RequestListener } from 'node:http';
import { type ConnectRouter, createConnectRouter } from '@connectrpc/connect';
import {
  compressionBrotli,
  compressionGzip,
  universalRequestFromNodeRequest,
  universalResponseToNodeResponse,
} from '@connectrpc/connect-node';
import type { Log } from '../log/log.ts';

/** Answers requests whose path is one of the routes' RPCs; all others go to the fallback. */
export function createEdgeListener(options: {
  readonly routes: (router: ConnectRouter) => void;
  readonly receiveMaxBytes: number;
  readonly fallback: RequestListener;
  readonly log: Log;
}): RequestListener {
  const router = createConnectRouter({
    acceptCompression: [compressionGzip, compressionBrotli],
    readMaxBytes: options.receiveMaxBytes,
  });
  options.routes(router);
  const handlers = new Map(router.handlers.map((handler) => [handler.requestPath, handler]));

  return (request, response) => {
    const [path = ''] = (request.url ?? '').split('?', 1);
    const handler = handlers.get(path);
    if (handler === undefined) return options.fallback(request, response);
    handler(universalRequestFromNodeRequest(request, response, undefined, undefined))
      .then((answer) => universalResponseToNodeResponse(answer, response))
      .catch((error: unknown) => {
        // The handler has dealt with its own errors: what is left is a peer that went away while it
        // was being answered.
        options.log.debug({ rpc: path, err: error }, 'answer not delivered');
        response.destroy();
      });
  };
}
