// A DAG's spec as a row of dag_version: what is stored, what lists show, and when two are the same
// version.
import { createHash } from 'node:crypto';
import { toBinary } from '@bufbuild/protobuf';
import { type DagSpec, DagSpecSchema } from '#gen/dagmesh/dag/v1/dag_pb.ts';
import type { Timetable } from '#gen/dagmesh/dag/v1/timetable_pb.ts';
import { fail, messageOf } from '#kernel/errors/errors.ts';
import { describeTimetable, parseTimetable } from '#kernel/timetable/timetable.ts';
import type { DagVersionEntity } from './entities.ts';

/** A version that has no number yet. */
export type VersionDraft = Omit<DagVersionEntity, 'id' | 'versionNumber'> & {
  readonly isPausedUponCreation: boolean;
};

/** Where a spec comes from. */
export type VersionSource = {
  readonly path: string;
  readonly bundleName: string;
  readonly bundleVersion: string;
  /** Of the bundle's files that may matter to the DAG; empty when only its version is known. */
  readonly filesDigest: string;
};

/** Throws `bad_timetable` when the schedule cannot be understood. */
export function draftVersion(spec: DagSpec, source: VersionSource): VersionDraft {
  const { path: dagFile, bundleName, bundleVersion, filesDigest } = source;
  // Fields are written in the order of the contract, so equal specs have equal bytes.
  const bytes = Buffer.from(toBinary(DagSpecSchema, spec));
  const files = filesDigest === '' ? bundleVersion : filesDigest;
  const place = bundleName === '' ? dagFile : `${bundleName}\0${files}\0${dagFile}`;
  return {
    dagId: spec.dagId,
    spec: bytes,
    // The place counts: workers import the file by what the version names. In a bundle, so do the
    // files around it, but not a commit that leaves them as they were.
    digest: createHash('sha256').update(`${place}\0`).update(bytes).digest(),
    dagFile,
    bundleName,
    bundleVersion,
    isContinuous: spec.timetable?.kind.case === 'continuous',
    description: spec.description,
    schedule: describeSchedule(spec.dagId, spec.timetable),
    owner: spec.owner,
    tags: [...spec.tags],
    tasksCount: spec.tasks.length,
    isPausedUponCreation: spec.isPausedUponCreation,
  };
}

function describeSchedule(dagId: string, timetable: Timetable | undefined): string {
  if (timetable === undefined) return '';
  try {
    return describeTimetable(parseTimetable(timetable));
  } catch (error) {
    throw fail(
      'bad_timetable',
      `the schedule of DAG ${dagId} cannot be used: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
}
