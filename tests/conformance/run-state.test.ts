// How a run ends: by its leaves, or because nothing can move it any more.
import { playTables } from './play/tables.ts';

playTables('run-state');
