// Time zones as authors name them.

/** In which time zone a schedule counts. */
export type ZoneOptions = {
  /** An IANA name, or a fixed offset such as `+05:30`; UTC by default. */
  readonly timezone?: string;
};

const OFFSET = /^[+-]([01]\d|2[0-3]):[0-5]\d$/;

/** The contract's form. Throws a sentence for what is no time zone. */
export function zoneOf({ timezone = '' }: ZoneOptions) {
  if (timezone !== '' && !OFFSET.test(timezone)) requireZone(timezone);
  return { timezone };
}

function requireZone(timezone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone: timezone });
  } catch (cause) {
    throw new RangeError(`"${timezone}" is no time zone; use an IANA name such as Europe/Berlin`, {
      cause,
    });
  }
}
