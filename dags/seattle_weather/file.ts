// The file that the pipeline reads: one line per day.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { FailTask } from '@dagmesh/sdk';
import type { Day } from './table.ts';

let lines: Map<string, string> | undefined;

/** One day as the file has it; a date that is not in the file fails the task for good. */
export function dayOfFile(date: string): Day {
  lines ??= readLines();
  const line = lines.get(date);
  if (line === undefined) throw new FailTask(`the file has no ${date}`);
  const [, precipitation, tempMax, tempMin, wind, weather] = line.split(',');
  return {
    date,
    precipitation: Number(precipitation),
    temp_max: Number(tempMax),
    temp_min: Number(tempMin),
    wind: Number(wind),
    weather: String(weather),
  };
}

/** Every day of the file, in its order. */
export function daysOfFile(): Day[] {
  lines ??= readLines();
  return [...lines.keys()].map(dayOfFile);
}

/** Columns: date, precipitation, temp_max, temp_min, wind, weather. */
function readLines(): Map<string, string> {
  const entry = createRequire(import.meta.url).resolve('vega-datasets');
  const path = join(dirname(entry), '..', 'data', 'seattle-weather.csv');
  const rows = readFileSync(path, 'utf8').trim().split('\n').slice(1);
  return new Map(rows.map((row) => [row.slice(0, 10), row.trim()]));
}
