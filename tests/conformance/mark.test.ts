// States that people set: of task instances and of runs.
import { playTables } from './play/tables.ts';

playTables('mark');
