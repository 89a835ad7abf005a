// Parts of lists, cut as Python cuts them.

/** Which part: negative numbers count from the end; absent ones mean as far as there is. */
export type Slice = {
  readonly start?: number | undefined;
  readonly stop?: number | undefined;
  /** Absent means 1; 0 is refused at the door. */
  readonly step?: number | undefined;
};

/** `list[start:stop:step]`. */
export function sliceOf<T>(list: readonly T[], { start, stop, step = 1 }: Slice): T[] {
  const { length } = list;
  // Going backward one begins at the last element and ends before the first.
  const [lowest, highest] = step > 0 ? [0, length] : [-1, length - 1];
  const placed = (index: number) =>
    Math.min(Math.max(index < 0 ? index + length : index, lowest), highest);
  const first = start === undefined ? (step > 0 ? lowest : highest) : placed(start);
  const end = stop === undefined ? (step > 0 ? highest : lowest) : placed(stop);
  const part: T[] = [];
  for (let at = first; step > 0 ? at < end : at > end; at += step) part.push(list[at] as T);
  return part;
}
