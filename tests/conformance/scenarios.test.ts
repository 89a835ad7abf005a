// Runs of small DAGs, row by row: what happens to them, and what they come to.
import { playTables } from './play/tables.ts';

for (const subject of [
  'branch',
  'clear',
  'dagrun-timeout',
  'deferral',
  'expansion',
  'fail-fast',
  'human-input',
  'mark',
  'pause',
  'run-state',
  'sensor',
  'setup-teardown',
  'short-circuit',
  'times',
  'transitions',
]) {
  playTables(subject);
}
