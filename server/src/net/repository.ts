import type { Evidence } from '../engine/facts.ts';
import type { AbortSignal } from '../engine/network.ts';
import { decode, printable } from './module-proxy.ts';
import { matchGoImport, parseGoImports, subdirectoryFault } from './go-import.ts';
import type { GoImport } from './go-import.ts';
import type { HttpAnswer, HttpGet, HttpRequest } from './http.ts';
import { parseUrl, shownUrl } from './credentials.ts';

/** Where the source of a module is. */
export type Repository =
  | {
      readonly kind: 'vcs';
      /** `git`, `hg`, `svn`, `bzr` or `fossil`. */
      readonly vcs: string;
      /** The import path of the repository's root. */
      readonly root: string;
      /** The directory that the root stands for; empty for the whole repository. */
      readonly subdirectory: string;
      /** Addresses to try, the first that answers counts. */
      readonly urls: readonly string[];
      /** The hosts are known to Go itself; otherwise a server's answer named them. */
      readonly known: boolean;
    }
  /** A go-import answer names a module proxy. */
  | { readonly kind: 'proxy'; readonly url: string };

export type RepositoryAnswer =
  | { readonly kind: 'answer'; readonly value: Repository }
  | { readonly kind: 'absent'; readonly evidence: Evidence }
  | { readonly kind: 'failure'; readonly why: string };

/**
 * The repository of a path as the path alone tells (cmd/go/internal/vcs/vcs.go:vcsPaths); undefined when its host must
 * be asked.
 */
export function knownRepository(path: string): RepositoryAnswer | undefined {
  for (const host of KNOWN_HOSTS) {
    if (path !== host.prefix && !path.startsWith(`${host.prefix}/`)) continue;
    const root = host.pattern.exec(path)?.groups?.['root'];
    if (root === undefined) return absent(host.prefix, `invalid ${host.prefix} import path ${JSON.stringify(path)}`);
    if (host.noSuffix && VCS_SUFFIX.test(root)) {
      return absent(host.prefix, `invalid version control suffix in ${host.prefix}/ path`);
    }
    return vcs({ vcs: host.vcs, root, subdirectory: '', urls: [`https://${root}`], known: true });
  }
  const named = namedVcs(path);
  if (!named) return undefined;
  // Go tries the schemes of git one after the other; those that are not secure are not tried at all.
  const urls = [`https://${named.repo}`, `ssh://${named.repo}`];
  return vcs({ vcs: named.vcs, root: named.root, subdirectory: '', urls, known: false });
}

export interface DiscoveryRequest {
  readonly signal: AbortSignal;
  readonly reach: HttpRequest['reach'];
  /** The path matches GOINSECURE: http and unverified certificates are accepted. */
  readonly insecure: boolean;
}

/** Asks the host of a path for its go-import tags (vcs.go:repoRootForImportDynamic). */
export async function discoverRepository(
  path: string,
  get: HttpGet,
  request: DiscoveryRequest,
): Promise<RepositoryAnswer> {
  const host = path.split('/')[0]!;
  if (!host.includes('.')) return absent(path, 'import path does not begin with hostname');
  const page = await goGet(path, get, request);
  if (page.kind === 'failure') return failure(page.why);
  const found = matchGoImport(page.imports, path);
  if (found === 'several') return failure(`multiple meta tags match import path ${JSON.stringify(path)}`);
  if (found === undefined) return withoutTag(host, page);
  if (found.prefix !== path) {
    const confirmed = await confirm(path, found, get, request);
    if (confirmed !== undefined) return failure(confirmed);
  }
  return repositoryOf(found, host, request);
}

interface GoGetPage {
  readonly kind: 'page';
  readonly answer: HttpAnswer & { kind: 'answer' };
  readonly imports: readonly GoImport[];
  /** The answer came from the address asked for, without redirects. */
  readonly straight: boolean;
}

async function goGet(
  path: string,
  get: HttpGet,
  request: DiscoveryRequest,
): Promise<GoGetPage | (HttpAnswer & { kind: 'failure' })> {
  const slash = path.includes('/') ? '' : '/';
  const ask = (scheme: string): Promise<HttpAnswer> =>
    get(`${scheme}://${path}${slash}?go-get=1`, { ...request, maxBytes: MAX_PAGE, purpose: 'go-get' });
  let answer = await ask('https');
  let scheme = 'https';
  if (answer.kind === 'failure' && request.insecure && !request.signal.aborted) {
    answer = await ask('http');
    scheme = 'http';
  }
  if (answer.kind === 'failure') return answer;
  return {
    kind: 'page',
    answer,
    imports: parseGoImports(decode(answer.body)),
    straight: answer.url === shownUrl(`${scheme}://${path}${slash}`),
  };
}

/** The most that is read of a page, in bytes. */
const MAX_PAGE = 1 << 20;

/** A page without a tag is definite only when it is the host's own: a redirect may have led to a page to log in. */
function withoutTag(host: string, page: GoGetPage): RepositoryAnswer {
  const { status, statusText } = page.answer;
  const gone = status === 404 || status === 410;
  if (gone && page.straight) return absent(`https://${host}`, statusText);
  if (gone || status !== 200) return failure(`https://${host} answered ${statusText}`);
  if (page.straight) return absent(`https://${host}`, 'no go-import meta tags');
  return failure(`https://${host} redirected to ${page.answer.url}, which has no go-import meta tags`);
}

