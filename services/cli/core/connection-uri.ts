// Reads a connection from a URI by Airflow's rules, so that its users' URIs work unchanged.

/** The parts of a connection that a URI can hold. */
export type ConnectionParts = {
  readonly connType: string;
  readonly login: string;
  readonly password: string;
  readonly host: string;
  readonly port: number;
  readonly schema: string;
  readonly extraJson: string;
};

/** Either the parts, or one sentence that says what is wrong with the URI. */
export type ParsedUri =
  | { readonly kind: 'connection'; readonly parts: ConnectionParts }
  | { readonly kind: 'invalid'; readonly reason: string };

/**
 * Parses `type://login:password@host:port/schema?param=value`. All parts but the type may be absent
 * and are percent-decoded. `-` in the type means `_`, `postgresql` means `postgres`. Query params
 * become the extra, or `?__extra__=<JSON>` is the extra itself. A protocol may stand before the
 * host: `http://login:password@https://host` is not of these, `my-type://https://host` is.
 * Source: airflow.models.connection.Connection._parse_from_uri.
 */
export function parseConnectionUri(uri: string): ParsedUri {
  const [type, rest, surplus] = splitProtocols(uri);
  if (type === undefined || rest === undefined || surplus !== undefined) {
    return invalid('it must look like type://login:password@host:port/schema?param=value');
  }
  if (!/^[a-z][a-z0-9+.-]*$/i.test(type)) {
    return invalid(`its type "${type}" may hold letters, digits, "+", "." and "-" only`);
  }
  const [beforeQuery, query] = cut(rest.host, '?');
  const [authority, path] = cut(beforeQuery, '/');
  const [credentials, address] = cutLast(authority, '@');
  const [login, password] = cut(credentials ?? '', ':');
  const [host, port] = splitPort(address);
  const portNumber = port === undefined || port === '' ? 0 : Number(port);
  if (!Number.isInteger(portNumber) || portNumber < 0 || portNumber > 65_535) {
    return invalid(`its port "${port}" is not a number from 0 to 65535`);
  }
  try {
    const hostName = decodeURIComponent(host);
    const parts = {
      connType: normalizeType(type),
      login: decodeURIComponent(login),
      password: decodeURIComponent(password ?? ''),
      host: rest.protocol === undefined ? hostName : `${rest.protocol}://${hostName}`,
      port: portNumber,
      schema: decodeURIComponent(path ?? ''),
      extraJson: readExtra(query ?? ''),
    };
    return { kind: 'connection', parts };
  } catch {
    return invalid('it holds a "%" that does not begin a percent-encoded character (write %25)');
  }
}

type Rest = { readonly protocol: string | undefined; readonly host: string };

/** `type://rest` or `type://protocol://rest`; what follows the query is never a protocol. */
function splitProtocols(uri: string): [string?, Rest?, string?] {
  const [head, query] = cut(uri, '?');
  const [type, first, second, surplus] = head.split('://');
  const tail = query === undefined ? '' : `?${query}`;
  if (first === undefined) return [type];
  if (second === undefined) return [type, { protocol: undefined, host: first + tail }];
  return [type, { protocol: first, host: second + tail }, surplus];
}

function splitPort(address: string): [string, string | undefined] {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(address);
  if (bracketed !== null) return [bracketed[1] ?? '', bracketed[2]];
  return cut(address, ':');
}

function normalizeType(type: string): string {
  return type === 'postgresql' ? 'postgres' : type.replaceAll('-', '_');
}

function readExtra(query: string): string {
  if (query === '') return '';
  const params = new URLSearchParams(query);
  return params.get('__extra__') ?? JSON.stringify(Object.fromEntries(params));
}

function cut(text: string, mark: string): [string, string | undefined] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + mark.length)];
}

function cutLast(text: string, mark: string): [string | undefined, string] {
  const at = text.lastIndexOf(mark);
  return at < 0 ? [undefined, text] : [text.slice(0, at), text.slice(at + mark.length)];
}

function invalid(reason: string): ParsedUri {
  return { kind: 'invalid', reason: `The connection URI cannot be read: ${reason}.` };
}
