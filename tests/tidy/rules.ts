// All rules that look at one file at a time.
import type { Rule } from './rule.ts';
import {
  chanceHasItsRoom,
  coresArePure,
  endsHaveTheirRoom,
  environmentHasItsRoom,
  timeHasItsRoom,
} from './rules/rooms.ts';
import {
  filesAreShort,
  filesSayWhatTheyAreFor,
  functionsFitAScreen,
  linesAreShort,
} from './rules/shape.ts';
import {
  exportsAreNamed,
  nobodySilencesTheCompiler,
  nothingIsAny,
  nothingIsPromised,
} from './rules/syntax.ts';
import {
  importsAreSpelledOut,
  importsRunOneWay,
  librariesHaveDoorkeepers,
  sdksStandAlone,
  servicesStandApart,
} from './rules/walls.ts';
import { namesTellSomething, nothingIsUnfinished, nothingKnowsOurMachine } from './rules/words.ts';

/** In the order of CONTRIBUTING: walls, rooms, shape, syntax, words. */
export const rules: readonly Rule[] = [
  servicesStandApart,
  sdksStandAlone,
  librariesHaveDoorkeepers,
  importsRunOneWay,
  importsAreSpelledOut,
  coresArePure,
  timeHasItsRoom,
  chanceHasItsRoom,
  environmentHasItsRoom,
  endsHaveTheirRoom,
  filesSayWhatTheyAreFor,
  filesAreShort,
  functionsFitAScreen,
  linesAreShort,
  nothingIsAny,
  nothingIsPromised,
  exportsAreNamed,
  nobodySilencesTheCompiler,
  namesTellSomething,
  nothingIsUnfinished,
  nothingKnowsOurMachine,
];
