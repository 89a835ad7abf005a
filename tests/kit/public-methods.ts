// Every RPC of the public API, found in the generated files and not in any list of ours.
import { readdirSync } from 'node:fs';
import type { DescFile, DescMethod } from '@bufbuild/protobuf';

const GENERATED = new URL('../../services/gen/dagmesh/api/v1/', import.meta.url);

/** Every RPC of every file of dagmesh.api.v1. */
export async function publicMethods(): Promise<DescMethod[]> {
  const names = readdirSync(GENERATED).filter((name) => name.endsWith('_pb.ts'));
  const modules: Record<string, unknown>[] = await Promise.all(
    names.map((name) => import(new URL(name, GENERATED).href)),
  );
  const files = modules.flatMap((module) => Object.values(module).filter(isFile));
  return files.flatMap((file) => file.services.flatMap((service) => service.methods));
}

function isFile(value: unknown): value is DescFile {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'file';
}
