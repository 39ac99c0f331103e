import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAnswerCache } from '../../server/src/net/answer-cache.ts';
import type { AnswerCache } from '../../server/src/net/answer-cache.ts';
import { createGit } from '../../server/src/net/git.ts';
import type { Git, GitRemote } from '../../server/src/net/git.ts';
import type { HttpGet } from '../../server/src/net/http.ts';
import { createOriginCache } from '../../server/src/net/origin-cache.ts';
import type { OriginCache } from '../../server/src/net/origin-cache.ts';
import { createOrigin } from '../../server/src/net/origin.ts';
import type { Origin } from '../../server/src/net/origin.ts';
import type { RepositoryAnswer } from '../../server/src/net/repository.ts';
import { makeGitOrigins } from '../world/git-origin.ts';
import type { GitOrigins } from '../world/git-origin.ts';

const { signal } = new AbortController();
const MINUTE = 60_000;
const PATH = 'go.acme.example/widget';
const MOD = 'module go.acme.example/widget\n\ngo 1.21\n';

const REMOTE: GitRemote = { url: 'https://h/r', effective: 'https://me:s3cr3t@h/r', rewritten: true, follow: true, insecure: false };
const FOUND: RepositoryAnswer = { kind: 'answer', value: { kind: 'vcs', vcs: 'git', root: PATH, subdirectory: '', urls: ['https://h/r'], known: false } };
const MISSING: RepositoryAnswer = { kind: 'absent', evidence: { from: 'https://h', said: '404 Not Found' } };

