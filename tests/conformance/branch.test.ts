// Branches: what is followed, what is skipped, also after clearing.
import { playTables } from './play/tables.ts';

playTables('branch');
