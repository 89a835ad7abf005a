// For tests: a web site whose answers a test changes.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A site that is up. */
export type TestSite = {
  readonly url: string;
  /** By path; 404 for others. */
  readonly answers: Map<string, { readonly status: number; readonly body: string }>;
  readonly asked: { readonly method: string; readonly body: string; readonly accept: string }[];
  stop(): Promise<void>;
};

/** Starts it on a free port; it answers 404 until told otherwise. */
export async function startTestSite(): Promise<TestSite> {
  const answers: TestSite['answers'] = new Map();
  const asked: TestSite['asked'] = [];
  const server: Server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const { method = '', headers, url = '' } = request;
      asked.push({ method, body, accept: headers.accept ?? '' });
      const answer = answers.get(url) ?? { status: 404, body: '' };
      response.writeHead(answer.status).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answers,
    asked,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
