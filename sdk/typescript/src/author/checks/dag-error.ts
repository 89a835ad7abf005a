// The one error of the authoring API: a sentence that begins with the author's own file and line.
import { type CallSite, callSites, describeSite } from './call-site.ts';

/** A DAG was declared wrongly. `file` and `line` say where, as far as it is known. */
export class DagError extends Error {
  override readonly name = 'DagError';
  readonly file: string | undefined;
  readonly line: number | undefined;

  constructor(sentence: string, options: { site?: CallSite | undefined; cause?: unknown } = {}) {
    const site = options.site ?? callSites()[0];
    const where = describeSite(site);
    super(where === '' ? sentence : `${where}: ${sentence}`, { cause: options.cause });
    this.file = site?.file;
    this.line = site?.line;
  }
}

/** Runs a check or conversion and turns what it throws into a DagError about `subject`. */
export function declaring<T>(subject: string, convert: () => T): T {
  try {
    return convert();
  } catch (error) {
    if (error instanceof DagError) throw error;
    const sentence = error instanceof Error ? error.message : String(error);
    throw new DagError(`${subject}: ${sentence}`, { cause: error });
  }
}
