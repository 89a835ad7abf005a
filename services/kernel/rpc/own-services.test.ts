// Health and reflection, as probes and grpcurl see them.
import { create, createFileRegistry, fromBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { afterEach, describe, expect, it } from 'vitest';
import {
  Health,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from '#gen/grpc/health/v1/health_pb.ts';
import {
  ServerReflection,
  type ServerReflectionRequestSchema,
} from '#gen/grpc/reflection/v1/reflection_pb.ts';
import { ServerReflection as ServerReflectionAlpha } from '#gen/grpc/reflection/v1alpha/reflection_pb.ts';
import { Code } from '../errors/errors.ts';
import { createLog } from '../log/log.ts';
import { type ClosableDial, createDial } from './client.ts';
import { type GrpcServer, startGrpcServer } from './server.ts';
import { clusterKey, failureOf, scheduler } from './test-doors.ts';

const NAME = 'dagmesh.scheduler.v1.SchedulerService';
let server: GrpcServer;
let dial: ClosableDial;
afterEach(async () => {
  await dial.close();
  await server.stop(0);
});

describe('health', () => {
  it('is asked by anyone, for the server and for each service', async () => {
    const client = (await serve())(Health, here());
    const headers = { authorization: 'none' };
    for (const service of ['', NAME]) {
      const { status } = await client.check({ service }, { headers });
      expect(status).toBe(ServingStatus.SERVING);
    }
    expect((await failureOf(client.check({ service: 'no.Such' }))).code).toBe(Code.NotFound);
  });

  it('tells watchers of each change: closed, open, leaving', async () => {
    const client = (await serve({ isClosed: true }))(Health, here());
    const changes = client.watch({ service: NAME })[Symbol.asyncIterator]();
    const next = async () => (await changes.next()).value?.status;
    expect(await next()).toBe(ServingStatus.NOT_SERVING);
    server.open();
    expect(await next()).toBe(ServingStatus.SERVING);
    server.leave();
    expect(await next()).toBe(ServingStatus.NOT_SERVING);
  });

  it('of a service that is not there is unknown to watchers', async () => {
    const client = (await serve())(Health, here());
    for await (const { status } of client.watch({ service: 'no.Such' })) {
      expect(status).toBe(ServingStatus.SERVICE_UNKNOWN);
      break;
    }
  });
});

describe.each([
  ['v1', ServerReflection],
  ['v1alpha', ServerReflectionAlpha],
] as const)('reflection %s', (_version, reflection) => {
  const ask = async (messageRequest: Question) => {
    const client = (await serve())(reflection as typeof ServerReflection, here());
    const answers = client.serverReflectionInfo(only({ messageRequest }));
    for await (const { messageResponse } of answers) return messageResponse;
    throw new Error('no answer');
  };

  it('lists the services', async () => {
    const answer = await ask({ case: 'listServices', value: '' });
    expect(answer).toMatchObject({
      case: 'listServicesResponse',
      value: { service: [{ name: NAME }] },
    });
  });

  it.each([
    ['a service', { case: 'fileContainingSymbol', value: NAME }],
    ['a method', { case: 'fileContainingSymbol', value: `${NAME}.Explain` }],
    ['a message', { case: 'fileContainingSymbol', value: 'dagmesh.scheduler.v1.Blocker' }],
    ['a file', { case: 'fileByFilename', value: 'dagmesh/scheduler/v1/scheduler_service.proto' }],
  ] as const)('answers %s with everything it takes to call it', async (_what, question) => {
    const answer = await ask(question);
    if (answer.case !== 'fileDescriptorResponse') throw new Error(`got ${answer.case}`);
    const files = answer.value.fileDescriptorProto.map((bytes) =>
      fromBinary(FileDescriptorProtoSchema, bytes),
    );
    // A set wants what is imported first; reflection answers it last.
    const file = files.reverse();
    const registry = createFileRegistry(create(FileDescriptorSetSchema, { file }));
    expect(registry.getService(NAME)?.method.explain?.output.typeName).toBe(
      'dagmesh.scheduler.v1.ExplainResponse',
    );
  });

  it('finds the extensions that hold the rules of the contract', async () => {
    const containingType = 'google.protobuf.FieldOptions';
    const numbers = await ask({ case: 'allExtensionNumbersOfType', value: containingType });
    expect(numbers).toMatchObject({ value: { extensionNumber: expect.arrayContaining([1159]) } });
    const value = { containingType, extensionNumber: 1159 };
    const file = await ask({ case: 'fileContainingExtension', value });
    expect(file.case).toBe('fileDescriptorResponse');
  });

  it('says so when it does not know', async () => {
    const answer = await ask({ case: 'fileContainingSymbol', value: 'no.Such' });
    expect(answer).toMatchObject({ case: 'errorResponse', value: { errorCode: Code.NotFound } });
  });
});

type Question = MessageInitShape<typeof ServerReflectionRequestSchema>['messageRequest'];

async function* only<T>(message: T): AsyncGenerator<T> {
  yield message;
}

async function serve(options: { readonly isClosed?: boolean } = {}): Promise<ClosableDial> {
  const log = createLog('test', 'silent');
  const services = [scheduler({})];
  const bind = { host: '127.0.0.1', port: 0 };
  server = await startGrpcServer({ ...bind, services, clusterKey, log, ...options });
  dial = createDial({ caller: 'stranger', clusterKey });
  return dial;
}

function here(): string {
  return `127.0.0.1:${server.port}`;
}
