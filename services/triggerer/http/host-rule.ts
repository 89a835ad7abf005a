// Which hosts may be asked: triggers are written by whoever writes DAGs, but asked from here.
import { lookup as systemLookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { fail } from '#kernel/errors/errors.ts';

/** Says which hosts and addresses may be asked. */
export type HostRule = {
  /** Throws `host_not_allowed` when a URL's host may not be asked. */
  readonly check: (url: URL) => void;
  /**
   * Finds addresses as the system does, but fails (the refusal is the error's cause) when one of
   * them may not be asked: a name can point anywhere.
   */
  readonly lookup: LookupFunction;
};

/** Addresses at which clouds give their secrets to whoever asks from the inside. */
const metadataAddresses = new BlockList();
metadataAddresses.addSubnet('169.254.0.0', 16, 'ipv4');
metadataAddresses.addSubnet('fe80::', 10, 'ipv6');
metadataAddresses.addAddress('fd00:ec2::254', 'ipv6');

/**
 * With a list, only its hosts may be asked: `example.org`, or `*.example.org` for all below. An
 * address at which clouds keep secrets may be asked only when the list names the address itself.
 */
export function createHostRule(allow: readonly string[]): HostRule {
  const patterns = allow.map((pattern) => pattern.toLowerCase());
  const isListed = (host: string) =>
    patterns.some((pattern) =>
      pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : host === pattern,
    );
  return {
    check: (url) => {
      const host = bareHost(url);
      if (isListed(host)) return;
      if (patterns.length > 0) throw notAllowed(host, 'it is not in DAGMESH_TRIGGERER_HTTP_ALLOW');
      if (isForbidden(host)) throw notAllowed(host, 'it is a link-local address');
    },
    lookup: (host, options, answer) => {
      systemLookup(host, { ...options, all: true }, (error, addresses) => {
        if (error !== null) return answer(error, []);
        const bad = addresses.find(({ address }) => isForbidden(address));
        if (bad !== undefined) {
          const cause = notAllowed(host, `it leads to the link-local ${bad.address}`);
          return answer(new Error(cause.message, { cause }), []);
        }
        if (options.all) return answer(null, addresses);
        const [first] = addresses;
        answer(null, first?.address ?? '', first?.family ?? 4);
      });
    },
  };
}

function isForbidden(host: string): boolean {
  const family = isIP(host);
  return family !== 0 && metadataAddresses.check(host, family === 6 ? 'ipv6' : 'ipv4');
}

/** The host without the brackets of an IPv6 address. */
function bareHost({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '').toLowerCase();
}

function notAllowed(host: string, why: string) {
  return fail(
    'host_not_allowed',
    `HTTP triggers may not ask ${host}: ${why}; let an operator of the triggerer allow it`,
  );
}
