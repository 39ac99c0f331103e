import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { committedMod } from '../../server/src/host/committed-mod.ts';
import { makeWorkTree } from '../world/git-origin.ts';

const { signal } = new AbortController();
const ENV = { PATH: process.env['PATH'], HOME: '/nowhere', GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };

describe('the go.mod of the last commit', () => {
  let base: string;
  const read = (directory = base, env: NodeJS.ProcessEnv = ENV) => committedMod(directory, env, signal);
  const git = (...args: string[]) => execFileSync('git', args, { cwd: base, env: ENV, encoding: 'utf8', stdio: 'pipe' }).trim();

  beforeEach(async () => {
    base = mkdtempSync(join(tmpdir(), 'gomod-health-committed-'));
    await makeWorkTree(base, { 'go.mod': 'module m\n', 'sub/go.mod': 'module m/sub\n' });
    writeFileSync(join(base, 'go.mod'), 'module changed\n');
    mkdirSync(join(base, 'sub'));
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  it('is read as it was committed, in a directory of its own', async () => {
    assert.deepEqual(await read(), { state: 'known', value: 'module m\n' });
    assert.deepEqual(await read(join(base, 'sub')), { state: 'known', value: 'module m/sub\n' });
  });

  it('is not there where nothing was committed, or outside a repository', async () => {
    mkdirSync(join(base, 'new'));
    assert.equal((await read(join(base, 'new'))).state, 'absent');
    const outside = mkdtempSync(join(tmpdir(), 'gomod-health-outside-'));
    try {
      assert.deepEqual(await read(outside), { state: 'absent', evidence: [{ from: 'git', said: 'no git repository' }] });
    } finally {
      rmSync(outside, { recursive: true });
    }
  });

  it('is that of the directory, whatever repository the environment names', async () => {
    assert.equal((await read(base, { ...ENV, GIT_DIR: '/nowhere', GIT_WORK_TREE: '/nowhere', GIT_OBJECT_DIRECTORY: '/nowhere' })).state, 'known');
  });

  it('is not known without git, and a git that lies in the module is not started', async () => {
    const proof = join(base, 'started');
    writeFileSync(join(base, 'git'), `#!/bin/sh\ntouch ${proof}\n`);
    chmodSync(join(base, 'git'), 0o755);
    const found = await read(base, { ...ENV, PATH: ['.', '', 'relative'].join(delimiter) });
    assert.deepEqual(found, { state: 'unavailable', why: 'git is not installed' });
    assert.ok(!existsSync(proof));
  });

  it('is read without a program that the repository names, and without a remote for what a partial clone lacks', async () => {
    const proof = join(base, 'started');
    const touch = `touch ${proof}`;
    const hostile = { 'core.fsmonitor': touch, 'alias.cat-file': `!${touch}`, 'core.pager': touch, 'diff.x.textconv': touch, 'filter.x.smudge': touch };
    for (const [key, value] of Object.entries(hostile)) git('config', key, value);
    writeFileSync(join(base, '.gitattributes'), '* filter=x diff=x\n');
    assert.equal((await read()).state, 'known');
    git('config', 'extensions.partialClone', 'origin');
    git('config', 'remote.origin.promisor', 'true');
    git('config', 'remote.origin.url', `ext::sh -c ${touch.replace(' ', '% ')}`);
    git('config', 'protocol.ext.allow', 'always');
    const tree = execFileSync('git', ['mktree', '--missing'], { cwd: base, env: ENV, input: `100644 blob ${'1'.repeat(40)}\tgo.mod\n`, encoding: 'utf8' }).trim();
    const who = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@acme.example', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@acme.example' };
    const commit = execFileSync('git', ['commit-tree', tree, '-m', 'x'], { cwd: base, env: { ...ENV, ...who }, encoding: 'utf8' }).trim();
    git('update-ref', 'HEAD', commit);
    rmSync(proof, { force: true });
    assert.notEqual((await read()).state, 'known');
    assert.ok(!existsSync(proof));
  });
});
