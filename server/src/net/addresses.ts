import { lookup } from 'node:dns';
import type { LookupAddress, LookupOptions } from 'node:dns';
import { BlockList, isIP } from 'node:net';
import type { LookupFunction } from 'node:net';

/**
 * Whether an IP address is one of the public Internet. Loopback, link-local, private, shared, multicast and
 * unspecified addresses are not, in IPv4, IPv6 and IPv4 written in IPv6 (RFC 6890, RFC 1918, RFC 4193, RFC 6598).
 */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 0) return false;
  return !notPublic.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/** The address literal in a URL's host (`[::1]` without its brackets), or undefined when it is a name. */
export function addressLiteral(hostname: string): string | undefined {
  const bare = hostname.startsWith('[') && hostname.endsWith(']') ? hostname.slice(1, -1) : hostname;
  return isIP(bare) === 0 ? undefined : bare;
}

/** A name that led to an address that may not be asked because of what somebody else wrote. */
export class PrivateAddressError extends Error {
  readonly code = 'PRIVATE_ADDRESS';
  readonly hostname: string;
  readonly address: string;

  constructor(hostname: string, address: string) {
    super(`${hostname} is at ${address}, which is not a public address`);
    this.hostname = hostname;
    this.address = address;
  }
}

/** DNS as Node does it, except that a name with any address that is not public is refused at connecting. */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  const all: LookupOptions & { all: true } = { ...options, all: true };
  lookup(hostname, all, (error, addresses) => {
    if (error) return callback(error, [], 0);
    const refused = firstNotPublic(addresses);
    if (refused) return callback(new PrivateAddressError(hostname, refused), [], 0);
    if (options.all) return callback(null, addresses);
    callback(null, addresses[0]!.address, addresses[0]!.family);
  });
};

/** The first address of a name that is not public; undefined when there is none, or the name is not known. */
export function privateAddressOf(hostname: string): Promise<string | undefined> {
  const literal = addressLiteral(hostname);
  if (literal !== undefined) return Promise.resolve(isPublicAddress(literal) ? undefined : literal);
  return new Promise((resolve) => {
    lookup(hostname, { all: true }, (error, addresses) => resolve(error ? undefined : firstNotPublic(addresses)));
  });
}

function firstNotPublic(addresses: readonly LookupAddress[]): string | undefined {
  return addresses.find(({ address }) => !isPublicAddress(address))?.address;
}

const notPublic = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8], ['10.0.0.0', 8], ['100.64.0.0', 10], ['127.0.0.0', 8], ['169.254.0.0', 16], ['172.16.0.0', 12],
  ['192.0.0.0', 24], ['192.168.0.0', 16], ['198.18.0.0', 15], ['224.0.0.0', 4], ['240.0.0.0', 4],
] as const) {
  notPublic.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  ['::', 96], ['64:ff9b:1::', 48], ['fc00::', 7], ['fe80::', 10], ['fec0::', 10], ['ff00::', 8],
] as const) {
  notPublic.addSubnet(network, prefix, 'ipv6');
}
