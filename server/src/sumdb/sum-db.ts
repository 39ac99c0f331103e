import { parseVerifierKey } from './signed-note.ts';
import type { Cryptography, VerifierKey } from './signed-note.ts';

/** The verifier keys that the go command knows by name (cmd/go/internal/modfetch/key.go). They are public. */
export const KNOWN_KEYS: ReadonlyMap<string, string> = new Map([
  ['sum.golang.org', 'sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8'],
]);

/** What GOSUMDB asks for. */
export type SumDb =
  | {
      readonly kind: 'database';
      readonly key: VerifierKey;
      /** Where to ask instead of the proxies and `https://NAME`, as written and unchecked; undefined when not given. */
      readonly url: string | undefined;
    }
  /** No database may vouch for anything. */
  | { readonly kind: 'off'; readonly why: string }
  /** A value that the go command refuses, with its words. */
  | { readonly kind: 'invalid'; readonly why: string };

/**
 * Reads a value of GOSUMDB (cmd/go/internal/modfetch/sumdb.go:dbDial): `off`, or a known name or a verifier key
 * `NAME+HASH+KEY`, either with a URL after white space; `sum.golang.google.cn` is sum.golang.org at that address.
 */
export function parseSumDb(value: string, sha256: Cryptography['sha256']): SumDb {
  if (value === 'off') return { kind: 'off', why: 'checksum database disabled by GOSUMDB=off' };
  const words = value === MIRROR ? ['sum.golang.org', `https://${MIRROR}`] : value.split(WHITE_SPACE).filter(Boolean);
  const [name, url, ...rest] = words;
  if (name === undefined) return { kind: 'invalid', why: 'missing GOSUMDB' };
  if (rest.length > 0) return { kind: 'invalid', why: 'invalid GOSUMDB: too many fields' };

  const parsed = parseVerifierKey(KNOWN_KEYS.get(name) ?? name, sha256);
  if ('why' in parsed) return { kind: 'invalid', why: `invalid GOSUMDB: ${parsed.why}` };
  if (!HOST_AND_PATH.test(parsed.key.name)) {
    return { kind: 'invalid', why: `invalid sumdb name (must be host[/path]): ${parsed.key.name}` };
  }
  return { kind: 'database', key: parsed.key, url };
}

const MIRROR = 'sum.golang.google.cn';
/** unicode.IsSpace, at which strings.Fields splits. */
const WHITE_SPACE = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;
/** A name goes into addresses, so it may have nothing that means more than a host, a port and a path there. */
const HOST_AND_PATH =
  /^(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?(?:\/[A-Za-z0-9._~!$&'()*,;=:@/-]*(?<!\/))?$/;
