// A memory with a limit: what was heard of late, by id. Its oldest half is forgotten at once, so
// that forgetting costs nothing; a map that loses its first entry each time would be searched for
// it through all the holes that the ones before have left.

/** What is remembered by id. */
export type Recent<V> = {
  get(id: string): V | undefined;
  has(id: string): boolean;
  set(id: string, value: V): void;
  /** Forgets what is wrong now. */
  forget(isWrong: (value: V) => boolean): void;
};

/** Remembers the last `least` ids that were set, and at most twice as many. */
export function createRecent<V>(least: number): Recent<V> {
  let older = new Map<string, V>();
  let newer = new Map<string, V>();
  return {
    get: (id) => newer.get(id) ?? older.get(id),
    has: (id) => newer.has(id) || older.has(id),
    set: (id, value) => {
      newer.set(id, value);
      if (newer.size < least) return;
      older = newer;
      newer = new Map();
    },
    forget: (isWrong) => {
      for (const values of [older, newer]) {
        for (const [id, value] of values) if (isWrong(value)) values.delete(id);
      }
    },
  };
}
