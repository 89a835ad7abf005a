// Who a caller of the public door is.
import type { Role } from '../core/permission.ts';

/** Proven by an API token that was valid a second ago at most. */
export type Principal = {
  /** Name of the user; goes into every change as its actor. */
  readonly userName: string;
  /** What the user may do. */
  readonly role: Role;
};
