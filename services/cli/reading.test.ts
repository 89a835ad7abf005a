// What the reading commands print: tables for people, documents for programs, nothing else.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type FakeMesh, startFakeMesh } from '../../tests/kit/fake-mesh.ts';
import { BACKFILL_ID } from '../../tests/kit/fake-world.ts';
import { runCli } from './test-cli.ts';

let mesh: FakeMesh;
beforeAll(async () => {
  mesh = await startFakeMesh();
});
afterAll(() => mesh.stop());

const dagmesh = (line: string) => runCli(line.split(' '), { url: mesh.url, role: 'viewer' });

/** How long ago the world's instants are changes from day to day. */
const steady = (text: string) => text.replaceAll(/\d+d ago/g, 'long ago');

const TABLES: readonly [string, string][] = [
  [
    'dags list',
    `DAG_ID  STATE   SCHEDULE         NEXT RUN  TASKS  OWNER
etl     active  0 0 * * * (UTC)  -             3  data
`,
  ],
  [
    'dags list -o wide',
    `DAG_ID  STATE   SCHEDULE         NEXT RUN  TASKS  OWNER  TAGS  VERSION  FILE    DESCRIPTION
etl     active  0 0 * * * (UTC)  -             3  data   demo        2  etl.ts  Loads rows.
`,
  ],
  [
    'dags show etl',
    `dag_id:       etl
description:  Loads rows.
state:        active
schedule:     0 0 * * * (UTC)
owner:        data
tags:         demo
file:         etl.ts
version:      2

TASK_ID   WAITS FOR  SPECIAL  QUEUE    POOL          RETRIES
extract   -          -        default  default_pool        1
validate  extract    -        default  default_pool        0
load      validate   -        default  default_pool        0
`,
  ],
  [
    'dags errors',
    `bad.ts  long ago
  line 3:
    what?
`,
  ],
  [
    'runs list',
    `DAG_ID  RUN_ID     STATE    STARTED    TOOK
etl     manual__1  success  long ago  12.0s
`,
  ],
  [
    'runs show etl latest',
    `dag_id:        etl
run_id:        manual__1
state:         success
tasks:         2 success, 1 none
type:          manual
triggered by:  admin
started:       2026-01-31T09:00:00+00:00
ended:         2026-01-31T09:00:12+00:00
took:          12.0s
conf:          {}

TASK_ID   STATE    TRY  STARTED   TOOK  NEXT TRY
extract   success  1/2  long ago  2.0s  -
validate  success  2/2  long ago  2.0s  -
load      none     0/2  -            -  -
`,
  ],
  [
    'tasks show etl manual__1 validate',
    `TASK_ID   STATE    TRY  STARTED   TOOK  NEXT TRY
validate  success  2/2  long ago  2.0s  -

TRY  STATE    STARTED                    TOOK  WORKER  ERROR
  1  failed   2026-01-31T09:00:01+00:00  2.0s  ts-1    ValueError: no rows
  2  success  2026-01-31T09:00:01+00:00  2.0s  ts-1    -
`,
  ],
  [
    'tasks explain etl latest load',
    `none: It waits for validate.

HELD BACK BY  SUBJECT   ENDS  WHY
upstream      validate  -     validate is running
`,
  ],
  ['tasks logs etl latest validate', '09:00:02.345 INFO  second try\n'],
  [
    'workers list',
    `WORKER_ID  STATE   LANGUAGE    QUEUES   RUNNING  HEARD
py-1       active  python      python       1/8  long ago
ts-1       active  typescript  default      1/8  long ago
`,
  ],
  [
    'pools list',
    `NAME          SLOTS  USED  FREE  DESCRIPTION
default_pool    128     3   125  -
`,
  ],
  [
    'dags next-execution etl -n 2',
    `RUNS      RUN_AFTER                  LOGICAL_DATE               INTERVAL START  INTERVAL END
long ago  2026-02-02T00:00:00+00:00  2026-02-01T00:00:00+00:00  -               -
long ago  2026-02-03T00:00:00+00:00  2026-02-02T00:00:00+00:00  -               -
`,
  ],
  [
    'dags explain etl',
    `why:       It is paused.
schedule:  0 0 * * * (UTC)
next run:  2026-02-02T00:00:00+00:00 (long ago)

HELD BACK BY  SUBJECT  ENDS  WHY
dag_paused    -        -     the DAG is paused
`,
  ],
  [
    'dags versions etl',
    `VERSION  CURRENT  SINCE                      TASKS  SCHEDULE  FILE
      2  yes      2026-01-31T09:00:00+00:00      3  -         etl.ts
      1  -        2026-01-31T09:00:00+00:00      3  -         etl.ts
`,
  ],
  [
    'tasks states etl latest',
    `TASK_ID   INSTANCES  STATES
extract           1  success
validate          1  success
load              1  none
`,
  ],
  [
    'xcom list etl latest',
    `TASK_ID  KEY           BYTES
extract  return_value     10
`,
  ],
  ['xcom get etl latest extract', '{"rows":3}\n'],
  [
    'inputs list',
    `DAG_ID  RUN_ID     TASK_ID  QUESTION  OPTIONS          ASKED     EXPIRES  ANSWER
etl     manual__1  approve  Publish?  Approve, Reject  long ago  -        -
`,
  ],
  [
    `backfill show ${BACKFILL_ID}`,
    `backfill_id:   ${BACKFILL_ID}
dag_id:        etl
state:         running
progress:      2 of 3 done (1 failed), 1 running, 0 to go, about 1m30s left
dates:         2026-01-01T00:00:00+00:00 to 2026-01-03T00:00:00+00:00
order:         earliest first
runs at once:  10
reprocesses:   none
created:       2026-01-31T09:00:00+00:00
by:            admin

#  LOGICAL_DATE               ACTION  RUN_ID       STATE    TOOK
1  2026-01-31T09:00:00+00:00  create  backfill__1  success     -
`,
  ],
  [
    'assets list',
    `NAME  URI             UPDATED   MADE BY  STARTS
rows  s3://lake/rows  long ago        1       1
`,
  ],
  [
    'assets show s3://lake/rows',
    `name:     rows
uri:      s3://lake/rows
active:   yes
updated:  2026-01-31T09:00:00+00:00 (long ago)
made by:  etl.load
watcher:  drop: file /in/*.csv, of DAG report, last update long ago
starts:   report
`,
  ],
  [
    'assets events rows',
    `ASSET  WHEN      FROM                PARTITION
rows   long ago  etl.load manual__1  -
`,
  ],
  [
    'alerts deadlines --missed',
    `DAG_ID  RUN_ID     NAME     DUE                        THAT IS   MISSED
etl     manual__1  by nine  2026-01-31T09:00:00+00:00  long ago  yes
`,
  ],
  [
    'alerts sla-misses',
    `DAG_ID  RUN_ID     TASK_ID  DUE                        MISSED
etl     manual__1  load     2026-01-31T09:00:00+00:00  long ago
`,
  ],
  ['auth whoami', 'viewer (viewer)\n'],
];

