// For tests: the XComs of a metadata service in memory, read by the rules of the contract.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  ReadXComsRequest,
  XComAddress,
  XComRecordSchema,
} from '#gen/dagmesh/metadata/v1/ledger_service_pb.ts';
import type {
  ValueReferenceSchema,
  XComElementSchema,
} from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';
import { fail } from '#kernel/errors/errors.ts';

/** A run with what its tasks have pushed. */
export type TestRun = {
  readonly dagId: string;
  readonly runId: string;
  readonly dagRunId: string;
  /** Milliseconds since the epoch; absent for runs without a date. */
  readonly logicalDateMs?: number;
  /** JSON by `task_id/key`, or by `task_id[map_index]/key`. */
  readonly xcoms: Map<string, string>;
};

/** An XCom where it stands. */
export type TestXCom = {
  readonly dagRunId: string;
  readonly taskId: string;
  readonly mapIndex: number;
  readonly key: string;
  readonly valueJson: string;
};

/** Everything the tasks of a run have pushed. */
export function xcomsOf({ dagRunId, xcoms }: TestRun): TestXCom[] {
  return [...xcoms].map(([name, valueJson]) => {
    const slash = name.indexOf('/');
    const [, taskId = '', index = '-1'] = /^(.*?)(?:\[(\d+)\])?$/.exec(name.slice(0, slash)) ?? [];
    return { dagRunId, taskId, mapIndex: Number(index), key: name.slice(slash + 1), valueJson };
  });
}

/** The answer to a question; `xcom_too_large` when it has more than `sizeMax` characters. */
export function readXComs(
  visible: readonly TestXCom[],
  { addresses }: ReadXComsRequest,
  sizeMax: number,
): MessageInitShape<typeof XComRecordSchema>[] {
  const records = addresses.flatMap((address) =>
    visible.filter((xcom) => isAt(xcom, address)).flatMap((xcom) => recordOf(xcom, address)),
  );
  const size = records.reduce((sum, { valueJson }) => sum + valueJson.length, 0);
  if (size > sizeMax) throw fail('xcom_too_large', 'ask for fewer');
  return records;
}

function isAt(xcom: TestXCom, address: XComAddress): boolean {
  const { isSeries, mapIndexFrom, mapIndexTo } = address;
  const { mapIndex } = xcom;
  const isInSeries = mapIndex >= mapIndexFrom && (mapIndexTo === 0 || mapIndex < mapIndexTo);
  return (
    xcom.dagRunId === address.dagRunId &&
    xcom.taskId === address.taskId &&
    (address.key === '' || address.key === xcom.key) &&
    (isSeries ? isInSeries : mapIndex === address.mapIndex)
  );
}

function recordOf(xcom: TestXCom, { element }: XComAddress) {
  const { valueJson, ...place } = xcom;
  if (element === undefined) return [{ address: place, valueJson }];
  const value: unknown = JSON.parse(valueJson);
  const elements = Array.isArray(value) ? value : Object.entries(value ?? {});
  if (element >= elements.length) return [];
  return [{ address: { ...place, element }, valueJson: JSON.stringify(elements[element]) }];
}

/** An input that is what an unmapped task returned, unless it says otherwise. */
export function xcom(
  element: Omit<MessageInitShape<typeof XComElementSchema>, '$typeName'>,
): MessageInitShape<typeof ValueReferenceSchema> {
  return { kind: { case: 'xcom', value: { mapIndex: -1, ...element } } };
}
