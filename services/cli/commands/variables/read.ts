// `dagmesh variables list` and `get`. Values of secret ones are masked by DagMesh.
import {
  type Variable,
  VariableSchema,
  VariableService,
} from '#gen/dagmesh/api/v1/variable_service_pb.ts';
import { notFound } from '#kernel/errors/not-found.ts';
import { command, required } from '../../command.ts';
import { visibleLines } from '../../core/escape.ts';
import { toPlain } from '../../core/plain.ts';
import type { Column } from '../../core/table.ts';
import { collectRows, findRow, limitOption } from '../../pages.ts';
import { showList, showOne } from '../../screen.ts';

/** A list shows this much of a value; `get` shows it whole. */
const VALUE_SHOWN_MAX = 60;

const COLUMNS: readonly Column<Variable>[] = [
  { title: 'key', cell: (variable) => variable.key },
  { title: 'value', cell: (variable) => shortened(variable.value) },
  { title: 'secret', cell: (variable) => (variable.isSecret ? 'yes' : 'no') },
  { title: 'description', cell: (variable) => variable.description, wide: true },
];

export const listVariables = command({
  path: 'variables list',
  summary: 'List variables',
  calls: [VariableService.method.listVariables],
  options: { limit: limitOption },
  examples: ['dagmesh variables list'],
  run: async ({ options }, { api, screen }) => {
    const rows = await collectRows({
      limit: options.limit,
      screen,
      fetch: (page) => api.variables.listVariables(page),
      rowsOf: (page) => page.variables,
    });
    showList(screen, {
      rows,
      plain: (variable) => toPlain(VariableSchema, variable),
      columns: COLUMNS,
      empty: 'There are no variables. Set one: dagmesh variables set <key> <value>',
    });
  },
});

export const getVariable = command({
  path: 'variables get',
  summary: 'Print the value of a variable',
  about: 'A secret value is masked; tasks get it through their worker.',
  calls: [VariableService.method.listVariables],
  args: { key: required('<key>', 'its key') },
  examples: ['dagmesh variables get region'],
  run: async ({ args }, { api, screen }) => {
    const variable = await findRow({
      fetch: (page) => api.variables.listVariables(page),
      rowsOf: (page) => page.variables,
      isWanted: (row) => row.key === args.key,
    });
    if (variable === undefined) throw notFound('variable', args.key);
    showOne(screen, toPlain(VariableSchema, variable), () => visibleLines(variable.value));
  },
});

function shortened(value: string): string {
  return value.length > VALUE_SHOWN_MAX ? `${value.slice(0, VALUE_SHOWN_MAX)}…` : value;
}
