// Variables as people and tasks write them; secret ones are sealed before they reach a row.
import type { EntityManager } from 'typeorm';
import type { Variable as VariableMessage } from '#gen/dagmesh/api/v1/variable_service_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import { notFound } from '#kernel/errors/not-found.ts';
import { variablePlace } from '../secrets/places.ts';
import type { Sealer } from '../secrets/sealer.ts';
import type { PutOptions } from './connections.ts';
import { Variable, type VariableEntity } from './entities.ts';
import { audit, type Catalog, putRow } from './source.ts';

/** Makes or replaces a variable whole; `variable_exists` when it must not be replaced. */
export async function putVariable(
  catalog: Catalog,
  sealer: Sealer,
  variable: VariableMessage,
  options: PutOptions & {
    /** True for tasks: what they write stays secret when it was, and keeps its description. */
    readonly valueOnly: boolean;
  },
): Promise<void> {
  const { key } = variable;
  await catalog.change(async (manager) => {
    const kept = options.valueOnly ? await lockVariable(manager, key) : undefined;
    const isSecret = variable.isSecret || (kept?.isSecret ?? false);
    const row = {
      key,
      isSecret,
      description: kept?.description ?? variable.description,
      value: isSecret ? null : variable.value,
      secretValue: isSecret ? sealer.seal(variable.value, variablePlace(key)) : null,
      updatedAt: new Date(options.nowMs),
    };
    const replaced = options.createOnly ? 'none' : REPLACED;
    if (!(await putRow(manager, Variable, row, { key: 'key', replaced }))) {
      throw fail(
        'variable_exists',
        `variable "${key}" exists already; replace it with: dagmesh variables set ${key}`,
      );
    }
    const details = { key, isSecret };
    await audit(manager, { actor: options.actor, action: 'put_variable', details });
  });
}

/** Deletes a variable; `variable_not_found`. */
export async function deleteVariable(catalog: Catalog, key: string, actor: string): Promise<void> {
  await catalog.change(async (manager) => {
    const { affected } = await manager.delete(Variable, { key });
    if (affected === 0) throw notFound('variable', key);
    await audit(manager, { actor, action: 'delete_variable', details: { key } });
  });
}

const REPLACED = ['description', 'is_secret', 'value', 'secret_value', 'updated_at'];

async function lockVariable(
  manager: EntityManager,
  key: string,
): Promise<VariableEntity | undefined> {
  const lock = { mode: 'pessimistic_write' } as const;
  return (await manager.findOne(Variable, { where: { key }, lock })) ?? undefined;
}