/** The host of a prefix must say the same about it itself, so that one user of a host can't speak for another. */
async function confirm(
  path: string,
  found: GoImport,
  get: HttpGet,
  request: DiscoveryRequest,
): Promise<string | undefined> {
  const page = await goGet(found.prefix, get, request);
  if (page.kind === 'failure') return page.why;
  const again = matchGoImport(page.imports, path);
  const same = typeof again === 'object' && JSON.stringify(again) === JSON.stringify(found);
  return same ? undefined : `${path} and ${found.prefix} disagree about go-import for ${found.prefix}`;
}

function repositoryOf(found: GoImport, host: string, request: DiscoveryRequest): RepositoryAnswer {
  const fault = subdirectoryFault(found.subdirectory);
  if (fault !== undefined) return failure(`${host}: invalid subdirectory ${shown(found.subdirectory)}: ${fault}`);
  const address = parseUrl(found.repoRoot);
  const isProxy = found.vcs === 'mod';
  const schemes = [...(isProxy ? ['https:'] : ['https:', 'ssh:', 'git+ssh:']), ...(request.insecure ? ['http:'] : [])];
  if (!address || !schemes.includes(address.protocol) || address.hostname === '' || address.hostname.startsWith('-')) {
    return failure(`${host}: invalid repo root ${shown(found.repoRoot)}: not an https or ssh address`);
  }
  if (isProxy) return { kind: 'answer', value: { kind: 'proxy', url: found.repoRoot } };
  if (!VCS_NAMES.includes(found.vcs)) return failure(`${host}: unknown vcs ${shown(found.vcs)}`);
  const { vcs: system, prefix: root, subdirectory, repoRoot } = found;
  return vcs({ vcs: system, root, subdirectory, urls: [repoRoot], known: false });
}

/** What a server wrote, so that it can stand in a message; the address may hold a password. */
function shown(text: string): string {
  return JSON.stringify(printable(text.replace(/(:\/\/)[^/@]+@/, '$1')));
}

function vcs(repository: Omit<Extract<Repository, { kind: 'vcs' }>, 'kind'>): RepositoryAnswer {
  return { kind: 'answer', value: { kind: 'vcs', ...repository } };
}

function failure(why: string): RepositoryAnswer {
  return { kind: 'failure', why };
}

function absent(from: string, said: string): RepositoryAnswer {
  return { kind: 'absent', evidence: { from, said } };
}

const VCS_NAMES = ['git', 'hg', 'svn', 'bzr', 'fossil'];
const VCS_SUFFIX = /\.(git|hg|svn|bzr|fossil)$/;

/** A path that names its system itself, as in `example.com/repo.git/dir`; the address is without the suffix. */
function namedVcs(path: string): { root: string; repo: string; vcs: string } | undefined {
  const [host = '', ...elements] = path.split('/');
  if (!/^[a-z0-9.-]+(:[0-9]+)?$/.test(host) || !/^[^:]+\.[^:]/.test(host)) return undefined;
  if (!elements.every((element) => /^~?[\w.-]+$/.test(element))) return undefined;
  const at = elements.findIndex((element) => /^~?[\w.-]+\.(git|hg|svn|bzr|fossil)$/.test(element));
  if (at === -1) return undefined;
  const root = [host, ...elements.slice(0, at + 1)].join('/');
  return { root, repo: root.replace(VCS_SUFFIX, ''), vcs: VCS_SUFFIX.exec(root)![1]! };
}

interface KnownHost {
  readonly prefix: string;
  readonly pattern: RegExp;
  readonly vcs: string;
  /** The repository's name may not end in `.git` or the like. */
  readonly noSuffix: boolean;
}

const KNOWN_HOSTS: readonly KnownHost[] = [
  {
    prefix: 'github.com',
    pattern: /^(?<root>github\.com\/[\w.-]+\/[\w.-]+)(\/[\w.-]+)*$/,
    vcs: 'git',
    noSuffix: true,
  },
  {
    prefix: 'bitbucket.org',
    pattern: /^(?<root>bitbucket\.org\/[\w.-]+\/[\w.-]+)(\/[\w.-]+)*$/,
    vcs: 'git',
    noSuffix: true,
  },
  {
    prefix: 'hub.jazz.net/git',
    pattern: /^(?<root>hub\.jazz\.net\/git\/[a-z0-9]+\/[\w.-]+)(\/[\w.-]+)*$/,
    vcs: 'git',
    noSuffix: true,
  },
  {
    prefix: 'git.apache.org',
    pattern: /^(?<root>git\.apache\.org\/[a-z0-9_.-]+\.git)(\/[\w.-]+)*$/,
    vcs: 'git',
    noSuffix: false,
  },
  {
    prefix: 'git.openstack.org',
    pattern: /^(?<root>git\.openstack\.org\/[\w.-]+\/[\w.-]+)(\.git)?(\/[\w.-]+)*$/,
    vcs: 'git',
    noSuffix: false,
  },
  {
    prefix: 'chiselapp.com',
    pattern: /^(?<root>chiselapp\.com\/user\/[A-Za-z0-9]+\/repository\/[\w.-]+)$/,
    vcs: 'fossil',
    noSuffix: false,
  },
];
