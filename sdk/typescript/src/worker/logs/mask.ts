// Hides the secrets of a task's connections in its log lines and errors, in every form they are
// likely to appear in.
import type { JsonValue } from '../../json.ts';
import type { Connection } from '../../task/context.ts';

const MASKED = '***';
/** Shorter secrets would hide half of every log and protect nothing. */
const SECRET_LENGTH_MIN = 4;
/** A shorter stretch of base64 also occurs in innocent text. */
const BASE64_LENGTH_MIN = 6;
const SENSITIVE_KEY =
  /passw|passphrase|secret|token|api_?key|apikey|private_?key|credential|access_?key/i;

/** Replaces secrets in text. */
export type Mask = {
  apply(text: string): string;
  /**
   * Length of the longest form that is hidden: text must be cut nowhere nearer than this to its
   * open end.
   */
  readonly lengthMax: number;
};

/** Nothing to hide. */
export const NO_MASK: Mask = { apply: (text) => text, lengthMax: 0 };

/**
 * Hides the passwords of these connections and what stands under a sensitive key of their `extra`.
 */
export function maskOf(connections: readonly Connection[]): Mask {
  const secrets = connections.flatMap(({ password, extra }) => [password, ...sensitiveIn(extra)]);
  const forms = new Set(
    secrets.filter((secret) => secret.length >= SECRET_LENGTH_MIN).flatMap(formsOf),
  );
  if (forms.size === 0) return NO_MASK;
  const longestFirst = [...forms].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(longestFirst.map(escapePattern).join('|'), 'g');
  return {
    apply: (text) => text.replace(pattern, MASKED),
    lengthMax: longestFirst[0]?.length ?? 0,
  };
}

function sensitiveIn(value: JsonValue, isSensitive = false): string[] {
  if (typeof value === 'string') return isSensitive ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]: [string, JsonValue]) =>
    sensitiveIn(part, isSensitive || SENSITIVE_KEY.test(key)),
  );
}

/** The secret itself, each of its lines, and how JSON, URLs and base64 write it. */
function formsOf(secret: string): string[] {
  const lines = secret.split(/\r?\n/).filter((line) => line.length >= SECRET_LENGTH_MIN);
  const url = encodeURIComponent(secret);
  return [
    secret,
    ...lines,
    JSON.stringify(secret).slice(1, -1),
    url,
    url.replaceAll('%20', '+'),
    url.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase()),
    encodeURI(secret),
    ...base64Forms(secret),
  ];
}

/**
 * Base64 of a text that contains the secret, e.g. of `user:password`, holds one of three stretches,
 * depending on where the secret begins; characters that its neighbours have a share in are left
 * out.
 */
function base64Forms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].flatMap((offset) => {
    const sharedBefore = [0, 2, 3][offset] ?? 0;
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const sharedAfter = (offset + bytes.length) % 3 === 0 ? 0 : 1;
    const own = encoded.slice(sharedBefore, encoded.length - sharedAfter);
    if (own.length < BASE64_LENGTH_MIN) return [];
    return [own, own.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
