// TypeScript as this house writes it: nothing the type checker cannot see through.
import { forbidding, type Rule } from '../rule.ts';

/** `any` switches the checker off; `unknown` asks for a check. */
export const nothingIsAny: Rule = forbidding({
  name: 'nothing is any',
  pattern: /(?::|\bas|[<|&]|=>)\s*any\b(?!\s*[:(.])|,\s*any\s*[>,\]]|=\s*any;|\bany\s*\[\]/,
  message: 'say what it is, or `unknown` and check',
});

/** A check can be made where `!` would only promise. */
export const nothingIsPromised: Rule = forbidding({
  name: 'no non-null assertion',
  pattern: /[\w$)\]]!(?=[.;,)\]}:]|\[|\s*$|\s+as\b)/,
  message: 'check instead of promising with `!`',
});

/** A name is the same wherever it is imported. */
export const exportsAreNamed: Rule = forbidding({
  name: 'exports are named',
  pattern: /^\s*export default\b/,
  message: 'give it a name',
  appliesTo: ({ path }) => !/^dags\/|\.config\.ts$|\/dags\//.test(path),
});

/** The compiler and the linter are right, or the line is wrong. */
export const nobodySilencesTheCompiler: Rule = forbidding({
  name: 'nobody silences the compiler or the linter',
  pattern: new RegExp(
    `@${'ts'}-(ignore|expect-error|nocheck)|(oxlint|eslint)-${'disable'}|biome-${'ignore'}`,
  ),
  message: 'mend the line instead',
  lines: 'lines',
});
