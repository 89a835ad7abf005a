// Sensors: code that looks again and again, and waits that need no code and no worker.
import { stat } from 'node:fs/promises';
import { chain, dag, sensor, trigger } from '@dagmesh/sdk';

const PATH = '/tmp/typescript_sensors.csv';

dag('typescript_sensors', { tags: ['example'] }, (d) => {
  const size = d.task(
    'size_of_file',
    sensor(
      async ({ log }) => {
        const found = await stat(PATH).catch(() => undefined);
        log.info(found === undefined ? `${PATH} is not there yet` : 'found it');
        return { isDone: found !== undefined, xcom: found?.size };
      },
      { mode: 'reschedule', pokeInterval: '10s', timeout: '1h', exponentialBackoff: true },
    ),
  );
  const file = d.wait('file', trigger.file({ path: PATH }), { timeout: '1h', softFail: true });
  const breath = d.wait('a_breath', trigger.after('2s'));
  chain([size, file], breath);
});
