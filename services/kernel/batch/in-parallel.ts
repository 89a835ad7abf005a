// Does the same to many things, several at a time, without ever holding more than so many calls.

/**
 * What `work` answers for each item, in the order of the items; at most `limit` are under way at
 * once. Rejects with the first failure; nothing is begun after it.
 */
export async function inParallel<Item, Answer>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<Answer>,
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  const left = items.entries();
  let hasFailed = false;
  const lane = async (): Promise<void> => {
    for (const [at, item] of left) {
      if (hasFailed) return;
      answers[at] = await work(item);
    }
  };
  const lanes = Array.from({ length: Math.min(limit, items.length) }, lane);
  try {
    await Promise.all(lanes);
  } finally {
    hasFailed = true;
  }
  return answers;
}
