// Which room may hold a line: time, chance, environment and ends stay where one can replace them.
import { forbidding, type Rule } from '../rule.ts';
import { importsOf, type Source } from '../source.ts';

const within = (...rooms: readonly string[]) => {
  return (source: Source) =>
    source.path.startsWith('services/') &&
    !source.isTest &&
    !rooms.some((room) => source.path.startsWith(room));
};

/** Whoever wants the time gets a clock handed in, so that tests can turn it. */
export const timeHasItsRoom: Rule = forbidding({
  name: 'time and timers come from kernel/clock',
  pattern:
    /\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b|(?<![.#\w])set(Timeout|Interval)\s*\(/,
  message: 'take the time from a Clock (kernel/clock)',
  appliesTo: within('services/kernel/clock/'),
});

/** Chance comes from one place. */
export const chanceHasItsRoom: Rule = forbidding({
  name: 'chance comes from kernel/clock/random',
  pattern: /\bMath\.random\b|\brandom(UUID|Bytes|Int)\b/,
  message: 'take chance from kernel/clock/random.ts',
  appliesTo: within('services/kernel/clock/'),
});

/** Each variable is declared once, with its limits and its reason. */
export const environmentHasItsRoom: Rule = forbidding({
  name: 'the environment is read in kernel/config',
  pattern: /\bprocess\.env\b/,
  message: 'declare the variable in config.ts and read it with readConfig',
  appliesTo: within('services/kernel/config/'),
});

/** A program ends in one place. */
export const endsHaveTheirRoom: Rule = forbidding({
  name: 'signals and exits are in kernel/lifecycle',
  pattern: /\bprocess\.(exit\s*\(|on\s*\(|once\s*\()/,
  message: 'leave signals and exits to kernel/lifecycle',
  appliesTo: within('services/kernel/lifecycle/'),
});

/**
 * What gives a core what it must not have: time, the network, a log. Hashes are as pure as sums.
 */
const IMPURE = new RegExp(
  [
    '^node:(?!path$|util$|assert$|crypto$)',
    '^#kernel/(rpc|bus|log|telemetry|lifecycle|service)/',
    '^#kernel/clock/(clock|random)\\.ts$',
  ].join('|'),
);

/** Decisions are pure functions over values: same input, same output. */
export const coresArePure: Rule = {
  name: 'a core has no await, clock or I/O',
  check: (source) => {
    if (source.isTest || !/^services\/[^/]+\/core\//.test(source.path)) return [];
    const imports = importsOf(source)
      .filter(({ name }) => IMPURE.test(name))
      .map(({ name, line }) => ({ path: source.path, line, message: `a core imports ${name}` }));
    const waits = forbidding({
      name: '',
      pattern: /\b(await|async)\b|\bPromise\b/,
      message: 'a core waits for nothing; decide over values that were fetched before',
    });
    return [...imports, ...waits.check(source)];
  },
};
