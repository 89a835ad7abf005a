// Configuration from the environment: each value declared once, with limits and a reason.

/** The environment, as the process has it. */
export type Env = Readonly<Record<string, string | undefined>>;

/** The environment of this process, for handing parts of it on to programs it starts. */
export function processEnv(): Env {
  return process.env;
}

/** One declared variable. */
export type EnvVar<T> = {
  /** Name in the environment. */
  readonly name: string;
  /** Why it exists: one sentence for an operator. */
  readonly why: string;
  /** True when its value must never be shown. */
  readonly secret: boolean;
  /** What is allowed, e.g. `whole number from 1 to 10`. */
  readonly allowed: string;
  /** The default as text; undefined when the variable must be set. */
  readonly default: string | undefined;
  /** Turns the text into the value; a `Refused` says what is wrong. */
  readonly parse: (raw: string | undefined) => T | Refused;
};

/** What `parse` answers for a value that is not allowed. */
export type Refused = {
  readonly refused: string;
  /** True when the sentence may be told although the value is secret. */
  readonly keepsSecrets?: boolean;
};

/** A table of declared variables. */
export type ConfigSpec<T> = { readonly [K in keyof T]: EnvVar<T[K]> };

/** The values a table of declared variables yields. */
export type ConfigOf<S> = { readonly [K in keyof S]: S[K] extends EnvVar<infer T> ? T : never };

/**
 * Reads all declared variables. When any is bad or missing, throws one Error that names each of
 * them, what it allows and why it exists, so that an operator mends all at once. Values of secrets
 * are never shown.
 */
export function readConfig<T>(spec: ConfigSpec<T>, env: Env = process.env): T {
  const problems: string[] = [];
  const values: Partial<T> = {};
  for (const key in spec) {
    const variable = spec[key];
    const raw = env[variable.name]?.trim() || undefined;
    const value = variable.parse(raw);
    if (isRefused(value)) problems.push(describe(variable, raw, value));
    else values[key] = value;
  }
  if (problems.length > 0) throw new Error(`bad configuration:\n${problems.join('\n')}`);
  return values as T;
}

/** A text. Without a default it must be set. */
export function text(
  name: string,
  options: { readonly default?: string; readonly why: string; readonly secret?: boolean },
): EnvVar<string> {
  return {
    name,
    why: options.why,
    secret: options.secret ?? false,
    allowed: 'a text',
    default: options.default,
    parse: (raw) => raw ?? options.default ?? { refused: 'is not set' },
  };
}

/** A text that may be absent. */
export function optionalText(
  name: string,
  options: { readonly why: string; readonly secret?: boolean },
): EnvVar<string | undefined> {
  return {
    name,
    why: options.why,
    secret: options.secret ?? false,
    allowed: 'a text, or nothing',
    default: '',
    parse: (raw) => raw,
  };
}

/** A whole number within limits, both included. */
export function whole(
  name: string,
  options: {
    readonly default: number;
    readonly min: number;
    readonly max: number;
    readonly why: string;
  },
): EnvVar<number> {
  const { min, max } = options;
  return {
    name,
    why: options.why,
    secret: false,
    allowed: `a whole number from ${min} to ${max}`,
    default: String(options.default),
    parse: (raw) => {
      if (raw === undefined) return options.default;
      const value = /^-?\d+$/.test(raw) ? Number(raw) : Number.NaN;
      return value >= min && value <= max ? value : { refused: `is ${JSON.stringify(raw)}` };
    },
  };
}

/** Yes or no: `true`, `1`, `yes`, `on`, or `false`, `0`, `no`, `off`. */
export function flag(
  name: string,
  options: { readonly default: boolean; readonly why: string },
): EnvVar<boolean> {
  return {
    name,
    why: options.why,
    secret: false,
    allowed: 'true or false',
    default: String(options.default),
    parse: (raw) => {
      if (raw === undefined) return options.default;
      if (/^(true|1|yes|on)$/i.test(raw)) return true;
      if (/^(false|0|no|off)$/i.test(raw)) return false;
      return { refused: `is ${JSON.stringify(raw)}` };
    },
  };
}

/** Texts separated by commas; spaces around them do not count, empty ones are dropped. */
export function list(
  name: string,
  options: { readonly default: readonly string[]; readonly why: string },
): EnvVar<readonly string[]> {
  return {
    name,
    why: options.why,
    secret: false,
    allowed: 'texts separated by commas',
    default: options.default.join(','),
    parse: (raw) => {
      if (raw === undefined) return options.default;
      return raw
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== '');
    },
  };
}

/**
 * A text that `parse` turns into a value, or refuses by throwing a plain sentence. Of a secret, the
 * sentence is told only when `keepsSecrets` promises that it quotes nothing secret.
 */
export function parsed<T>(
  variable: EnvVar<string>,
  parse: (raw: string) => T,
  { keepsSecrets = false }: { readonly keepsSecrets?: boolean } = {},
): EnvVar<T> {
  return {
    ...variable,
    parse: (raw) => {
      const value = variable.parse(raw);
      if (isRefused(value)) return value;
      try {
        return parse(value);
      } catch (error) {
        return { refused: error instanceof Error ? error.message : String(error), keepsSecrets };
      }
    },
  };
}

function isRefused(value: unknown): value is Refused {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'refused');
}

function describe(
  variable: EnvVar<unknown>,
  raw: string | undefined,
  { refused, keepsSecrets = false }: Refused,
): string {
  const isHidden = variable.secret && raw !== undefined && !keepsSecrets;
  const what = isHidden ? 'has a value that is not allowed' : refused;
  return `  ${variable.name} ${what}; it must be ${variable.allowed}. ${variable.why}`;
}
