// gRPC server reflection, v1 and v1alpha: lets grpcurl call a server without its contracts.
import { createRegistry, type DescFile, type Registry, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import {
  ServerReflection,
  type ServerReflectionRequest,
} from '#gen/grpc/reflection/v1/reflection_pb.ts';
import {
  ServerReflection as ServerReflectionAlpha,
  type ServerReflectionRequest as ServerReflectionRequestAlpha,
} from '#gen/grpc/reflection/v1alpha/reflection_pb.ts';
import { Code } from '../errors/errors.ts';
import { type RpcService, rpcService } from './service.ts';

/** Both versions differ in their package name only. */
type Request = ServerReflectionRequest | ServerReflectionRequestAlpha;
type Question = Request['messageRequest'];

/** The reflection services of a server with these services. */
export function reflectionServices(services: readonly Pick<RpcService, 'desc'>[]): RpcService[] {
  const names = services.map(({ desc }) => desc.typeName);
  const files = withDependencies(services.map(({ desc }) => desc.file));
  const registry = createRegistry(...files.values());

  async function* serverReflectionInfo(requests: AsyncIterable<Request>) {
    for await (const request of requests) {
      const messageResponse = answer(request.messageRequest, { names, files, registry });
      yield { validHost: request.host, messageResponse };
    }
  }
  return [
    rpcService(ServerReflection, { serverReflectionInfo }, { callers: 'anyone' }),
    rpcService(ServerReflectionAlpha, { serverReflectionInfo }, { callers: 'anyone' }),
  ];
}

type Known = {
  readonly names: readonly string[];
  readonly files: ReadonlyMap<string, DescFile>;
  readonly registry: Registry;
};

function answer(question: Question, known: Known) {
  switch (question.case) {
    case 'listServices': {
      const service = known.names.map((name) => ({ name }));
      return { case: 'listServicesResponse' as const, value: { service } };
    }
    case 'fileByFilename':
      return fileAnswer(known.files.get(question.value), question.value);
    case 'fileContainingSymbol':
      return fileAnswer(fileOfSymbol(question.value, known.registry), question.value);
    case 'fileContainingExtension': {
      const { containingType, extensionNumber } = question.value;
      const file = extensionsOf(containingType, known).find(
        ({ number }) => number === extensionNumber,
      )?.file;
      return fileAnswer(file, `${containingType} [${extensionNumber}]`);
    }
    case 'allExtensionNumbersOfType': {
      const extensionNumber = extensionsOf(question.value, known).map(({ number }) => number);
      const value = { baseTypeName: question.value, extensionNumber };
      return { case: 'allExtensionNumbersResponse' as const, value };
    }
    default:
      return refusal(
        Code.InvalidArgument,
        'ask for a file, a symbol, an extension or the services',
      );
  }
}

function fileAnswer(file: DescFile | undefined, asked: string) {
  if (file === undefined) return refusal(Code.NotFound, `${asked} is not known here`);
  // The file itself comes first, and every file before those it imports: what clients in all
  // languages can read.
  const fileDescriptorProto = [...withDependencies([file]).values()]
    .reverse()
    .map((each) => toBinary(FileDescriptorProtoSchema, each.proto));
  return { case: 'fileDescriptorResponse' as const, value: { fileDescriptorProto } };
}

function refusal(errorCode: Code, errorMessage: string) {
  return { case: 'errorResponse' as const, value: { errorCode, errorMessage } };
}

/** The file that declares a symbol; methods and fields are found through what holds them. */
function fileOfSymbol(symbol: string, registry: Registry): DescFile | undefined {
  const declared = registry.get(symbol);
  if (declared !== undefined) return declared.file;
  const dot = symbol.lastIndexOf('.');
  return dot < 0 ? undefined : registry.get(symbol.slice(0, dot))?.file;
}

function extensionsOf(typeName: string, known: Known) {
  return [...known.files.values()]
    .flatMap((file) => file.extensions)
    .filter((extension) => extension.extendee.typeName === typeName);
}

/** Files by name with all they import, directly or through others; what is imported comes first. */
function withDependencies(files: readonly DescFile[]): Map<string, DescFile> {
  const found = new Map<string, DescFile>();
  const add = (file: DescFile) => {
    if (found.has(file.proto.name)) return;
    for (const dependency of file.dependencies) add(dependency);
    found.set(file.proto.name, file);
  };
  for (const file of files) add(file);
  return found;
}
