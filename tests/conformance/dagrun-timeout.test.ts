// Runs whose time is over.
import { playTables } from './play/tables.ts';

playTables('dagrun-timeout');
