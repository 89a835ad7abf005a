// The key of an XCom, wherever one is named.
import { text } from '../../command.ts';

/** `--key`. */
export const keyOption = text('-k, --key <key>', 'its key; default return_value');
