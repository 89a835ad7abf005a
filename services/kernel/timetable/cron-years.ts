// Reads the seventh field of a cron expression: the years.

const YEAR_MIN = 1970;
const YEAR_MAX = 2099;

/**
 * The years that a field allows, 1970–2099; undefined for `*`, which allows those before and after
 * as well. Understands lists, ranges and steps. Throws an Error whose sentence names the field.
 */
export function readCronYears(field: string): ReadonlySet<number> | undefined {
  return field === '*' ? undefined : new Set(field.split(',').flatMap(yearsOf));
}

function yearsOf(item: string): readonly number[] {
  const found = /^(?:\*|(\d{4})(?:-(\d{4}))?)(?:\/(\d+))?$/.exec(item);
  const [, first, last, stepText] = found ?? [];
  const from = Number(first ?? YEAR_MIN);
  const isOpen = first === undefined || stepText !== undefined;
  const to = Number(last ?? (isOpen ? YEAR_MAX : from));
  const step = Number(stepText ?? 1);
  const isRising = last === undefined ? from <= to : from < to;
  if (found === null || step < 1 || from < YEAR_MIN || to > YEAR_MAX || !isRising) {
    throw new Error(
      `the year field of the cron expression cannot be "${item}"; write years of ${YEAR_MIN}–${YEAR_MAX}, such as 2030, 2030-2035 or */2`,
    );
  }
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, at) => from + at * step);
}
