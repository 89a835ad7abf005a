// DAGs that fail fast: what the first failure ends.
import { playTables } from './play/tables.ts';

playTables('fail-fast');
