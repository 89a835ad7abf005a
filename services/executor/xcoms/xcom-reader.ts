// Reads many XComs with few calls, however much they hold.
import type { LedgerService } from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import { fail, reasonOf } from '#kernel/errors/errors.ts';
import type { Client } from '#kernel/rpc/client.ts';
import {
  addressOf,
  createXComValues,
  distinctPlaces,
  splitSeries,
  type XComPlace,
  type XComValues,
} from '../core/xcom-values.ts';

/** How to read. */
export type ReadOptions = {
  readonly signal: AbortSignal;
  /** A running attempt whose own values are visible as well. */
  readonly ownAttemptId?: string;
  /**
   * True: a series that is too large for one answer is read in parts. False: it is noted as too
   * large.
   */
  readonly splitsSeries?: boolean;
};

/** Reads XComs of attempts that succeeded. */
export type XComReader = {
  /**
   * What is at these places, each asked for once. Throws `xcom_too_large` when parts of series hold
   * more than an executor takes in for one reader.
   */
  read(places: readonly XComPlace[], options: ReadOptions): Promise<XComValues>;
};

/** Most addresses of one call, as the contract has it. */
const ADDRESSES_MAX = 5_000;

/** Most characters that are taken in when series are read in parts. */
const PARTS_LENGTH_MAX = 64 * 1024 * 1024;

/** Reads from the ledger. */
export function createXComReader(ledger: Pick<Client<typeof LedgerService>, 'readXComs'>) {
  const readAll = async (
    values: XComValues,
    places: readonly XComPlace[],
    options: ReadOptions,
  ): Promise<void> => {
    const { signal, ownAttemptId = '' } = options;
    try {
      const question = { addresses: places.map(addressOf), ownAttemptId };
      const { xcoms } = await ledger.readXComs(question, { signal });
      for (const xcom of xcoms) values.put(xcom);
    } catch (error) {
      if (reasonOf(error) !== 'xcom_too_large') throw error;
      await readParts(values, places, options);
    }
  };
  /** All of them do not fit one answer: half of them may. */
  const readParts = async (
    values: XComValues,
    places: readonly XComPlace[],
    options: ReadOptions,
  ) => {
    const [only] = places;
    if (only === undefined) return;
    if (places.length > 1) {
      const middle = Math.ceil(places.length / 2);
      await readAll(values, places.slice(0, middle), options);
      await readAll(values, places.slice(middle), options);
      return;
    }
    const maySplit = options.splitsSeries === true && only.kind === 'series';
    const parts = maySplit ? splitSeries(only) : undefined;
    if (parts === undefined) return values.putTooLarge(only);
    for (const part of parts) {
      if (values.length > PARTS_LENGTH_MAX) {
        throw fail(
          'xcom_too_large',
          `what the instances of task ${only.taskId} pushed is too much; name the map indexes`,
        );
      }
      await readAll(values, [part], options);
    }
  };
  const reader: XComReader = {
    read: async (places, options) => {
      const values = createXComValues();
      const wanted = distinctPlaces(places);
      for (let from = 0; from < wanted.length; from += ADDRESSES_MAX) {
        await readAll(values, wanted.slice(from, from + ADDRESSES_MAX), options);
      }
      return values;
    },
  };
  return reader;
}
