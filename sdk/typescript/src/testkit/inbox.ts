// What arrives is kept until a test asks for it; a test that asks too early waits, but not for
// ever.

const DEADLINE_MS = 60_000;

/** Things that arrive in order. */
export type Inbox<T> = {
  add(item: T): void;
  /** The oldest one that was not taken yet. Rejects when none comes in time. */
  next(): Promise<T>;
};

/** An inbox; `what` names its things in errors. */
export function createInbox<T>(what: string): Inbox<T> {
  const items: T[] = [];
  const askers: ((item: T) => void)[] = [];
  return {
    add: (item) => {
      const asker = askers.shift();
      if (asker === undefined) items.push(item);
      else asker(item);
    },
    next: () => {
      const item = items.shift();
      if (item !== undefined) return Promise.resolve(item);
      return new Promise((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`no ${what} came in time`)), DEADLINE_MS);
        askers.push((arrived) => {
          clearTimeout(late);
          resolve(arrived);
        });
      });
    },
  };
}
