// Mapped tasks and groups: how many instances there are, and whom they follow.
import { playTables } from './play/tables.ts';

playTables('expansion');
