// Who may import whom: walls between services, doorkeepers of libraries, the one direction.
import { builtinModules } from 'node:module';
import type { Rule, Violation } from '../rule.ts';
import { importsOf, type Source, targetOf } from '../source.ts';

/** Rooms that belong to nobody, so that everybody may enter. */
const COMMON_ROOMS = new Set(['gen', 'kernel']);

/** Packages and the only places that may import them; replacing one is that place's work alone. */
const DOORKEEPERS: readonly (readonly [string, readonly string[]])[] = [
  ['@grpc/grpc-js', ['services/kernel/rpc/']],
  ['@connectrpc/', ['services/kernel/rpc/', 'services/kernel/errors/']],
  ['@bufbuild/protovalidate', ['services/kernel/contract/']],
  ['@nats-io/', ['services/kernel/bus/']],
  ['pino', ['services/kernel/log/']],
  ['prom-client', ['services/kernel/telemetry/']],
  ['cron-parser', ['services/kernel/timetable/']],
  ['temporal-polyfill', ['services/kernel/timetable/']],
  [
    'pg',
    ['services/metadata/ledger/', 'services/metadata/migrations/', 'services/metadata/query/'],
  ],
  ['typeorm', ['services/metadata/catalog/', 'services/metadata/migrations/']],
  ['commander', ['services/cli/']],
];

/** Inside a service, imports run from later floors to earlier ones. */
const FLOORS: readonly (readonly [RegExp, number])[] = [
  [/^core\//, 1],
  [/^(ledger|catalog)\//, 2],
  [/^(rpc|bus|loops)\//, 3],
  [/^assemble\.ts$/, 4],
  [/^main\.ts$/, 5],
];

/** The road between services is a contract. Only the standalone is made of all of them. */
export const servicesStandApart: Rule = {
  name: 'no service imports another',
  check: eachImport(({ source, target }) => {
    const [from, to] = [serviceOf(source.path), serviceOf(target)];
    if (from === undefined || to === undefined || from === to) return undefined;
    if (COMMON_ROOMS.has(to)) return undefined;
    if (from === 'standalone') return undefined;
    return `${from} imports ${to}; speak to it through its contract`;
  }),
};

/** SDKs are what users install: they bring nothing of the services with them. */
export const sdksStandAlone: Rule = {
  name: 'an SDK imports nothing of the services',
  check: eachImport(({ source, target }) =>
    source.path.startsWith('sdk/') && !target.startsWith('sdk/')
      ? `an SDK imports ${target}; it must stand alone`
      : undefined,
  ),
};

/** Each foreign library has one room that speaks to it. */
export const librariesHaveDoorkeepers: Rule = {
  name: 'a foreign library is imported in its own room only',
  check: (source) => {
    // A test may look behind a door, at the database itself.
    if (!source.path.startsWith('services/') || source.isTest) return [];
    return importsOf(source).flatMap(({ name, line }) => {
      const doorkeeper = DOORKEEPERS.find(([library]) => isOf(library, name));
      if (doorkeeper === undefined) return [];
      const [library, rooms] = doorkeeper;
      if (rooms.some((room) => source.path.startsWith(room))) return [];
      const message = `${library} is spoken to in ${rooms.join(', ')} only`;
      return [{ path: source.path, line, message }];
    });
  },
};

/** gen → kernel → core → ledger, catalog → rpc, bus, loops → assemble → main. */
export const importsRunOneWay: Rule = {
  name: 'imports inside a service run one way',
  check: eachImport(({ source, target }) => {
    if (source.isTest || serviceOf(source.path) !== serviceOf(target)) return undefined;
    const [from, to] = [floorOf(source.path), floorOf(target)];
    if (from === undefined || to === undefined || to <= from) return undefined;
    return `imports ${target}, which stands above it; hand it in instead`;
  }),
};

/** The built-in modules say so, and files are named in full. */
export const importsAreSpelledOut: Rule = {
  name: 'imports are spelled out: node: for built-ins, .ts for files',
  check: (source) =>
    importsOf(source).flatMap(({ name, line }) => {
      if (BUILT_IN.has(name)) return [{ path: source.path, line, message: `write node:${name}` }];
      if (/^[.#]/.test(name) && !/\.(ts|mjs|json)$/.test(name)) {
        return [{ path: source.path, line, message: `${name} lacks its extension` }];
      }
      return [];
    }),
};

const BUILT_IN = new Set(builtinModules);

function eachImport(
  judge: (step: { source: Source; target: string }) => string | undefined,
): Rule['check'] {
  return (source) =>
    importsOf(source).flatMap(({ name, line }): Violation[] => {
      const target = targetOf(source, name);
      if (target === undefined) return [];
      const message = judge({ source, target });
      return message === undefined ? [] : [{ path: source.path, line, message }];
    });
}

function serviceOf(path: string): string | undefined {
  const [root, service] = path.split('/');
  return root === 'services' ? service : undefined;
}

function floorOf(path: string): number | undefined {
  const inside = path.split('/').slice(2).join('/');
  return FLOORS.find(([pattern]) => pattern.test(inside))?.[1];
}

function isOf(library: string, name: string): boolean {
  return library.endsWith('/')
    ? name.startsWith(library)
    : name === library || name.startsWith(`${library}/`);
}
