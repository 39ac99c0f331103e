import type { GoEnvironment } from '../engine/environment.ts';
import type { Evidence, Fact, OriginTags, Release, VersionList } from '../engine/facts.ts';
import type { AbortSignal as Signal } from '../engine/network.ts';
import { incompatibleTags, tagPrefix, tagOfVersion, versionsOfTags, withoutIncompatible } from '../engine/origin-version.ts';
import { latestVersion } from '../engine/version-choice.ts';
import { summarizeMod } from '../syntax/mod-summary.ts';
import type { ModSummary } from '../syntax/mod-summary.ts';
import { matchPrefixPatterns } from '../syntax/module-path.ts';
import { isPseudoVersion } from '../syntax/pseudo-version.ts';
import { compare } from '../syntax/semver.ts';
import { privateAddressOf } from './addresses.ts';
import { parseUrl, shownUrl } from './credentials.ts';
import { noAnswerCache } from './answer-cache.ts';
import type { AnswerCache } from './answer-cache.ts';
import type { Git, GitAnswer, GitRemote, Revision } from './git.ts';
import type { GitFailure } from './git-failure.ts';
import { refusedByGoVcs } from './govcs.ts';
import type { HttpGet, HttpRequest } from './http.ts';
import { createModuleProxy, decode, modFault } from './module-proxy.ts';
import type { ModBytes, ModuleProxy } from './module-proxy.ts';
import { createOriginCache } from './origin-cache.ts';
import { chooseGoMod, goModFiles, versionFault } from './origin-mod.ts';
import type { GoModFiles, OriginModule } from './origin-mod.ts';
import { revisionFiles, revisionName, versionOfRevision } from './origin-revision.ts';
import { discoverRepository, knownRepository } from './repository.ts';
import type { Repository, RepositoryAnswer } from './repository.ts';
import { createSharedWork } from './shared-work.ts';

/** What the go command would find at a module's own origin, as for `direct` (cmd/go/internal/modfetch/coderepo.go). */
export interface Origin {
  /** The tags of the repository; one request for all modules in it. */
  tags(path: string, signal: Signal): Promise<Fact<OriginTags>>;
  versions(path: string, signal: Signal): Promise<Fact<VersionList>>;
  release(path: string, version: string, signal: Signal): Promise<Fact<Release>>;
  /** What a branch, a tag or a commit stands for, or the newest commit for `latest`; it takes the whole history. */
  query(path: string, query: string, signal: Signal): Promise<Fact<Release>>;
  mod(path: string, version: string, signal: Signal): Promise<Fact<ModBytes>>;
}

export interface OriginOptions {
  readonly settings: OriginSettings;
  readonly get: HttpGet;
  readonly git: Git;
  /** Where answers are kept for the next run. */
  readonly cache?: AnswerCache;
  /** Nothing may be asked, not even where a host is. */
  readonly offline?: boolean;
}

/** The settings that decide how an origin may be asked. */
export type OriginSettings = Pick<GoEnvironment, 'private' | 'noProxy' | 'insecure' | 'vcs'>;

type Unknown = Exclude<Fact<never>, { state: 'known' | 'pending' }>;
type VcsRepository = Extract<Repository, { kind: 'vcs' }>;

/** What kind of host a module's is: the user's own may be anywhere, others must be public. */
interface Trust {
  readonly reach: HttpRequest['reach'];
  readonly insecure: boolean;
}

/** A repository that git could read. */
interface OpenRepository {
  readonly remote: GitRemote;
  readonly tags: readonly string[];
  /** The tags are those of an earlier run: what they lack may be there by now. */
  readonly kept?: true;
}

/** A module with its repository, or where else it is. */
type Found =
  | { readonly kind: 'git'; readonly repository: VcsRepository; readonly open: OpenRepository }
  | { readonly kind: 'proxy'; readonly proxy: ModuleProxy }
  | { readonly kind: 'unknown'; readonly fact: Unknown };

