import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sumLines, writeModuleProxy } from '../world/module-proxy.ts';
import { gomodHealth } from './command.ts';

const LOG_MOD = 'module example.com/log\n\ngo 1.21\n\nrequire (\n\texample.com/clock v1.0.0\n\texample.com/idle v1.0.0\n)\n';

/** `log` takes a package from `clock`, and none from `idle`. */
const MODULES = [
  { path: 'example.com/log', version: 'v1.0.0', files: { 'go.mod': LOG_MOD, 'log.go': 'package log\n\nimport _ "example.com/clock"\n' } },
  { path: 'example.com/clock', version: 'v1.0.0', files: { 'go.mod': 'module example.com/clock\n\ngo 1.21\n', 'c.go': 'package clock\n' } },
  { path: 'example.com/idle', version: 'v1.0.0', files: { 'go.mod': 'module example.com/idle\n\ngo 1.21\n', 'i.go': 'package idle\n' } },
];

const OWN = {
  'go.mod': 'module example.com/m\n\ngo 1.21\n\nrequire example.com/log v1.0.0\n\nrequire example.com/clock v1.0.0 // indirect\n',
  'main.go': 'package main\n\nimport _ "example.com/log"\n\nfunc main() {}\n',
};

interface Report {
  readonly findings: readonly { rule: string; file: string; severity: string; message: string; range: { start: { line: number } } }[];
}

describe('gomod-health check --deep', function () {
  this.timeout(60_000);
  let base: string;
  let env: Record<string, string>;
  let lines: { log: string; clock: string; idle: string };

  beforeEach(async () => {
    base = mkdtempSync(join(tmpdir(), 'gomod-health-deep-'));
    const proxy = join(base, 'proxy');
    const sums = await writeModuleProxy(proxy, MODULES);
    const [log, clock, idle] = sums.map(sumLines) as [string, string, string];
    lines = { log, clock, idle };
    env = {
      HOME: base,
      GOENV: 'off',
      GOPROXY: pathToFileURL(proxy).href,
      GOSUMDB: 'off',
      GOMODCACHE: join(base, 'modcache'),
      XDG_CACHE_HOME: join(base, 'cache'),
    };
  });

  afterEach(() => rmSync(base, { recursive: true, force: true }));

  it('tells which lines packages need, and which they do not', async () => {
    const sum = lines.clock.replace(/^.*\n/, '') + lines.idle + lines.log;
    assert.deepEqual(await check(sum, '--deep'), [
      'go.mod:7 error missing-checksum',
      'go.sum:2 hint stale-checksum',
      'go.sum:3 hint stale-checksum',
    ]);
  });

  it('is silent about a tidy go.sum', async () => {
    assert.deepEqual(await check(lines.clock + lines.log, '--deep'), []);
  });

  it('holds a line that no database vouches for against the download', async () => {
    const wrong = lines.log.replace(/ h1:.*/, ` h1:${'A'.repeat(43)}=`);
    assert.deepEqual(await check(lines.clock + wrong, '--deep'), ['go.sum:3 error checksum-mismatch']);
  });

  it('leaves open without it what only zip files tell', async () => {
    const wrong = lines.log.replace(/ h1:.*/, ` h1:${'A'.repeat(43)}=`);
    assert.deepEqual(await check(lines.clock.replace(/^.*\n/, '') + lines.idle + wrong), []);
  });

  async function check(sum: string, ...flags: string[]): Promise<string[]> {
    const work = join(base, 'work');
    mkdirSync(work);
    for (const [name, text] of Object.entries({ ...OWN, 'go.sum': sum })) writeFileSync(join(work, name), text);
    const { stdout, stderr } = await gomodHealth(['check', ...flags, '--format', 'json', work], { directory: work, env });
    assert.ok(stdout.startsWith('{'), stderr);
    return (JSON.parse(stdout) as Report).findings
      .map(({ rule, file, severity, range }) => `${file}:${range.start.line + 1} ${severity} ${rule}`)
      .sort();
  }
});
