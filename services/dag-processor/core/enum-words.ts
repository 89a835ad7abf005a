// The words authors use for the values of a contract's enum: its names in lower case.

/** An enum as the generated code has it. */
type Words = Readonly<Record<string, number>>;

/** Every word with its value; UNSPECIFIED is nobody's choice. */
export function wordsOf<T extends Words>(words: T): Readonly<Record<string, T[keyof T]>> {
  const chosen = Object.entries(words).filter(([name]) => name !== 'UNSPECIFIED');
  return Object.fromEntries(
    chosen.map(([name, value]) => [name.toLowerCase(), value as T[keyof T]]),
  );
}

/** The word for a value; its number when it has none. */
export function wordFor(words: Words, value: number): string {
  const found = Object.entries(words).find(([, each]) => each === value);
  return found?.[0].toLowerCase() ?? String(value);
}
