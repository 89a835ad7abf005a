// XComs as a running task reads and writes them.
import type { JsonValue } from '../../json.ts';
import type { XComs, XComSource } from '../../task/context.ts';
import { CallError } from '../../task/outcomes.ts';
import { type Ask, type Fields, jsonWithin, orUndefined } from './ask.ts';

/** The XComs of an attempt; each value at most `bytesMax` of JSON. */
export function xcomsOf(ask: Ask, bytesMax: number): XComs {
  return {
    push: async (key, value) => {
      const valueJson = jsonWithin(value, `XCom "${key}"`, bytesMax);
      await ask('pushXCom', { xcom: { key, valueJson } });
    },
    pull: async <T>(source: XComSource = {}) => {
      if (source.offset !== undefined) return (await elementOf(ask, source, source.offset)) as T;
      const answer = await orUndefined(ask('pullXCom', requestOf(source)));
      return answer === undefined ? undefined : (JSON.parse(String(answer['valueJson'])) as T);
    },
    list: async (taskId = '') => {
      const { keys } = await ask('listXComs', { taskId });
      return (keys ?? []) as readonly string[];
    },
    delete: async (key) => void (await ask('deleteXCom', { key })),
  };
}

async function elementOf(ask: Ask, source: XComSource, offset: number): Promise<JsonValue> {
  const { mapIndex, mapIndexes, slice, taskId, key } = source;
  if ([mapIndex, mapIndexes, slice].some((each) => each !== undefined)) {
    throw new TypeError('offset, slice, mapIndex and mapIndexes exclude each other; give one');
  }
  const only = offset === -1 ? { start: offset } : { start: offset, stop: offset + 1 };
  const { valueJson, mappedCount = 0 } = await ask(
    'pullXCom',
    requestOf({ ...source, slice: only }),
  );
  const [element] = JSON.parse(String(valueJson)) as readonly JsonValue[];
  if (element !== undefined) return element;
  const whose = `instances of ${taskId || 'this task'} under ${key || 'return_value'}`;
  const words = `offset ${offset} is outside of the ${mappedCount} values of ${whose}`;
  throw new CallError('not_found', words);
}

function requestOf(source: XComSource): Fields {
  const { taskId = '', key = '', dagId = '', runId = '', includePriorDates = false } = source;
  const { mapIndex, mapIndexes = [], slice } = source;
  return {
    taskId,
    key,
    dagId,
    runId,
    includePriorDates,
    mapIndexes: [...mapIndexes],
    ...(mapIndex === undefined ? {} : { mapIndex }),
    ...(slice === undefined ? {} : { slice: { ...slice } }),
  };
}
