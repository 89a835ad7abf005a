// Short circuits: what they skip, with and without trigger rules, and teardowns never.
import { playTables } from './play/tables.ts';

playTables('short-circuit');