describe('what origins said in earlier runs', function () {
  this.timeout(30_000);
  let directory: string;
  let cache: AnswerCache;
  let now: number;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'gomod-origin-cache-'));
    now = Date.parse('2026-01-02T03:04:05Z');
    cache = createAnswerCache({ directory: join(directory, 'cache'), now: () => now });
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const files = new Map([['go.mod', Buffer.from(MOD)], ['v2/go.mod', Buffer.from([0, 255, 10])]]);
  const names = [...files.keys()];

  interface Case {
    readonly name: string;
    readonly keep: (kept: OriginCache) => void;
    readonly read: (kept: OriginCache) => Promise<unknown>;
    readonly value: unknown;
    /** In minutes. */
    readonly online: number;
    readonly offline: number;
  }
  const cases: readonly Case[] = [
    { name: 'where a repository is', keep: (kept) => kept.keepRepository(PATH, 'a', FOUND), read: (kept) => kept.repository(PATH, 'a'), value: FOUND, online: 5, offline: Infinity },
    { name: 'that there is none', keep: (kept) => kept.keepRepository(PATH, 'a', MISSING), read: (kept) => kept.repository(PATH, 'a'), value: MISSING, online: 1, offline: 1 },
    { name: 'tags', keep: (kept) => kept.keepTags(REMOTE, ['v1.0.0']), read: (kept) => kept.tags(REMOTE), value: ['v1.0.0'], online: 5, offline: Infinity },
    { name: 'files at a tag', keep: (kept) => kept.keepFiles(REMOTE, 'v1.0.0', names, files), read: (kept) => kept.files(REMOTE, 'v1.0.0', names, false), value: files, online: 5, offline: Infinity },
    { name: 'files of a commit', keep: (kept) => kept.keepFiles(REMOTE, 'c', names, files), read: (kept) => kept.files(REMOTE, 'c', names, true), value: files, online: Infinity, offline: Infinity },
  ];
  for (const { name, keep, read, value, online, offline } of cases) {
    for (const [isOffline, lifetime] of [[false, online], [true, offline]] as const) {
      it(`${name} counts for ${lifetime} minutes ${isOffline ? 'offline' : 'online'}`, async () => {
        keep(createOriginCache(cache, isOffline, () => now));
        await cache.settled();
        const later = createOriginCache(cache, isOffline, () => now);
        assert.deepEqual(await read(later), value);
        now += Math.min(lifetime, 10_000_000) * MINUTE - 1;
        assert.deepEqual(await read(later), value);
        now += 2;
        assert.deepEqual(await read(later), lifetime === Infinity ? value : undefined);
        now -= 20_000_000 * MINUTE;
        assert.deepEqual(await read(later), lifetime === Infinity ? value : undefined, 'a clock that was set back');
      });
    }
  }

  it('counts for the question alone that was asked', async () => {
    const kept = createOriginCache(cache, false, () => now);
    kept.keepRepository(PATH, { reach: 'public' }, FOUND);
    kept.keepFiles(REMOTE, 'v1.0.0', ['go.mod'], files);
    await cache.settled();
    assert.equal(await kept.repository(PATH, { reach: 'configured' }), undefined);
    assert.equal(await kept.repository(`${PATH}/x`, { reach: 'public' }), undefined);
    assert.equal(await kept.files(REMOTE, 'v1.0.0', ['x/go.mod'], false), undefined);
    assert.equal(await kept.files(REMOTE, 'v1.0.1', ['go.mod'], false), undefined);
    assert.equal(await kept.files({ ...REMOTE, effective: 'https://other/r' }, 'v1.0.0', ['go.mod'], false), undefined);
  });

  it('holds no credential, neither ours nor one that a server wrote, and no failure', async () => {
    const kept = createOriginCache(cache, false, () => now);
    kept.keepTags(REMOTE, ['v1.0.0']);
    kept.keepFiles(REMOTE, 'v1.0.0', names, files);
    const value = { kind: 'vcs', vcs: 'git', root: PATH, subdirectory: '', urls: ['https://me:s3cr3t@h/r'], known: false } as const;
    kept.keepRepository(PATH, 'a', { kind: 'answer', value });
    kept.keepRepository(PATH, 'b', { kind: 'answer', value: { kind: 'proxy', url: 'https://s3cr3t@h' } });
    kept.keepRepository(PATH, 'c', { kind: 'failure', why: 'no' });
    await cache.settled();
    for (const asked of ['a', 'b', 'c']) assert.equal(await kept.repository(PATH, asked), undefined);
    for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      assert.doesNotMatch(await readFile(join(entry.parentPath, entry.name), 'latin1'), /s3cr3t|me:/);
    }
  });

  describe('and a module that its host names', () => {
    let origins: GitOrigins;
    let asked: string[];
    let git: Git;

    beforeEach(async () => {
      asked = [];
      origins = await makeGitOrigins(join(directory, 'origins'), [
        { url: 'https://code.acme.example/widget', commits: [{ files: { 'go.mod': MOD }, tags: ['v1.0.0'] }, { files: { 'go.mod': `${MOD}\n` } }] },
      ]);
    });

    const get: HttpGet = async (url) => {
      asked.push(url);
      const body = Buffer.from('<html><head><meta name="go-import" content="go.acme.example/widget git https://code.acme.example/widget"></head></html>');
      return { kind: 'answer', status: 200, statusText: '200 OK', body, headers: {}, url: url.replace(/\?.*/, '') };
    };

    function open(offline = false): Origin {
      const own = { PATH: process.env['PATH'], HOME: directory, GIT_CONFIG_NOSYSTEM: '1', ...origins.environment };
      git = createGit({ environment: own });
      const refuse = (): Promise<{ kind: 'failure'; failure: 'other'; why: string }> => Promise.resolve({ kind: 'failure', failure: 'other', why: 'offline' });
      return createOrigin({
        settings: { private: '', noProxy: '', insecure: '', vcs: '' },
        get: offline ? () => Promise.resolve({ kind: 'failure', failure: 'refused', why: 'offline' }) : get,
        git: offline ? { rewrite: git.rewrite, requests: 0, tags: refuse, files: refuse, revision: refuse } : git,
        cache,
        offline,
      });
    }

    it('is asked for nothing twice: neither its place, nor its tags, nor its go.mod', async () => {
      const cwd = origins.directoryOf('https://code.acme.example/widget');
      const commit = execFileSync('git', ['log', '-1', '--format=%ct %H', 'main'], { cwd, encoding: 'utf8' }).trim().split(' ');
      const time = new Date(Number(commit[0]) * 1000).toISOString().replace(/\D/g, '').slice(0, 14);
      const pseudo = `v1.0.1-0.${time}-${commit[1]!.slice(0, 12)}`;
      const everything = async (origin: Origin): Promise<unknown[]> => [
        await origin.versions(PATH, signal), await origin.release(PATH, 'v1.0.0', signal), await origin.mod(PATH, 'v1.0.0', signal),
        await origin.release(PATH, pseudo, signal), await origin.mod(PATH, pseudo, signal),
      ];
      now = Date.now();
      const first = await everything(open());
      assert.ok(first.every((fact) => (fact as { state: string }).state === 'known'), JSON.stringify(first));
      assert.ok(asked.length > 0 && git.requests > 0);
      await cache.settled();
      asked.length = 0;
      assert.deepEqual(await everything(open()), first);
      assert.deepEqual([asked, git.requests], [[], 0]);
      assert.deepEqual(await everything(open(true)), first);
    });
  });
});
