// What a newcomer reads once everything runs: where to look, how to sign in, what to try.
import { relative } from 'node:path';
import type { Home } from './home.ts';
import type { Doors } from './standalone.ts';

/**
 * The lines, ready for the terminal. The token itself is shown at the start that made it, and never
 * again.
 */
export function welcome(doors: Doors, home: Home): string {
  const tokenFile = relative(process.cwd(), home.adminToken);
  const token = doors.isNewToken
    ? `${doors.adminToken}  (shown once; kept in ${tokenFile})`
    : `in ${tokenFile}`;
  const rows = [
    ['API', `${doors.apiUrl}  (gRPC, gRPC-Web, Connect-JSON)`],
    ['token', token],
    ['metrics', doors.metricsUrl],
    ['workers', doors.languages.join(', ') || 'none'],
    ['logs', relative(process.cwd(), home.serviceLog)],
    ['try', 'npx dagmesh dags list'],
    ['', 'npx dagmesh runs list seattle_weather_daily'],
    ['', 'npx dagmesh --help'],
    ['stop', 'Ctrl-C'],
  ];
  const lines = rows.map(([name = '', text]) => `  ${name.padEnd(9)}${text}`);
  return `\nDagMesh is up.\n${lines.join('\n')}\n\n`;
}
