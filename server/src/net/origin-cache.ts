import { COUNTS_FOR, identityOf } from './answer-cache-proxy.ts';
import type { AnswerKind } from './answer-cache-files.ts';
import type { AnswerCache } from './answer-cache.ts';
import { parseUrl } from './credentials.ts';
import type { GitRemote } from './git.ts';
import type { GoModFiles } from './origin-mod.ts';
import type { Repository, RepositoryAnswer } from './repository.ts';

/** What origins said in earlier runs, as far as it is not too old. No method throws. */
export interface OriginCache {
  /** Where a path's host said that its repository is; that there is none counts for a shorter time. */
  repository(path: string, asked: unknown): Promise<RepositoryAnswer | undefined>;
  keepRepository(path: string, asked: unknown, answer: RepositoryAnswer): void;
  tags(remote: GitRemote): Promise<readonly string[] | undefined>;
  keepTags(remote: GitRemote, tags: readonly string[]): void;
  /** The files at a revision. A tag can be moved, and so its files count as long as the tags do; a commit's count ever. */
  files(remote: GitRemote, revision: string, names: readonly string[], isCommit: boolean): Promise<GoModFiles | undefined>;
  keepFiles(remote: GitRemote, revision: string, names: readonly string[], files: GoModFiles): void;
}

/** @param offline nobody can be asked, so that what is kept counts however old it is, except that something is not there */
export function createOriginCache(cache: AnswerCache, offline: boolean, now: () => number = Date.now): OriginCache {
  async function read(kind: AnswerKind, key: string, lifetime: (value: unknown) => number): Promise<unknown> {
    const kept = await cache.read(kind, key);
    if (kept === undefined) return undefined;
    const age = now() - kept.at;
    // An age below zero is that of a clock set back.
    const most = lifetime(kept.value);
    return most === Infinity || (age >= 0 && age < most) ? kept.value : undefined;
  }

  const changing = (): number => (offline ? Infinity : COUNTS_FOR.changing);
  const ofRepository = (value: unknown): number =>
    (value as RepositoryAnswer).kind === 'absent' ? COUNTS_FOR.absent : changing();
  const repositoryKey = (path: string, asked: unknown): string => JSON.stringify([path, asked]);
  const filesKey = (remote: GitRemote, revision: string, names: readonly string[]): string =>
    JSON.stringify([identityOf(remote.effective), revision, names]);

  return {
    async repository(path, asked) {
      return (await read('import', repositoryKey(path, asked), ofRepository)) as RepositoryAnswer | undefined;
    },

    keepRepository(path, asked, answer) {
      if (answer.kind === 'failure' || (answer.kind === 'answer' && holdsLogin(answer.value))) return;
      cache.write('import', repositoryKey(path, asked), answer);
    },

    async tags(remote) {
      return (await read('tags', identityOf(remote.effective), changing)) as readonly string[] | undefined;
    },

    keepTags(remote, tags) {
      cache.write('tags', identityOf(remote.effective), tags);
    },

    async files(remote, revision, names, isCommit) {
      const kept = await read('files', filesKey(remote, revision, names), isCommit ? () => Infinity : changing);
      if (kept === undefined) return undefined;
      const entries = Object.entries(kept as Readonly<Record<string, string>>);
      return new Map(entries.map(([name, content]) => [name, Buffer.from(content, 'base64')]));
    },

    keepFiles(remote, revision, names, files) {
      const value = Object.fromEntries([...files].map(([name, content]) => [name, Buffer.from(content).toString('base64')]));
      cache.write('files', filesKey(remote, revision, names), value);
    },
  };
}

/** A server may write user and password into an address; they are kept nowhere. */
function holdsLogin(repository: Repository): boolean {
  const urls = repository.kind === 'proxy' ? [repository.url] : repository.urls;
  return urls.some((url) => {
    const { username = '', password = '' } = parseUrl(url) ?? {};
    return username !== '' || password !== '';
  });
}