/** What some of them say beside their data. */
const TALK: ReadonlyMap<string, string> = new Map([
  ['dags explain etl', 'Unpause it: dagmesh dags unpause etl\n'],
  ['dags next-execution etl -n 2', 'It is held back. Why: dagmesh dags explain etl\n'],
]);

describe('for people', () => {
  test.each(TABLES)('dagmesh %s', async (line, table) => {
    const { code, stdout, stderr } = await dagmesh(line);
    // "293d ago" is as wide as "long ago", so columns stay where they are.
    expect({ code, stdout: steady(stdout) }).toEqual({ code: 0, stdout: table });
    expect(stderr).toBe(TALK.get(line) ?? '');
  });

  test.each([
    ['connections list', 'dagmesh connections add'],
    ['alerts callbacks', 'dagmesh dags show'],
    ['inputs list --status answered', 'dagmesh inputs list'],
  ])('an empty list says what to do next, and prints no data: %s', async (line, next) => {
    const { code, stdout, stderr } = await dagmesh(line);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toContain(next);
  });

  test('what the server says is shown, never obeyed', async () => {
    mesh.world.variables.set('evil', { key: 'evil', value: '\u001b[2J\u202eoh', description: '' });
    const table = await dagmesh('variables list');
    expect(table.stdout).toContain('\\x1b[2J\\u202eoh');
    const json = await dagmesh('variables list -o json');
    expect(JSON.parse(json.stdout)).toMatchObject([{ value: '\u001b[2J\u202eoh' }]);
    expect(table.stdout + json.stdout).not.toMatch(/[^\P{Cc}\n]|\u202e/u);
    mesh.world.variables.clear();
  });
});

describe('for programs', () => {
  test('JSON has the names of the contract, states in words, and instants in UTC', async () => {
    const { stdout } = await dagmesh('runs list etl -o json');
    expect(JSON.parse(stdout)).toMatchObject([
      {
        dag_id: 'etl',
        run_id: 'manual__1',
        state: 'success',
        run_type: 'manual',
        end_date: '2026-01-31T09:00:12Z',
      },
    ]);
  });

  test('YAML says the same as JSON', async () => {
    const [json, yaml] = await Promise.all([
      dagmesh('dags show etl -o json'),
      dagmesh('dags show etl -o yaml'),
    ]);
    expect(parse(yaml.stdout)).toEqual(JSON.parse(json.stdout));
    expect(parse(yaml.stdout)).toMatchObject({ spec: { tasks: [{ task_id: 'load' }, {}, {}] } });
  });

  test('an empty list is an empty document, without talk', async () => {
    const { stdout, stderr } = await dagmesh('connections list --json');
    expect({ list: JSON.parse(stdout), stderr }).toEqual({ list: [], stderr: '' });
  });

  test('log lines stay as they are stored', async () => {
    const { stdout } = await dagmesh('tasks logs etl latest validate --try 1 -o json');
    expect(JSON.parse(stdout)).toMatchObject({ level: 'info', message: 'first try' });
  });

  test('a list goes on over pages until the limit, and says when there is more', async () => {
    for (let index = 0; index < 1_200; index += 1) {
      const key = `k${String(index).padStart(4, '0')}`;
      mesh.world.variables.set(key, { key, value: String(index) });
    }
    const all = await dagmesh('variables list --limit 5000 -o json');
    expect(JSON.parse(all.stdout)).toHaveLength(1_200);
    const some = await dagmesh('variables list --limit 1100 -o json');
    expect(JSON.parse(some.stdout)).toHaveLength(1_100);
    expect(some.stderr).toContain('--limit');
    const one = await dagmesh('variables get k1150');
    expect(one.stdout).toBe('1150\n');
    mesh.world.variables.clear();
  });
});