/** For how long answers are kept, in milliseconds: what is there, what is not, what could not be found out. */
const KEEP = { answer: 5 * 60_000, absent: 60_000, failure: 20_000 };

export function createOrigin({ settings, get, git, cache = noAnswerCache, offline = false }: OriginOptions): Origin {
  const discovered = createSharedWork<RepositoryAnswer>(({ kind }) => KEEP[kind]);
  const rewriting = createSharedWork<GitAnswer<string>>(({ kind }) => KEEP[kind]);
  const opened = createSharedWork<GitAnswer<OpenRepository>>(({ kind }) => KEEP[kind]);
  const read = createSharedWork<GitAnswer<GoModFiles>>(({ kind }) => KEEP[kind]);
  const revisions = createSharedWork<GitAnswer<Revision | undefined>>(({ kind }) => KEEP[kind]);
  const kept = createOriginCache(cache, offline);

  function trustOf(path: string): Trust {
    const own = matchPrefixPatterns(settings.private, path) || matchPrefixPatterns(settings.noProxy, path);
    return { reach: own ? 'configured' : 'public', insecure: matchPrefixPatterns(settings.insecure, path) };
  }

  /** @param tags whether those of an earlier run will do */
  async function find(path: string, signal: Signal, tags: 'kept' | 'fresh'): Promise<Found> {
    const trust = trustOf(path);
    const located =
      knownRepository(path) ??
      (await discovered.get(path, signal, (shared) => discover(path, trust, shared)));
    if (located === undefined) return unknown('cancelled');
    if (located.kind === 'failure') return unknown(`unrecognized import path "${path}": ${located.why}`);
    if (located.kind === 'absent') return notThere(located.evidence);
    if (located.value.kind === 'proxy') {
      return { kind: 'proxy', proxy: createModuleProxy(located.value.url, get, trust.reach) };
    }
    return openFirst(path, located.value, trust, signal, tags);
  }

  /** Where the repository of a path is, as its host says now or said in an earlier run. */
  async function discover(path: string, trust: Trust, signal: AbortSignal): Promise<RepositoryAnswer> {
    const known = await kept.repository(path, trust);
    if (known) return known;
    const answer = await discoverRepository(path, get, { ...trust, signal });
    kept.keepRepository(path, trust, answer);
    return answer;
  }

  /** The repository with the tag of a version; tags of an earlier run will do as long as they have it. */
  async function findWithTag(path: string, version: string, signal: Signal): Promise<Found> {
    const found = await find(path, signal, 'kept');
    if (found.kind !== 'git' || !found.open.kept || isPseudoVersion(version)) return found;
    const { root, subdirectory } = found.repository;
    const isThere = tagOfVersion(path, root, version, found.open.tags, subdirectory) !== undefined;
    return isThere ? found : find(path, signal, 'fresh');
  }

  async function openFirst(
    path: string,
    repository: VcsRepository,
    trust: Trust,
    signal: Signal,
    tags: 'kept' | 'fresh',
  ): Promise<Found> {
    const { vcs, root } = repository;
    const refused = refusedByGoVcs(settings.vcs, settings.private, vcs, root);
    if (refused !== undefined) return unknown(refused);
    if (vcs !== 'git') return unknown(`${root} is kept in ${vcs}, which Go Module Health does not read`);
    const prefix = tagPrefix(path, root, repository.subdirectory);
    if (prefix === undefined) {
      return notThere({ from: root, said: `repository rooted at ${root} cannot contain module ${path}` });
    }
    let failure: string | undefined;
    let missing: Evidence | undefined;
    for (const url of repository.urls) {
      const open = await (tags === 'kept' ? openKept : openFresh)(url, repository.known, trust, signal);
      if (open === undefined) return unknown('cancelled');
      if (open.kind === 'answer') return { kind: 'git', repository, open: open.value };
      if (open.kind === 'absent') missing ??= { from: shownUrl(url), said: open.said };
      else failure ??= open.why;
    }
    return failure === undefined && missing ? notThere(missing) : unknown(failure ?? `${root} has no address`);
  }

  function openFresh(url: string, known: boolean, trust: Trust, signal: Signal): Promise<GitAnswer<OpenRepository> | undefined> {
    const key = JSON.stringify([url, trust, known]);
    return opened.get(key, signal, (shared) => openRepository(url, known, trust, shared));
  }

  /** With the tags of an earlier run, if there are any that are not too old. */
  function openKept(url: string, known: boolean, trust: Trust, signal: Signal): Promise<GitAnswer<OpenRepository> | undefined> {
    const key = JSON.stringify([url, trust, known, 'kept']);
    return opened.get(key, signal, async (shared) => {
      const remote = await remoteAt(url, known, trust, shared);
      const tags = remote.kind === 'answer' ? await kept.tags(remote.value) : undefined;
      if (remote.kind === 'answer' && tags) return { kind: 'answer', value: { remote: remote.value, tags, kept: true } };
      return (await openFresh(url, known, trust, shared)) ?? { kind: 'failure', failure: 'other', why: 'cancelled' };
    });
  }

  /** Where git is sent for one address, after the user's own rewriting. */
  async function remoteAt(url: string, known: boolean, trust: Trust, signal: AbortSignal): Promise<GitAnswer<GitRemote>> {
    const fault = addressFault(url);
    if (fault !== undefined) return { kind: 'failure', failure: 'other', why: fault };
    const rewritten = await rewriting.get(url, signal, (shared) => git.rewrite(url, shared));
    if (rewritten === undefined) return { kind: 'failure', failure: 'other', why: 'cancelled' };
    if (rewritten.kind !== 'answer') return rewritten;
    const follow = known || trust.reach === 'configured';
    const effective = rewritten.value;
    return { kind: 'answer', value: { url, effective, rewritten: effective !== url, follow, insecure: trust.insecure } };
  }

  /** Reads the tags of one address, within the limits of trust, and keeps them. */
  async function openRepository(
    url: string,
    known: boolean,
    trust: Trust,
    signal: AbortSignal,
  ): Promise<GitAnswer<OpenRepository>> {
    if (offline) return { kind: 'failure', failure: 'other', why: 'not asked: offline' };
    const located = await remoteAt(url, known, trust, signal);
    if (located.kind !== 'answer') return located;
    const open = await readTags(located.value, signal);
    // Where a redirect was followed, the next run has to find out anew where it leads.
    const isStraight = open.kind === 'answer' && open.value.remote === located.value;
    if (isStraight) kept.keepTags(located.value, open.value.tags);
    return open;
  }

  async function readTags(remote: GitRemote, signal: AbortSignal): Promise<GitAnswer<OpenRepository>> {
    if (!remote.rewritten && !remote.follow) {
      const refused = await refusePrivate(remote.url);
      if (refused !== undefined) return { kind: 'failure', failure: 'other', why: refused };
    }
    const tags = await git.tags(remote, signal);
    if (tags.kind === 'answer') return { kind: 'answer', value: { remote, tags: tags.value } };
    if (tags.kind === 'failure' && tags.failure === 'redirect' && !remote.follow) return openRedirected(remote, signal);
    return tags;
  }

  /** Follows a server's redirect within our own rules, and then lets git ask where it led. */
  async function openRedirected(from: GitRemote, signal: AbortSignal): Promise<GitAnswer<OpenRepository>> {
    const service = '/info/refs';
    const answer = await get(`${from.url}${service}?service=git-upload-pack`, {
      signal,
      maxBytes: 32 << 20,
      purpose: 'git',
      reach: 'public',
      insecure: from.insecure,
    });
    if (answer.kind === 'failure') return { kind: 'failure', failure: 'other', why: answer.why };
    if (answer.status !== 200 || !answer.url.endsWith(service)) {
      const why = `${shownUrl(from.url)} redirects to ${answer.url}, which answered ${answer.statusText}`;
      return { kind: 'failure', failure: 'other', why };
    }
    const url = answer.url.slice(0, -service.length);
    const remote: GitRemote = { ...from, url, effective: url };
    const tags = await git.tags(remote, signal);
    return tags.kind === 'answer' ? { kind: 'answer', value: { remote, tags: tags.value } } : tags;
  }

  /** The files of a tag's commit that may be the module's go.mod. */
  async function filesAt(
    module: OriginModule,
    found: FoundByGit,
    tag: string,
    signal: Signal,
  ): Promise<GitAnswer<GoModFiles>> {
    const names = goModFiles(module);
    const key = JSON.stringify([found.open.remote, tag, names]);
    const files = await read.get(key, signal, (shared) => readTag(found.open.remote, tag, names, shared));
    return files ?? { kind: 'failure', failure: 'other', why: 'cancelled' };
  }

  async function readTag(
    remote: GitRemote,
    tag: string,
    names: readonly string[],
    signal: AbortSignal,
  ): Promise<GitAnswer<GoModFiles>> {
    const known = await kept.files(remote, tag, names, false);
    if (known) return { kind: 'answer', value: known };
    const files = await git.files(remote, tag, names, signal);
    if (files.kind === 'answer') kept.keepFiles(remote, tag, names, files.value);
    return files;
  }

  /** What a name stands for, or undefined where the repository has nothing of that name; once for all who ask. */
  async function revisionAt(
    found: FoundByGit,
    name: string,
    files: readonly string[],
    signal: Signal,
  ): Promise<GitAnswer<Revision | undefined>> {
    const { remote } = found.open;
    const key = JSON.stringify([remote, name, files]);
    const revision = await revisions.get(key, signal, (shared) => git.revision(remote, name, files, shared));
    return revision ?? { kind: 'failure', failure: 'other', why: 'cancelled' };
  }

  /** The version that a query stands for, and the revision behind it. */
  async function resolve(path: string, query: string, found: FoundByGit, signal: Signal): Promise<Fact<ResolvedRevision>> {
    const module = moduleOf(path, found);
    const from = addressOf(found);
    const name = revisionName(module, query);
    const revision = await revisionAt(found, name, revisionFiles(module, found.open.tags), signal);
    if (revision.kind === 'failure') return unavailable(revision.why);
    if (revision.kind === 'absent') return absent({ from, said: revision.said });
    if (!revision.value) return absent({ from, said: `invalid version: unknown revision ${name}` });
    const retracts = isPseudoVersion(query) ? [] : await retractsOf(path, found, signal);
    const isRetracted = (version: string) =>
      retracts.some(({ low, high }) => compare(low, version) <= 0 && compare(version, high) <= 0);
    const version = versionOfRevision(module, query, revision.value, isRetracted);
    if (!version.ok) return absent({ from, said: version.error });
    const time = new Date(revision.value.seconds * 1000).toISOString().replace('.000Z', 'Z');
    return { state: 'known', value: { version: version.value, time, revision: revision.value } };
  }

  /** The files behind a pseudo-version, which is what its commit says it is; they never change. */
  async function filesOfPseudoVersion(
    path: string,
    version: string,
    found: FoundByGit,
    signal: Signal,
  ): Promise<Fact<GoModFiles>> {
    const { remote } = found.open;
    const names = goModFiles(moduleOf(path, found));
    const known = await kept.files(remote, `${path}@${version}`, names, true);
    if (known) return { state: 'known', value: known };
    const resolved = await resolve(path, version, found, signal);
    if (resolved.state !== 'known') return resolved;
    const { files } = resolved.value.revision;
    const own = new Map([...files].filter(([name]) => names.includes(name)));
    kept.keepFiles(remote, `${path}@${version}`, names, own);
    return { state: 'known', value: own };
  }

  /**
   * The tags of v2 and above that count for a path without suffix: those of a time before modules, told by the highest
   * tags (coderepo.go:appendIncompatibleVersions).
   */
  async function incompatibleVersions(
    path: string,
    found: FoundByGit,
    versions: readonly string[],
    signal: Signal,
  ): Promise<GitAnswer<readonly string[]>> {
    const byMajor = incompatibleTags(moduleOf(path, found), found.open.tags);
    if (byMajor.length === 0) return { kind: 'answer', value: [] };
    const counted: string[] = [];
    const hasGoMod = async (tag: string): Promise<boolean | GitFailure> => {
      const files = await filesAt(moduleOf(path, found), found, tag, signal);
      return files.kind === 'answer' ? files.value.has('go.mod') : files;
    };
    const newest = versions.at(-1);
    const isModule = newest === undefined ? false : await hasGoMod(newest);
    if (typeof isModule !== 'boolean') return isModule;
    if (isModule) return { kind: 'answer', value: [] };
    for (const tags of byMajor) {
      const isMajorModule = await hasGoMod(tags.at(-1)!);
      if (typeof isMajorModule !== 'boolean') return isMajorModule;
      if (!isMajorModule) counted.push(...tags.map((tag) => `${tag}+incompatible`));
    }
    return { kind: 'answer', value: counted };
  }

  /** What the highest version's go.mod retracts; nothing where it can't be read, as the go command has it. */
  async function retractsOf(path: string, found: FoundByGit, signal: Signal): Promise<ModSummary['retracts']> {
    const module = moduleOf(path, found);
    const version = latestVersion(versionsOfTags(path, module.root, found.open.tags, module.subdirectory));
    const tag = version && tagOfVersion(path, module.root, version, found.open.tags, module.subdirectory);
    if (version === undefined || tag === undefined) return [];
    const files = await filesAt(module, found, tag, signal);
    const chosen = files.kind === 'answer' ? chooseGoMod(module, version, tag, files.value) : undefined;
    return chosen?.ok ? summarizeMod(decode(chosen.value)).retracts : [];
  }

  return {
    async tags(path, signal) {
      const found = await find(path, signal, 'fresh');
      if (found.kind === 'unknown') return found.fact;
      if (found.kind === 'proxy') return unavailable(`the origin of ${path} is a module proxy, which has no tags`);
      const { root, subdirectory } = found.repository;
      const within = subdirectory === '' ? {} : { subdirectory };
      return { state: 'known', value: { repository: addressOf(found), root, ...within, tags: found.open.tags } };
    },

    async versions(path, signal) {
      const found = await find(path, signal, 'kept');
      if (found.kind === 'unknown') return found.fact;
      if (found.kind === 'proxy') return found.proxy.list(path, signal);
      const { root, subdirectory } = found.repository;
      const versions = versionsOfTags(path, root, found.open.tags, subdirectory);
      const incompatible = await incompatibleVersions(path, found, versions, signal);
      if (incompatible.kind !== 'answer') return unavailable(incompatible.kind === 'absent' ? incompatible.said : incompatible.why);
      return { state: 'known', value: { versions: [...versions, ...incompatible.value], from: addressOf(found) } };
    },

    async query(path, query, signal) {
      const found = await find(path, signal, 'fresh');
      if (found.kind === 'unknown') return found.fact;
      if (found.kind === 'proxy') return found.proxy.query(path, query, signal);
      const resolved = await resolve(path, query, found, signal);
      if (resolved.state !== 'known') return resolved;
      const { version, time } = resolved.value;
      return { state: 'known', value: { version, time, from: addressOf(found) } };
    },

    async release(path, version, signal) {
      const found = await findWithTag(path, version, signal);
      if (found.kind === 'unknown') return found.fact;
      if (found.kind === 'proxy') return found.proxy.info(path, version, signal);
      const from = addressOf(found);
      if (isPseudoVersion(version)) {
        const files = await filesOfPseudoVersion(path, version, found, signal);
        return files.state === 'known' ? { state: 'known', value: { version, from } } : files;
      }
      const module = moduleOf(path, found);
      const tag = tagOfVersion(path, module.root, version, found.open.tags, module.subdirectory);
      if (tag === undefined) return absent({ from, said: 'no such tag' });
      const files = await filesAt(module, found, tag, signal);
      if (signal.aborted) return unavailable('cancelled');
      // The tag is there; only what its commit holds can make the go command refuse it.
      const refusal = files.kind === 'answer' ? versionFault(module, version, tag, files.value) : undefined;
      return refusal === undefined ? { state: 'known', value: { version, from } } : absent({ from, said: refusal });
    },

    async mod(path, version, signal) {
      const found = await findWithTag(path, version, signal);
      if (found.kind === 'unknown') return found.fact;
      if (found.kind === 'proxy') return found.proxy.mod(path, version, signal);
      const from = addressOf(found);
      const module = moduleOf(path, found);
      if (isPseudoVersion(version)) {
        const files = await filesOfPseudoVersion(path, version, found, signal);
        return files.state === 'known' ? modOf(module, version, revisionName(module, version), files.value, from) : files;
      }
      const tag = tagOfVersion(path, module.root, version, found.open.tags, module.subdirectory);
      if (tag === undefined) return absent({ from, said: 'no such tag' });
      const files = await filesAt(module, found, tag, signal);
      if (files.kind === 'failure') return unavailable(files.why);
      if (files.kind === 'absent') return unavailable(`${from}: ${files.said}`);
      return modOf(module, version, tag, files.value, from);
    },
  };
}

