import { parseNetrc } from '../../server/src/net/credentials.ts';
import { matchPrefixPatterns } from '../../server/src/syntax/module-path.ts';

/** One line of what recorder.mjs writes, with the settings and the directory of the process that sent it. */
export type Outgoing = (
  | { readonly kind: 'http'; readonly origin: string; readonly path: string; readonly method: string; readonly headers: string }
  | { readonly kind: 'git'; readonly args: readonly string[] }
) & {
  readonly pid: number;
  readonly directory: string;
  readonly settings: Readonly<Record<string, string>>;
  /** The text of its netrc file. */
  readonly netrc: string;
};

/** What somebody heard who should not have; empty is what is wanted. */
export function leaksOf(outgoing: Outgoing): string[] {
  const requests = outgoing.kind === 'http' ? requestsOf(outgoing) : outgoing.args.flatMap(remotesIn);
  return requests.flatMap((request) => [
    ...privatePathsIn(request, outgoing),
    ...credentialsIn(request, outgoing),
    ...directoriesIn(request, outgoing),
  ]);
}

interface Request {
  readonly url: URL;
  /** Who hears it: the host of the address, or the HTTP proxy on the way. */
  readonly listener: string;
  readonly headers: string;
}

function requestsOf({ origin, path, method, headers }: Outgoing & { kind: 'http' }): Request[] {
  const listener = new URL(origin).host;
  // What an HTTP proxy is told of is what it was configured for, and of a tunnel it hears no more than the host.
  const url = new URL(method === 'CONNECT' ? `http://${path}` : path, origin);
  return [{ url, listener, headers }];
}

function remotesIn(argument: string): Request[] {
  const found = argument.match(/\b(?:https?|ssh|git):\/\/[^\s"']+/g) ?? [];
  return found.filter((text) => URL.canParse(text)).map((text) => ({ url: new URL(text), listener: new URL(text).host, headers: '' }));
}

/** A private module's path, at a proxy, at a database, or at any host but its own. */
function privatePathsIn({ url }: Request, { settings }: Outgoing): string[] {
  const noProxy = settings['GONOPROXY'] ?? settings['GOPRIVATE'] ?? '';
  const noSumDb = settings['GONOSUMDB'] ?? settings['GOPRIVATE'] ?? '';
  const path = unescaped(url.pathname);
  const lookup = /\/lookup\/(.*)@/.exec(path);
  if (lookup) return matchPrefixPatterns(noSumDb, lookup[1]!) ? [`a checksum database heard of ${lookup[1]!} at ${url.host}`] : [];
  const isProxied = /\/@(v\/|latest$)/.test(path);
  if (!isProxied && matchPrefixPatterns(noProxy, url.hostname + path)) return [];
  const elements = path.split('/').slice(1);
  const named = elements.map((_, at) => elements.slice(at).join('/')).find((rest) => /^[^/]+\.[^/]+(\/|$)/.test(rest) && matchPrefixPatterns(noProxy, rest));
  return named === undefined ? [] : [`${url.host} heard of ${named}`];
}

/** `%41` and `!a` are both `A`. */
function unescaped(path: string): string {
  return decodeURIComponent(path).replace(/!([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** A login at any host but its own, and at its own in anything but the header for it. */
function credentialsIn({ url, listener, headers }: Request, { settings, netrc }: Outgoing): string[] {
  return loginsOf(settings, netrc).flatMap(({ host, user, password }) => {
    const forms = [password, encodeURIComponent(password), Buffer.from(`${user}:${password}`).toString('base64')];
    const found = (text: string): boolean => forms.some((form) => text.includes(form));
    if (found(url.href)) return [`the password for ${host} is in the address ${url.host}${url.pathname}`];
    return listener !== host && new URL(`https://${host}`).hostname !== listener && found(headers) ? [`${listener} got the password for ${host}`] : [];
  });
}

interface Login {
  readonly host: string;
  readonly user: string;
  readonly password: string;
}

function loginsOf(settings: Outgoing['settings'], netrc: string): Login[] {
  const found: Login[] = [];
  for (const name of ['GOPROXY', 'GOSUMDB', 'HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy']) {
    for (const text of (settings[name] ?? '').split(/[,|\s]/)) {
      if (!URL.canParse(text)) continue;
      const { host, username, password } = new URL(text);
      if (password.length > 2) found.push({ host, user: decodeURIComponent(username), password: decodeURIComponent(password) });
    }
  }
  for (const { machine, login, password } of parseNetrc(netrc)) {
    if (password.length > 2) found.push({ host: machine, user: login, password });
  }
  return found;
}

function directoriesIn({ url, headers }: Request, { directory, settings }: Outgoing): string[] {
  const names = [directory, settings['HOME'] ?? ''].filter((name) => name.split('/').length > 2);
  const text = `${unescaped(url.pathname)}${url.search}\n${headers}`;
  return names.filter((name) => text.includes(name)).map((name) => `${url.host} heard of the directory ${name}`);
}
