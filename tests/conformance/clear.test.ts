// Clearing: what starts over, and what waits for what then.
import { playTables } from './play/tables.ts';

playTables('clear');
