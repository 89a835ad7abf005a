// `npm run bench`: calibrates, measures, prints a table of figures with their ratio to the
// calibrations.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { MeshMode } from '../kit/mesh.ts';
import { type Calibration, calibrate } from './calibrate.ts';
import { round } from './figures.ts';
import type { Figure, Measure } from './measure.ts';
import { chainMeasure } from './measures/chain.ts';
import { cronMeasure } from './measures/cron.ts';
import { idleMeasure } from './measures/idle.ts';
import { mappedMeasure } from './measures/mapped.ts';
import { newcomerMeasure } from './measures/newcomer.ts';
import { throughputMeasure } from './measures/throughput.ts';
import { triggersMeasure } from './measures/triggers.ts';

const measures: readonly Measure[] = [
  chainMeasure,
  throughputMeasure,
  mappedMeasure,
  cronMeasure,
  idleMeasure,
  newcomerMeasure,
  triggersMeasure,
];
const modes: readonly MeshMode[] = ['standalone', 'mesh'];

const usage = `usage: npm run bench -- [--only NAME] [--mode mesh|standalone] [--json FILE]
  NAME is one of ${measures.map((measure) => measure.name).join(', ')}`;

/** Values by mode and key, as written by `--json`. */
type Results = Record<string, number | Record<string, number>>;

async function bench(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'string' },
      only: { type: 'string' },
      mode: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return console.log(usage);
  const chosen = measures.filter((each) => values.only === undefined || each.name === values.only);
  const chosenModes = modes.filter((mode) => values.mode === undefined || mode === values.mode);
  if (chosen.length === 0 || chosenModes.length === 0) throw new Error(usage);
  const calibration = await calibrate();
  console.log(
    `C1 = ${round(calibration.c1Ms)} ms per durable commit, R64 = ${round(calibration.r64PerS)} durable commits/s\n`,
  );
  const results: Results = { ...calibration };
  for (const mode of chosenModes) {
    const taken: Record<string, number> = {};
    for (const measure of chosen) {
      Object.assign(taken, await measure.run(mode));
      for (const figure of measure.figures) printFigure({ mode, figure, taken, calibration });
    }
    results[mode] = taken;
  }
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify(results, undefined, 2)}\n`);
}

function printFigure(row: {
  readonly mode: MeshMode;
  readonly figure: Figure;
  readonly taken: Readonly<Record<string, number>>;
  readonly calibration: Calibration;
}): void {
  const { figure, calibration } = row;
  const value = row.taken[figure.key];
  if (value === undefined) return;
  const isEnough = figure.better === 'lower' ? value <= figure.least : value >= figure.least;
  console.log(
    [
      row.mode.padEnd(10),
      figure.title.padEnd(40),
      `${round(value)} ${figure.unit}`.padStart(20),
      ratio(figure, value, calibration).padStart(14),
      `${isEnough ? '  ✓' : '  ✗'} least ${figure.least}`,
    ].join('  '),
  );
}

/** Latencies as multiples of C1, rates as parts of R64. */
function ratio(figure: Figure, value: number, calibration: Calibration): string {
  if (figure.unit === 'ms') return `${round(value / calibration.c1Ms)} × C1`;
  if (figure.unit === 's') return `${round((value * 1000) / calibration.c1Ms)} × C1`;
  if (figure.unit === 'tasks/s') return `${round(value / calibration.r64PerS)} × R64`;
  return '';
}

bench(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
