// The report over all months so far: a CSV, and a chart as SVG that needs no library.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PoolClient } from 'pg';

const WIDTH = 960;
const HEIGHT = 360;
const MARGIN = 48;
const PLOT = { width: WIDTH - 2 * MARGIN, height: HEIGHT - 2 * MARGIN };

/** A month of the table; numerics arrive as text. */
type Month = {
  readonly month: string;
  readonly days: number;
  readonly precipitation: string;
  readonly wet_days: number;
  readonly temp_mean: string;
  readonly temp_max: string;
  readonly temp_min: string;
};

/** Writes `seattle_weather.csv` and `seattle_weather.svg`; answers how many months they cover. */
export async function writeReport(db: PoolClient, folder: string): Promise<{ months: number }> {
  mkdirSync(folder, { recursive: true });
  await db.query('begin');
  // One writer at a time, so that the last report is the one with the most months.
  await db.query('select pg_advisory_xact_lock(1462)');
  const { rows } = await db.query<Month>('select * from weather_month order by month');
  replaceFile(join(folder, 'seattle_weather.csv'), csvOf(rows));
  replaceFile(join(folder, 'seattle_weather.svg'), chartOf(rows));
  await db.query('commit');
  return { months: rows.length };
}

function csvOf(months: readonly Month[]): string {
  const header = 'month,days,precipitation,wet_days,temp_mean,temp_max,temp_min';
  const lines = months.map((m) =>
    [m.month, m.days, m.precipitation, m.wet_days, m.temp_mean, m.temp_max, m.temp_min].join(','),
  );
  return `${[header, ...lines].join('\n')}\n`;
}

/** Bars of precipitation (left scale, mm) under a line of mean temperature (right scale, °C). */
function chartOf(months: readonly Month[]): string {
  const rainMax = scaleMax(months.map((m) => Number(m.precipitation)));
  const heatMax = scaleMax(months.map((m) => Number(m.temp_mean)));
  const step = PLOT.width / Math.max(months.length, 1);
  const x = (index: number) => MARGIN + index * step;
  const y = (value: number, max: number) => HEIGHT - MARGIN - (value / max) * PLOT.height;
  const bars = months.map((m, index) => {
    const top = y(Number(m.precipitation), rainMax);
    const height = HEIGHT - MARGIN - top;
    const at = `x="${x(index).toFixed(1)}" y="${top.toFixed(1)}"`;
    const size = `width="${(step * 0.8).toFixed(1)}" height="${height.toFixed(1)}"`;
    const words = `${m.month}: ${m.precipitation} mm, ${m.wet_days} wet days`;
    return `<rect ${at} ${size}><title>${words}</title></rect>`;
  });
  const line = months.map((m, index) => {
    return `${(x(index) + step * 0.4).toFixed(1)},${y(Number(m.temp_mean), heatMax).toFixed(1)}`;
  });
  const years = months.flatMap((m, index) => {
    return m.month.endsWith('-01')
      ? [text(x(index), HEIGHT - MARGIN + 20, m.month.slice(0, 4))]
      : [];
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="13" fill="#444">
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
${text(MARGIN, 24, 'Seattle, month by month: precipitation (bars) and mean temperature (line)', 'font-weight="600"')}
<g fill="#7fb0d8">${bars.join('')}</g>
<polyline points="${line.join(' ')}" fill="none" stroke="#d9622b" stroke-width="2.5"/>
${years.join('')}
${text(8, MARGIN, `${rainMax} mm`)}${text(WIDTH - MARGIN + 6, MARGIN, `${heatMax} °C`)}
</svg>
`;
}

function scaleMax(values: readonly number[]): number {
  return Math.max(10, Math.ceil(Math.max(0, ...values) / 10) * 10);
}

function text(x: number, y: number, words: string, attributes = ''): string {
  return `<text x="${x.toFixed(0)}" y="${y}" ${attributes}>${words}</text>`;
}

/** A reader never sees half a file. */
function replaceFile(path: string, content: string): void {
  const partial = `${path}.${process.pid}`;
  writeFileSync(partial, content);
  renameSync(partial, path);
}
