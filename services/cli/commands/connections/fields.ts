// A connection from the command line: from a URI, from options, or from both.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ConnectionSchema } from '#gen/dagmesh/api/v1/connection_service_pb.ts';
import { fail } from '#kernel/errors/errors.ts';
import { flag, parsed, required, text } from '../../command.ts';
import type { Context } from '../../context.ts';
import { parseJsonObject, parseWhole } from '../../core/arguments.ts';
import { parseConnectionUri } from '../../core/connection-uri.ts';
import { readSecret } from '../../stdin.ts';

/** Arguments of `connections add` and `set`. */
export const connectionArguments = {
  connId: required('<conn-id>', 'id of the connection'),
};

/** Options of `connections add` and `set`. */
export const connectionOptions = {
  uri: text('--uri <uri>', 'type://login:password@host:port/schema?param=value'),
  connType: text('--type <type>', 'e.g. postgres, http'),
  host: text('--host <host>', 'host name'),
  port: parsed('--port <port>', 'port', parseWhole({ min: 0, max: 65_535 })),
  login: text('--login <login>', 'user'),
  passwordStdin: flag('--password-stdin', 'read the password from stdin'),
  schema: text('--schema <schema>', 'database, bucket, path'),
  extra: parsed('--extra <json>', 'what else the type needs, as a JSON object', parseJsonObject),
  description: text('--description <text>', 'for people'),
};

type Given = {
  readonly [K in keyof typeof connectionOptions]: ReturnType<(typeof connectionOptions)[K]['read']>;
};

/** Puts it together, options before the URI. Errors: INVALID_ARGUMENT on no type or a bad URI. */
export async function readConnection(
  connId: string,
  given: Given,
  context: Context,
): Promise<MessageInitShape<typeof ConnectionSchema>> {
  const parts = given.uri === undefined ? undefined : partsOf(given.uri);
  if (parts !== undefined && parts.password !== '') {
    context.screen.say(
      'A password on the command line can be seen by others here; --password-stdin hides it.',
    );
  }
  const connType = given.connType ?? parts?.connType ?? '';
  if (connType === '') {
    throw fail('bad_request', 'A connection needs a type: pass --type or --uri.');
  }
  return {
    connId,
    connType,
    host: given.host ?? parts?.host ?? '',
    port: given.port ?? parts?.port ?? 0,
    login: given.login ?? parts?.login ?? '',
    password: given.passwordStdin ? await readSecret(context) : (parts?.password ?? ''),
    schema: given.schema ?? parts?.schema ?? '',
    extraJson: given.extra ?? parts?.extraJson ?? '',
    description: given.description ?? '',
  };
}

function partsOf(uri: string) {
  const result = parseConnectionUri(uri);
  if (result.kind === 'invalid') throw fail('bad_request', result.reason);
  return result.parts;
}
