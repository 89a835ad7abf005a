// Small arithmetic over measurements.

/** The p-th percentile (0–100) by nearest rank; NaN for no values. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = Math.max(1, Math.ceil((p / 100) * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}

/**
 * Rounds to three significant digits: more would claim a precision that a busy machine does not
 * have.
 */
export function round(value: number): number {
  return Number(value.toPrecision(3));
}
