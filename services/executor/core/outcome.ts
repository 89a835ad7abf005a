// The end of an attempt as a scheduler is told it, and how much of a message it takes.
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { AttemptOutcomeSchema } from '#gen/dagmesh/scheduler/v1/scheduler_service_pb.ts';

/** What a scheduler is told about the end of one attempt. */
export type OutcomeInit = MessageInitShape<typeof AttemptOutcomeSchema>;

/** An end without the attempt it is about. */
export type EndInit = Omit<OutcomeInit, 'attemptId' | 'epoch' | '$typeName'>;

/** Bytes of everything that may be large, texts of errors included. */
export function endSize(end: EndInit): number {
  const { xcoms = [], error, direction, assetUpdates, defer, awaitInput } = end;
  const values = xcoms.reduce(
    (sum, { key = '', valueJson = '' }) =>
      sum + Buffer.byteLength(key) + Buffer.byteLength(valueJson),
    0,
  );
  const texts = (error?.message?.length ?? 0) + (error?.stack?.length ?? 0);
  // Most attempts end with values alone, which are measured without writing them out.
  if ((direction ?? assetUpdates ?? defer ?? awaitInput) === undefined) return values + texts;
  const rest = create(AttemptOutcomeSchema, { ...end, xcoms: [] });
  return values + toBinary(AttemptOutcomeSchema, rest).length;
}
