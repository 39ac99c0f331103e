import type { ProxyEntry } from '../engine/environment.ts';
import type { Result } from '../syntax/result.ts';
import { quote } from '../syntax/quote.ts';

/**
 * Reads GOPROXY (cmd/go/internal/modfetch/proxy.go:proxyList). `direct` and `off` end the list.
 *
 * One bad entry spoils the whole list, as it does for the go command; the error has its words, without credentials.
 */
export function parseProxyList(list: string, isAbsolutePath: (path: string) => boolean): Result<readonly ProxyEntry[]> {
  const entries: ProxyEntry[] = [];
  for (const { word, separator } of splitList(list)) {
    if (word === '') continue;
    if (word === 'off' || word === 'direct') {
      entries.push({ kind: word });
      break;
    }
    const url = proxyUrl(withScheme(word, isAbsolutePath));
    if (!url.ok) return url;
    entries.push({ kind: 'proxy', url: url.value, fallBackOn: separator === '|' ? 'any' : 'absent' });
  }
  if (entries.length > 0) return { ok: true, value: entries };
  return { ok: false, error: 'GOPROXY list is not the empty string, but contains no entries' };
}

/**
 * An address, or a list of addresses, as it may be shown: without what may be a credential, which is all between the
 * scheme and the last `@`, the query and the fragment. Texts that are no addresses are covered too, and there a
 * password may hold any character, so it rather drops too much.
 */
export function redactUrl(addresses: string): string {
  const starts = [0, ...Array.from(addresses.matchAll(/(?<=[,|\s])[a-z][a-z0-9+.-]*:\/\//gi), ({ index }) => index)];
  return starts.map((start, order) => redactOne(addresses.slice(start, starts[order + 1]))).join('');
}

function redactOne(address: string): string {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)?(.*)$/is.exec(address) ?? [];
  return scheme + rest.slice(rest.lastIndexOf('@') + 1).replace(/[?#][^,|\s]*/g, '');
}

interface ListWord {
  readonly word: string;
  /** What ends it; empty for the last one. */
  readonly separator: string;
}

function splitList(list: string): ListWord[] {
  const parts = list.split(/([,|])/);
  const words: ListWord[] = [];
  for (let at = 0; at < parts.length; at += 2) words.push({ word: parts[at]!.trim(), separator: parts[at + 1] ?? '' });
  return words;
}

/** Words without a scheme that could not be built-in ones are hosts; a path is left to be refused. */
function withScheme(word: string, isAbsolutePath: (path: string) => boolean): string {
  const isHost = /[.:/]/.test(word) && !word.includes(':/') && !word.startsWith('/') && !isAbsolutePath(word);
  return isHost ? `https://${word}` : word;
}

/** The address of a proxy, checked as modfetch/proxy.go:newProxyRepo does, without one trailing slash. */
function proxyUrl(address: string): Result<string> {
  const fault = urlFault(address);
  if (fault !== undefined) return refuse(`parse ${quote(redactUrl(address))}: ${redactPort(fault, address)}`);
  const { scheme, rest } = splitScheme(address);
  switch (scheme) {
    case 'http':
    case 'https':
      return webUrl(scheme, rest, address);
    case 'file':
      return fileUrl(rest, address);
    case '':
      return refuse(`invalid proxy URL missing scheme: ${redactUrl(address)}`);
    default:
      return refuse(`invalid proxy URL scheme (must be https, http, file): ${redactUrl(address)}`);
  }
}

/** The go command takes an address without a host and fails at each request; here it is told at once. */
function webUrl(scheme: string, rest: string, address: string): Result<string> {
  if (!/^\/\/([^/]*@)?[^/?#:@]/.test(rest)) return refuse(`invalid proxy URL missing host: ${redactUrl(address)}`);
  if (!URL.canParse(address)) return refuse(`invalid proxy URL: ${redactUrl(address)}`);
  const [, path = '', query = ''] = /^([^?#]*)(.*)$/s.exec(rest) ?? [];
  return { ok: true, value: `${scheme}:${path.replace(/\/$/, '')}${query}` };
}

function fileUrl(rest: string, address: string): Result<string> {
  if (!/^\/\/(\/[^?#]*)?$/.test(rest)) {
    return refuse(`invalid file:// proxy URL with non-path elements: ${redactUrl(address)}`);
  }
  return { ok: true, value: `file://${rest.slice(2).replace(/\/$/, '')}` };
}

/** A slash in a password makes its beginning look like a port. */
function redactPort(fault: string, address: string): string {
  return address.includes('@') && fault.startsWith('invalid port') ? 'invalid port after host' : fault;
}

function refuse(error: string): Result<string> {
  return { ok: false, error };
}

interface SplitUrl {
  /** In small letters; empty when there is none. */
  readonly scheme: string;
  readonly rest: string;
}

function splitScheme(address: string): SplitUrl {
  const match = /^([a-z][a-z0-9+.-]*):/i.exec(address);
  if (!match) return { scheme: '', rest: address };
  return { scheme: match[1]!.toLowerCase(), rest: address.slice(match[0].length) };
}

/** Why net/url.Parse would refuse an address, in its words; undefined when it takes it. */
function urlFault(address: string): string | undefined {
  if (/[\0-\x1f\x7f]/.test(address)) return 'net/url: invalid control character in URL';
  if (address.startsWith(':')) return 'missing protocol scheme';
  const { scheme, rest } = splitScheme(address);
  if (scheme === '' && /^[^/]*:/.test(rest)) return 'first path segment in URL cannot contain colon';
  if (!rest.startsWith('/')) return undefined;
  const [, authority, path = ''] = /^(?:\/\/([^/?#]*))?([^?#]*)/.exec(rest) ?? [];
  return (authority === undefined ? undefined : authorityFault(scheme, authority)) ?? escapeFault(path);
}

function authorityFault(scheme: string, authority: string): string | undefined {
  const at = authority.lastIndexOf('@');
  const host = authority.slice(at + 1);
  return hostFault(scheme, host) ?? (at < 0 ? undefined : userFault(authority.slice(0, at)));
}

function userFault(user: string): string | undefined {
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user)) return 'net/url: invalid userinfo';
  // Go names the bad escape, which here would be a piece of a password.
  return escapeFault(user) === undefined ? undefined : 'net/url: invalid userinfo';
}

function hostFault(scheme: string, host: string): string | undefined {
  const bracket = host.lastIndexOf('[');
  if (bracket > 0) return 'invalid IP-literal';
  const end = host.lastIndexOf(']');
  if (bracket === 0 && end < 0) return "missing ']' in host";
  const isWeb = scheme === 'http' || scheme === 'https';
  const colon = isWeb || bracket === 0 ? host.indexOf(':', end + 1) : host.lastIndexOf(':');
  const port = bracket === 0 ? host.slice(end + 1) : colon < 0 ? '' : host.slice(colon);
  if (!/^(:\d*)?$/.test(port)) return `invalid port ${quote(port)} after host`;
  const bad = /[^A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"%\x80-\uffff]/.exec(host);
  return bad ? `invalid character ${quote(bad[0])} in host name` : undefined;
}

function escapeFault(text: string): string | undefined {
  const bad = /%(?![0-9A-Fa-f]{2}).{0,2}/su.exec(text);
  return bad ? `invalid URL escape ${quote(bad[0])}` : undefined;
}
