import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SimpleGit, SimpleGitFactory } from 'simple-git';
import type { AbortSignal as Signal } from '../engine/network.ts';
import { parseUrl, shownUrl } from './credentials.ts';
import { gitEnvironment, namesSsh, QUIET_SSH } from './git-environment.ts';
import { explainGitFailure } from './git-failure.ts';
import type { GitFailure } from './git-failure.ts';
import type { Trace } from './http.ts';
import { createLimit } from './limit.ts';

export type GitAnswer<T> = { readonly kind: 'answer'; readonly value: T } | GitFailure;

/** Where git is to look, as the user's configuration has it after rewriting (`url.….insteadOf`). */
export interface GitRemote {
  /** An https or ssh address that was checked to be one; git rewrites it by itself. */
  readonly url: string;
  /** The user's configuration leads it elsewhere, perhaps to a directory. */
  readonly rewritten: boolean;
  /** What it leads to; it may hold credentials of the user's. */
  readonly effective: string;
  /** Redirects of the server are followed. */
  readonly follow: boolean;
  /** Certificates are not verified: the user named the host in GOINSECURE. */
  readonly insecure: boolean;
}

/** The git command, unable to ask a person, to run hooks or to start programs that an address names. */
export interface Git {
  /** Applies the user's own rewriting to an address. */
  rewrite(url: string, signal: Signal): Promise<GitAnswer<string>>;
  /** The names of all tags. */
  tags(remote: GitRemote, signal: Signal): Promise<GitAnswer<readonly string[]>>;
  /** The contents of some files at a tag; files that are not there are left out. */
  files(
    remote: GitRemote,
    tag: string,
    files: readonly string[],
    signal: Signal,
  ): Promise<GitAnswer<ReadonlyMap<string, Uint8Array>>>;
  /**
   * A branch, a tag, a commit or `HEAD`, with the history that leads to it and some files at it; undefined where the
   * repository has no such revision. It takes all commits of the repository, without their files.
   */
  revision(remote: GitRemote, name: string, files: readonly string[], signal: Signal): Promise<GitAnswer<Revision | undefined>>;
  /** How often a remote was asked. */
  readonly requests: number;
}

/** One commit. */
export interface Revision {
  readonly hash: string;
  /** The committer's time, in seconds since 1970. */
  readonly seconds: number;
  /** The tags of this commit. */
  readonly tags: readonly string[];
  /** The tags of this commit and of those before it. */
  readonly reachableTags: readonly string[];
  /** Every tag of the repository. */
  readonly allTags: readonly string[];
  readonly files: ReadonlyMap<string, Uint8Array>;
}

export interface GitOptions {
  readonly environment: NodeJS.ProcessEnv;
  readonly trace?: Trace;
  /** For one question, in milliseconds. */
  readonly timeout?: number;
  /** The program; tests name one that is not there. */
  readonly binary?: string;
}

const TIMEOUT = 60_000;

/** The most that git may write, in bytes; the largest known repositories have some megabytes of tags. */
const MAX_OUTPUT = 64 << 20;

/** Git processes at once. */
const PLACES = 6;

