// Setups and teardowns: who needs whom, and what their ends mean.
import { playTables } from './play/tables.ts';

playTables('setup-teardown');
