// XComs as a running task reads and writes them.
import type { XComs, XComSource } from '../../task/context.ts';
import { type Ask, type Fields, jsonWithin, orUndefined } from './ask.ts';

/** The XComs of an attempt; each value at most `bytesMax` of JSON. */
export function xcomsOf(ask: Ask, bytesMax: number): XComs {
  return {
    push: async (key, value) => {
      const valueJson = jsonWithin(value, `XCom "${key}"`, bytesMax);
      await ask('pushXCom', { xcom: { key, valueJson } });
    },
    pull: async <T>(source: XComSource = {}) => {
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