export function createGit(options: GitOptions): Git {
  const limit = createLimit(PLACES);
  const timeout = options.timeout ?? TIMEOUT;
  const directory = tmpdir();
  let requests = 0;

  /** Runs commands in one directory until they are done, the time is over or the signal comes. */
  async function run<T>(
    host: string,
    at: string,
    settings: readonly string[],
    sshCommand: string | undefined,
    signal: Signal,
    commands: (git: SimpleGit) => Promise<T>,
  ): Promise<GitAnswer<T>> {
    const release = await limit.acquire(signal);
    if (!release) return cancelled();
    const controller = new AbortController();
    let why: 'time' | 'size' | undefined;
    const cancel = (): void => controller.abort();
    const timer = setTimeout(() => {
      why = 'time';
      controller.abort();
    }, timeout);
    signal.addEventListener('abort', cancel, { once: true });
    try {
      // Loaded for the first question: most runs have none for git.
      const { simpleGit } = await import('simple-git');
      const git = open(simpleGit, options, at, settings, sshCommand, controller.signal, () => {
        why = 'size';
        controller.abort();
      });
      return { kind: 'answer', value: await Promise.race([commands(git), aborted(controller.signal)]) };
    } catch (error) {
      if (signal.aborted) return cancelled();
      if (why === 'time') return failure(`${host} did not answer git in full within ${timeout / 1000} s`);
      if (why === 'size') return failure(`${host} sent git more than ${MAX_OUTPUT} bytes`);
      return explainGitFailure((error as Error).message, host);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', cancel);
      release();
    }
  }

  /** Runs commands that ask a remote, counted and traced. */
  async function ask<T>(
    purpose: string,
    remote: GitRemote,
    at: string,
    signal: Signal,
    commands: (git: SimpleGit) => Promise<T>,
    size: (value: T) => number,
  ): Promise<GitAnswer<T>> {
    const host = shownHost(remote.url);
    const sshCommand = await quietSsh(remote, signal);
    if (signal.aborted) return cancelled();
    const started = performance.now();
    requests += 1;
    const answer = await run(host, at, settingsOf(remote), sshCommand, signal, commands);
    options.trace?.({
      purpose,
      url: shownUrl(remote.url),
      status: undefined,
      why: answer.kind === 'answer' ? undefined : answer.kind === 'absent' ? answer.said : answer.why,
      milliseconds: performance.now() - started,
      bytes: answer.kind === 'answer' ? size(answer.value) : 0,
      cached: false,
    });
    return answer;
  }

  /** Our ssh command, unless the user has one, in the environment or in git's configuration. */
  async function quietSsh(remote: GitRemote, signal: Signal): Promise<string | undefined> {
    if (!isSsh(remote.effective) || namesSsh(options.environment)) return undefined;
    const get = (git: SimpleGit): Promise<string> => git.raw('config', '--get', 'core.sshCommand');
    const configured = await run('git', directory, [], undefined, signal, get);
    return configured.kind === 'answer' && configured.value.trim() !== '' ? undefined : QUIET_SSH;
  }

  async function inTemporaryDirectory<T>(work: (at: string) => Promise<GitAnswer<T>>): Promise<GitAnswer<T>> {
    let at: string | undefined;
    try {
      at = await mkdtemp(join(directory, 'gomod-health-'));
      return await work(at);
    } catch (error) {
      return failure(`no temporary directory for git: ${(error as NodeJS.ErrnoException).code ?? 'unknown failure'}`);
    } finally {
      if (at !== undefined) await removeQuietly(at);
    }
  }

  return {
    get requests() {
      return requests;
    },

    async rewrite(url, signal) {
      const get = (git: SimpleGit): Promise<string> => git.listRemote(['--get-url', url]);
      const answer = await run(shownHost(url), directory, [], undefined, signal, get);
      return answer.kind === 'answer' ? { kind: 'answer', value: answer.value.trim() } : answer;
    },

    async tags(remote, signal) {
      const list = (git: SimpleGit): Promise<string> => git.listRemote(['--heads', '--tags', '--refs', remote.url]);
      const answer = await ask('tags', remote, directory, signal, list, (text) => text.length);
      if (answer.kind !== 'answer') return answer;
      const refs = parseRefs(answer.value);
      // Git takes a short page of HTML for a repository with nothing in it.
      if (refs.length === 0) {
        return failure(`${shownUrl(remote.url)} has neither branches nor tags, or is no git repository`);
      }
      return { kind: 'answer', value: refs.filter((ref) => ref.startsWith(TAGS)).map((ref) => ref.slice(TAGS.length)) };
    },

    files: (remote, tag, files, signal) =>
      inTemporaryDirectory((at) => ask('go.mod', remote, at, signal, (git) => readFiles(git, remote, tag, files), sizeOf)),

    revision: (remote, name, files, signal) =>
      inTemporaryDirectory((at) =>
        ask('history', remote, at, signal, (git) => readRevision(git, remote, name, files), (found) => sizeOf(found?.files ?? new Map())),
      ),
  };
}

/** A git process that is just ending may still hold a file; the directory is a temporary one then, and stays. */
async function removeQuietly(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true, maxRetries: 3, retryDelay: 100 }).catch(() => undefined);
}

function open(
  simpleGit: SimpleGitFactory,
  options: GitOptions,
  at: string,
  settings: readonly string[],
  sshCommand: string | undefined,
  abort: AbortSignal,
  tooMuch: () => void,
): SimpleGit {
  const environment = gitEnvironment(options.environment, at, sshCommand);
  const git = simpleGit({
    baseDir: at,
    abort,
    config: [...settings],
    ...(options.binary === undefined ? {} : { binary: options.binary }),
    allowEnvironment: Object.keys(environment).filter((name) => /^(GIT_|SSH_ASKPASS)/i.test(name)),
    // The arguments are ours and the addresses are checked. What these guards are against is, here, the user's own
    // configuration: rewriting of addresses, credential helpers, ssh commands.
    unsafe: {
      allowUnsafeAskPass: true,
      allowUnsafeConfigEnvCount: true,
      allowUnsafeConfigPaths: true,
      allowUnsafeCredentialHelper: true,
      allowUnsafeExec: true,
      allowUnsafeGitProxy: true,
      allowUnsafeHooksPath: true,
      allowUnsafeInclude: true,
      allowUnsafeProtocolOverride: true,
      allowUnsafeSshCommand: true,
      allowUnsafeTemplateDir: true,
      allowUnsafeUrlRewrite: true,
    },
    // simple-git takes a failure without a message, or by a signal, for success.
    errors: (error, { exitCode, stdErr }) =>
      error ?? (exitCode === 0 ? undefined : new Error(Buffer.concat(stdErr).toString() || 'git failed without a message')),
  });
  let written = 0;
  git.outputHandler((_command, stdout) => {
    stdout.on('data', (chunk: Uint8Array) => {
      written += chunk.length;
      if (written > MAX_OUTPUT) tooMuch();
    });
  });
  return git.env(environment);
}

