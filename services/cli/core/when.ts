// Instants and spans as people read them: local ISO time, "3m ago", "1h05m".

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** `2026-01-31T09:30:00+01:00`: local time with its offset, to the second; empty for no instant. */
export function localIso(epochMs: number | undefined): string {
  if (epochMs === undefined) return '';
  const at = new Date(epochMs);
  const offsetMinutes = -at.getTimezoneOffset();
  const local = new Date(epochMs + offsetMinutes * MINUTE_MS).toISOString().slice(0, 19);
  const sign = offsetMinutes < 0 ? '-' : '+';
  const hours = two(Math.floor(Math.abs(offsetMinutes) / 60));
  return `${local}${sign}${hours}:${two(Math.abs(offsetMinutes) % 60)}`;
}

/** `just now`, `42s ago`, `in 5m`: how far an instant is from now; empty for no instant. */
export function relative(epochMs: number | undefined, nowMs: number): string {
  if (epochMs === undefined) return '';
  const distanceMs = epochMs - nowMs;
  if (Math.abs(distanceMs) < SECOND_MS) return 'just now';
  const size = largestUnit(Math.abs(distanceMs));
  return distanceMs < 0 ? `${size} ago` : `in ${size}`;
}

/** `38ms`, `12.0s`, `3m12s`, `2h05m`, `4d03h`: how long something took. */
export function span(ms: number): string {
  if (ms < SECOND_MS) return `${Math.floor(Math.max(0, ms))}ms`;
  if (ms < MINUTE_MS) return `${(Math.floor(ms / 100) / 10).toFixed(1)}s`;
  const minutes = Math.floor(ms / MINUTE_MS);
  if (ms < HOUR_MS) return `${minutes}m${two(Math.floor((ms % MINUTE_MS) / SECOND_MS))}s`;
  const hours = Math.floor(ms / HOUR_MS);
  if (ms < DAY_MS) return `${hours}h${two(minutes % 60)}m`;
  return `${Math.floor(ms / DAY_MS)}d${two(hours % 24)}h`;
}

/** How long something took that may not have begun or ended; empty when it has not begun. */
export function elapsed(
  startMs: number | undefined,
  endMs: number | undefined,
  nowMs: number,
): string {
  return startMs === undefined ? '' : span((endMs ?? nowMs) - startMs);
}

function largestUnit(ms: number): string {
  if (ms < MINUTE_MS) return `${Math.floor(ms / SECOND_MS)}s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)}m`;
  if (ms < DAY_MS) return `${Math.floor(ms / HOUR_MS)}h`;
  return `${Math.floor(ms / DAY_MS)}d`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
