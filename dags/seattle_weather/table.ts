// The two tables of the pipeline: every write replaces its row, so a task that runs twice leaves
// the same table.
import type { PoolClient } from 'pg';

/** One day of the file. */
export type Day = {
  readonly date: string;
  /** Millimetres. */
  readonly precipitation: number;
  /** Degrees Celsius. */
  readonly temp_max: number;
  /** Degrees Celsius. */
  readonly temp_min: number;
  /** Metres per second. */
  readonly wind: number;
  readonly weather: string;
  /** Derived by `validate`. */
  readonly temp_mean?: number;
  /** Derived by `validate`. */
  readonly is_wet?: boolean;
};

/** Puts one validated day into the table. */
export async function loadDay(db: PoolClient, day: Day): Promise<void> {
  await db.query(
    `insert into weather_day (date, precipitation, temp_max, temp_min, wind, weather, temp_mean, is_wet)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (date) do update set precipitation = excluded.precipitation, temp_max = excluded.temp_max,
       temp_min = excluded.temp_min, wind = excluded.wind, weather = excluded.weather,
       temp_mean = excluded.temp_mean, is_wet = excluded.is_wet`,
    [
      day.date,
      day.precipitation,
      day.temp_max,
      day.temp_min,
      day.wind,
      day.weather,
      day.temp_mean,
      day.is_wet,
    ],
  );
}

/** Summarises a month, e.g. `2012-02`; refuses a month whose days are not all there. */
export async function summariseMonth(db: PoolClient, month: string): Promise<{ days: number }> {
  const first = `${month}-01`;
  const { rows } = await db.query(
    `with month as (
       select count(*)::int as days, sum(precipitation) as precipitation,
         count(*) filter (where is_wet)::int as wet_days, round(avg(temp_mean), 2) as temp_mean,
         max(temp_max) as temp_max, min(temp_min) as temp_min
       from weather_day where date >= $1::date and date < $1::date + interval '1 month')
     insert into weather_month select $2, month.* from month
       where month.days = ($1::date + interval '1 month')::date - $1::date
     on conflict (month) do update set days = excluded.days, precipitation = excluded.precipitation,
       wet_days = excluded.wet_days, temp_mean = excluded.temp_mean, temp_max = excluded.temp_max,
       temp_min = excluded.temp_min
     returning days`,
    [first, month],
  );
  if (rows.length === 0) {
    throw new Error(`${month} is not complete yet: let seattle_weather_daily load its days first`);
  }
  return { days: rows[0].days };
}
