// Words that say nothing, and words that say something is unfinished.
import { basename } from 'node:path';
import { forbidding, type Rule } from '../rule.ts';

/** Names that fit everything and so tell nothing; the field has a better word. */
const BANNED_NAMES = new Set(
  `manager util utils helper helpers common misc base impl
   data info handle process types service2`.split(/\s+/),
);

/** Terms of the field that hold such a word. */
const TERMS = /[dD]ata[-_]?([iI]nterval|[pP]lane)s?|[rR]un[-_]?[tT]ypes?|ErrorInfo/g;

/** Files and what they export are named after what they are. */
export const namesTellSomething: Rule = {
  name: 'files and exports are named after what they are',
  check: (source) => {
    const file = basename(source.path).replace(/(\.test)?\.\w+$/, '');
    const bad = bannedWordOf(file);
    const inFile =
      bad === undefined ? [] : [{ path: source.path, line: 0, message: `"${bad}" says nothing` }];
    const inExports = source.code.flatMap((line, index) => {
      const name = EXPORTED.exec(line)?.[1];
      const word = name === undefined ? undefined : bannedWordOf(name);
      if (word === undefined) return [];
      return [{ path: source.path, line: index + 1, message: `"${word}" in ${name} says nothing` }];
    });
    return [...inFile, ...inExports];
  },
};

const EXPORTED = /^export (?:async )?(?:const|let|function\*?|class|type|interface)\s+([\w$]+)/;

/** What is unfinished is finished, or not begun. */
export const nothingIsUnfinished: Rule = forbidding({
  name: 'nothing is left to be done later',
  pattern: new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK'].join('|')})\\b`),
  message: 'do it, or delete it',
  lines: 'lines',
});

/** The repository is at home anywhere. */
export const nothingKnowsOurMachine: Rule = forbidding({
  name: 'no file knows the machine it was written on',
  pattern: new RegExp(
    `(^|[\\s'"\`(=])/(${['wo' + 'rk', 'home/\\w+', 'ro' + 'ot'].join('|')})(/|\\b)`,
  ),
  message: 'no path of one machine belongs into the repository',
  lines: 'lines',
});

function bannedWordOf(name: string): string | undefined {
  const words = name
    .replaceAll(TERMS, '')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.toLowerCase());
  return words.find((word) => BANNED_NAMES.has(word));
}