/** The go.mod of a version among the files of its revision, or why the go command takes none of them. */
function modOf(module: OriginModule, version: string, revision: string, files: GoModFiles, from: string): Fact<ModBytes> {
  const { path } = module;
  const chosen = chooseGoMod(module, version, revision, files);
  if (!chosen.ok) return unavailable(`${path}@${withoutIncompatible(version)}: invalid version: ${chosen.error}`);
  const text = decode(chosen.value);
  const fault = modFault(text);
  if (fault !== undefined) return unavailable(`${path}@${version} at ${from}: parsing go.mod: ${fault}`);
  return { state: 'known', value: { bytes: chosen.value, text, from } };
}

interface ResolvedRevision {
  readonly version: string;
  /** RFC 3339. */
  readonly time: string;
  readonly revision: Revision;
}

type FoundByGit = Extract<Found, { kind: 'git' }>;

function moduleOf(path: string, { repository: { root, subdirectory } }: FoundByGit): OriginModule {
  return { path, root, subdirectory };
}

function addressOf(found: { readonly open: OpenRepository }): string {
  return shownUrl(found.open.remote.url).replace(/\/+$/, '');
}

/** Why an address may not be given to git at all. */
function addressFault(url: string): string | undefined {
  const address = parseUrl(url);
  const usual = address && ['https:', 'ssh:', 'git+ssh:', 'http:'].includes(address.protocol);
  const plain = /^[\x21-\x7e]+$/.test(url) && !address?.hostname.startsWith('-') && !address?.username.startsWith('-');
  return usual && plain ? undefined : 'the address of its repository is not an https or ssh address';
}

async function refusePrivate(url: string): Promise<string | undefined> {
  const host = parseUrl(url)?.hostname ?? '';
  const address = /(^|\.)localhost\.?$/i.test(host) ? 'this machine' : await privateAddressOf(host);
  if (address === undefined) return undefined;
  const where = address === host ? 'is not a public address' : `is at ${address}, which is not public`;
  return `${host} ${where}, so git is not sent there; if it is your own, name it in GOPRIVATE`;
}

function unknown(why: string): Found {
  return { kind: 'unknown', fact: unavailable(why) };
}

function notThere(evidence: Evidence): Found {
  return { kind: 'unknown', fact: absent(evidence) };
}

function absent(evidence: Evidence): { state: 'absent'; evidence: readonly Evidence[] } {
  return { state: 'absent', evidence: [evidence] };
}

function unavailable(why: string): { state: 'unavailable'; why: string } {
  return { state: 'unavailable', why };
}