function settingsOf(remote: GitRemote): string[] {
  return [
    'protocol.ext.allow=never',
    `core.hooksPath=${process.platform === 'win32' ? 'NUL' : '/dev/null'}`,
    'http.lowSpeedLimit=1',
    'http.lowSpeedTime=30',
    ...(remote.follow || remote.rewritten ? [] : ['http.followRedirects=false']),
    ...(remote.insecure ? ['http.sslVerify=false'] : []),
  ];
}

/** Fetches one commit without its files, and then the files that are wanted. */
async function readFiles(
  git: SimpleGit,
  remote: GitRemote,
  tag: string,
  files: readonly string[],
): Promise<Map<string, Uint8Array>> {
  const ref = `refs/tags/${tag}`;
  await git.init(true, ['--quiet', '--template=']);
  await git.addRemote('origin', remote.url);
  await git.raw('fetch', '--quiet', '--depth=1', '--no-tags', '--filter=blob:none', 'origin', `+${ref}:${ref}`);
  return contentsAt(git, ref, files);
}

async function contentsAt(git: SimpleGit, revision: string, files: readonly string[]): Promise<Map<string, Uint8Array>> {
  const listed = await git.raw('ls-tree', '-r', '--name-only', '-z', revision, '--', ...files);
  const contents = new Map<string, Uint8Array>();
  for (const file of listed.split('\0').filter((name) => files.includes(name))) {
    contents.set(file, (await git.binaryCatFile(['blob', `${revision}:${file}`])) as Uint8Array);
  }
  return contents;
}

/** Fetches all commits and tags without their files, and looks a revision up as the go command does (codehost/git.go:stat). */
async function readRevision(
  git: SimpleGit,
  remote: GitRemote,
  name: string,
  files: readonly string[],
): Promise<Revision | undefined> {
  await git.init(true, ['--quiet', '--template=']);
  await git.addRemote('origin', remote.url);
  const head = name === 'HEAD' ? /^([0-9a-f]{40,64})\tHEAD$/m.exec(await git.listRemote(['origin', 'HEAD']))?.[1] : undefined;
  await git.raw('fetch', '--quiet', '--no-tags', '--filter=tree:0', 'origin', `+${TAGS}*:${TAGS}*`, `+${BRANCHES}*:${BRANCHES}*`);
  const hash = head ?? (await commitOf(git, name));
  if (hash === undefined) return undefined;
  const tagsOf = async (...flags: string[]): Promise<string[]> => (await git.raw('tag', ...flags)).split('\n').filter(Boolean);
  return {
    hash,
    seconds: Number(await git.raw('show', '--no-patch', '--format=%ct', hash)),
    tags: await tagsOf('--points-at', hash),
    reachableTags: await tagsOf('--merged', hash),
    allTags: await tagsOf(),
    files: await contentsAt(git, hash, files),
  };
}

/** A tag before a branch of the same name, and those before a commit; of a commit at least seven digits. */
async function commitOf(git: SimpleGit, name: string): Promise<string | undefined> {
  const refs = await git.raw('for-each-ref', '--format=%(refname)', TAGS, BRANCHES);
  const names = new Set(refs.split('\n'));
  const named = [TAGS + name, BRANCHES + name].find((ref) => names.has(ref));
  if (named === undefined && !/^[0-9a-f]{7,40}$/.test(name)) return undefined;
  // It fails for what is no commit, or for digits that several begin with.
  const found = await git.raw('rev-parse', '--verify', `${named ?? name}^{commit}`).catch(() => '');
  return found.trim() || undefined;
}

const TAGS = 'refs/tags/';
const BRANCHES = 'refs/heads/';

/** The names in lines `HASH\tNAME`. */
function parseRefs(text: string): string[] {
  return text
    .split('\n')
    .map((line) => /^[0-9a-f]{40,64}\t(refs\/.+)$/.exec(line)?.[1])
    .filter((ref) => ref !== undefined);
}

function sizeOf(files: ReadonlyMap<string, Uint8Array>): number {
  return [...files.values()].reduce((sum, content) => sum + content.length, 0);
}

/** A child that does not end when it is told to must not hold us up either. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const stop = (): void => reject(new Error('aborted'));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

function isSsh(address: string): boolean {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(address)?.[1]?.toLowerCase();
  if (scheme !== undefined) return scheme.includes('ssh');
  // `host:path`, but neither a path nor a Windows drive.
  return /^[^/\\:]{2,}:/.test(address);
}

function shownHost(url: string): string {
  return parseUrl(url)?.host ?? 'the origin';
}

function cancelled(): GitFailure {
  return failure('cancelled');
}

function failure(why: string): GitFailure {
  return { kind: 'failure', failure: 'other', why };
}
