// What a task instance keeps over its tries, and what assets keep.
import type { AssetName } from '../../task/assets.ts';
import type { State, States } from '../../task/state.ts';
import { type Ask, type Fields, jsonWithin, orUndefined } from './ask.ts';
import { assetNameOf } from './asset-calls.ts';

const VALUE_BYTES_MAX = 256 * 1024;

/** The states an attempt may read and write. */
export function statesOf(ask: Ask): States {
  const ofTaskInstance = stateOf(ask, { scope: 'STATE_SCOPE_TASK_INSTANCE' });
  return {
    ...ofTaskInstance,
    of: (asset: AssetName) =>
      stateOf(ask, { scope: 'STATE_SCOPE_ASSET', assetName: assetNameOf(asset) }),
  };
}

function stateOf(ask: Ask, owner: Fields): State {
  return {
    get: async <T>(key: string) => {
      const answer = await orUndefined(ask('getState', { ...owner, key }));
      return answer === undefined ? undefined : (JSON.parse(String(answer['valueJson'])) as T);
    },
    set: async (key, value) => {
      const valueJson = jsonWithin(value, `state "${key}"`, VALUE_BYTES_MAX);
      await ask('setState', { ...owner, key, valueJson });
    },
    delete: async (key) => void (await ask('deleteState', { ...owner, key })),
  };
}
