// Addresses of repositories: what of them is secret, and what is left to show.

/** A user and a password, with the place that may be told them. */
export type Credentials = {
  /** Scheme, host and port, e.g. `https://example.org`. */
  readonly origin: string;
  readonly username: string;
  readonly password: string;
};

/** An address without its secrets, and its secrets. */
export type Address = {
  /** To be fetched from. */
  readonly url: string;
  readonly credentials: Credentials | undefined;
};

/**
 * Takes user and password out of an address of HTTP, because the arguments of a program can be read
 * by others on the machine. Other transports know no passwords in addresses.
 */
export function readAddress(url: string): Address {
  if (!/^https?:/i.test(url) || !URL.canParse(url)) return { url, credentials: undefined };
  const parsed = new URL(url);
  const { origin, username, password } = parsed;
  if (username === '' && password === '') return { url, credentials: undefined };
  parsed.username = '';
  parsed.password = '';
  return {
    url: parsed.href,
    credentials: { origin, username: decoded(username), password: decoded(password) },
  };
}

/** A text without the secrets of the addresses in it: users, passwords, values of queries. */
export function withoutSecrets(text: string): string {
  return text.replaceAll(/\/\/[^/\s]*@/g, '//').replaceAll(/([?&][^=\s]*=)[^&\s'"]+/g, '$1…');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
