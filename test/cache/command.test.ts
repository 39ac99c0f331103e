import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gomodHealth } from '../cli/command.ts';
import type { CommandResult } from '../cli/command.ts';
import { startChecksumDatabase } from '../world/checksum-database.ts';
import type { RunningChecksumDatabase } from '../world/checksum-database.ts';
import { serveModuleProxy, sumLines, writeModuleProxy } from '../world/module-proxy.ts';
import type { ModuleProxyServer } from '../world/module-proxy.ts';
import { filesBelow } from './directory-files.ts';

interface Stats {
  readonly directory: string;
  readonly answers: readonly { kind: string; entries: number; bytes: number }[];
  readonly databases: readonly { name: string; files: number; bytes: number }[];
  readonly bytes: number;
}

describe('gomod-health cache', function () {
  this.timeout(60_000);
  let directory: string;
  let cache: string;
  let server: ModuleProxyServer;
  let database: RunningChecksumDatabase;
  let env: Record<string, string>;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'gomod-cache-command-'));
    const sums = await writeModuleProxy(join(directory, 'proxy'), [
      { path: 'example.com/m', version: 'v1.0.0', files: { 'go.mod': 'module example.com/m\n' } },
    ]);
    server = await serveModuleProxy(join(directory, 'proxy'));
    database = await startChecksumDatabase({ records: sums });
    mkdirSync(join(directory, 'main'));
    writeFileSync(join(directory, 'main/go.mod'), 'module example.com/main\n\ngo 1.22\n\nrequire example.com/m v1.0.0\n');
    writeFileSync(join(directory, 'main/main.go'), 'package main\n\nimport _ "example.com/m"\n');
    writeFileSync(join(directory, 'main/go.sum'), sumLines(sums[0]!));
    cache = join(directory, 'cache/gomod-health');
    env = {
      HOME: directory, XDG_CACHE_HOME: join(directory, 'cache'), GOMODCACHE: join(directory, 'modcache'),
      GOPROXY: server.url, GOSUMDB: database.goSumDb, GOENV: 'off', GOWORK: 'off',
    };
  });

  beforeEach(() => rmSync(cache, { recursive: true, force: true }));

  after(async () => {
    await Promise.all([server?.close(), database?.close()]);
    rmSync(directory, { recursive: true, force: true });
  });

  const command = (...args: string[]): Promise<CommandResult> => gomodHealth(args, { directory: join(directory, 'main'), env });

  async function stats(): Promise<Stats> {
    const { stdout, code } = await command('cache', 'stats', '--format', 'json');
    assert.equal(code, 0);
    return JSON.parse(stdout) as Stats;
  }

  async function check(...args: string[]): Promise<{ findings: unknown[]; unchecked: unknown[]; summary: { requests: number } }> {
    const { stdout, stderr } = await command('check', '--format', 'json', ...args);
    assert.equal(stderr, '');
    return JSON.parse(stdout) as Awaited<ReturnType<typeof check>>;
  }

  it('is filled by a check, after which another asks nothing, also offline', async () => {
    const nothing = await check('--offline');
    assert.ok(nothing.unchecked.length > 0, 'nothing is known yet');
    assert.equal(nothing.summary.requests, 0);
    const first = await check();
    assert.ok(first.summary.requests > 0);
    assert.deepEqual([first.findings, first.unchecked], [[], []]);
    const requests = server.requests.length + database.requests.length;
    for (const args of [[], ['--offline']]) {
      const again = await check(...args);
      assert.deepEqual([again.findings, again.unchecked, again.summary.requests], [[], [], 0], args.join());
    }
    assert.equal(server.requests.length + database.requests.length, requests);
  });

  it('stats counts, clean removes all but the signed tree head, and --all that too', async () => {
    assert.equal((await stats()).bytes, 0);
    await check();
    const filled = await stats();
    assert.equal(filled.directory, cache);
    assert.ok(filled.answers.some(({ entries, bytes }) => entries > 0 && bytes > 0));
    assert.deepEqual(filled.databases.map(({ name }) => name), [database.verifierKey.split('+').slice(0, 2).join('+')]);
    writeFileSync(join(cache, 'not-ours'), 'x');

    const cleaned = await command('cache', 'clean');
    assert.match(cleaned.stdout, /removed from .*gomod-health; the signed tree heads of checksum databases stay/);
    const left = filesBelow(cache);
    assert.ok(left.length > 1 && left.every((file) => /\/latest\/head-\d+$|\/not-ours$/.test(file.replaceAll('\\', '/'))), left.join('\n'));
    await command('cache', 'clean', '--all');
    assert.deepEqual(filesBelow(cache), [join(cache, 'not-ours')]);
  });

  it('prints a table, and refuses what it does not know', async () => {
    await check();
    const { stdout } = await command('cache', 'stats');
    assert.match(stdout, /^lists of versions +1 +\d+ B$/m);
    assert.match(stdout, /^checksum database checksums\.example\.com\+[0-9a-f]{8} +\d+ +[\d.]+ (B|KiB)$/m);
    assert.equal((await command('cache', 'frob')).code, 2);
    const homeless = await gomodHealth(['cache', 'stats'], { directory });
    assert.equal(homeless.code, 2);
    assert.match(homeless.stderr, /there is no user cache directory/);
  });
});
