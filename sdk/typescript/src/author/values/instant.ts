// Instants as authors write them: an ISO date or time, or a Date.
import { type Timestamp, timestampFromDate } from '@bufbuild/protobuf/wkt';
import { declaring } from '../checks/dag-error.ts';

/** An ISO date or time, UTC where it names no offset; or a Date. */
export type Instant = string | Date;

/** A date or a time without an offset, which Airflow (and so we) read as UTC. */
const WITHOUT_OFFSET = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/;

/** The instant as the contracts carry it. Throws a sentence for what is no instant. */
export function instantMessage(value: Instant): Timestamp {
  const text = typeof value === 'string' ? value.trim() : '';
  const date =
    typeof value === 'string' ? new Date(WITHOUT_OFFSET.test(text) ? `${text}Z` : text) : value;
  if (Number.isNaN(date.getTime())) {
    throw new RangeError(
      `"${String(value)}" is no date; write e.g. 2026-01-31 or 2026-01-31T06:00Z`,
    );
  }
  return timestampFromDate(date);
}

/** The instant of an option, where there is one. Throws a DagError that names the option. */
export function instantOption(option: string, value: Instant | undefined): Timestamp | undefined {
  return value === undefined ? undefined : declaring(option, () => instantMessage(value));
}
