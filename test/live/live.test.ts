import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readGoEnvironment } from '../../server/src/host/go-environment.ts';
import { redactUrl } from '../../server/src/host/proxy-list.ts';
import { parseMod } from '../../server/src/syntax/mod-file.ts';

const root = join(import.meta.dirname, '../..');
const bundle = join(root, 'dist/gomod-health.cjs');
const moduleDirectory = join(import.meta.dirname, 'module');

/** What the report of `check --format json` has of use here. */
interface Report {
  readonly findings: readonly { rule: string; severity: string; file: string; message: string; range: Range }[];
  readonly unchecked: readonly { module: { path: string }; what: string; why: string }[];
  readonly summary: { readonly modules: number; readonly requests: number; readonly milliseconds: number };
}

interface Range {
  readonly start: { readonly line: number; readonly character: number };
}

describe('a real module, through the configured proxy and the real checksum database', function () {
  this.timeout(600_000);
  let scratch: string;
  let checked: string;

  before(async function () {
    const off = await whyOffline();
    if (off !== undefined) {
      console.log(`skipped: the live test needs the network, but ${off}`);
      this.skip();
    }
    assert.ok(existsSync(bundle), 'dist/gomod-health.cjs is missing; `npm run build` makes it');
  });

  // A module cache of its own keeps the user's from answering in place of the proxy.
  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), 'gomod-health-live-'));
    checked = join(scratch, 'module');
    cpSync(moduleDirectory, checked, { recursive: true });
  });

  afterEach(() => {
    if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true });
  });

  it('has no false finding', async () => {
    const { code, report } = await check();
    const { modules, requests, milliseconds } = report.summary;
    console.log(`${modules} requirements checked with ${requests} requests in ${milliseconds} ms`);
    console.log(`${report.unchecked.length} questions left unchecked${report.unchecked.length > 0 ? ':' : ''}`);
    for (const [reason, count] of countedReasons(report)) console.log(`  ${count} × ${reason}`);

    assert.deepEqual(report.findings, []);
    assert.equal(code, 0);
    const required = parseMod(readFileSync(join(checked, 'go.mod'), 'utf8')).require.length;
    assert.ok(required >= 150, `the module requires only ${required} modules`);
    assert.equal(modules, required);
    assert.deepEqual(report.unchecked.filter(({ why }) => why.includes('unexpected fault')), []);
    // Silence proves nothing where nothing was judged.
    const unjudged = new Set(report.unchecked.map(({ module }) => module.path)).size;
    assert.ok(unjudged < required / 2, `${unjudged} of ${required} requirements were left unchecked`);
  });

  it('has the finding of one hash that was changed', async () => {
    const path = join(checked, 'go.sum');
    const lines = readFileSync(path, 'utf8').split('\n');
    const at = lines.findIndex((line) => line.startsWith('google.golang.org/grpc ') && !line.includes('/go.mod '));
    lines[at] = lines[at]!.replace(/ h1:.*$/, ` h1:${'A'.repeat(43)}=`);
    writeFileSync(path, lines.join('\n'));

    const { code, report } = await check();
    const found = report.findings.map(({ rule, severity, file, range }) => {
      return { rule, severity, file, line: range.start.line };
    });
    assert.deepEqual(found, [{ rule: 'checksum-mismatch', severity: 'error', file: 'go.sum', line: at }]);
    assert.equal(code, 1);
  });

  function check(): Promise<{ code: number; report: Report }> {
    const env = { ...process.env, GOMODCACHE: join(scratch, 'cache'), GOFLAGS: '' };
    const options = { cwd: checked, env, timeout: 300_000, maxBuffer: 64 * 1024 * 1024 };
    return new Promise((resolve, reject) => {
      execFile(process.execPath, [bundle, 'check', '--format', 'json'], options, (error, stdout, stderr) => {
        const code = error === null ? 0 : error.code;
        if (code !== 0 && code !== 1) reject(new Error(`the check ended with ${code}: ${stderr}`, { cause: error }));
        else resolve({ code, report: JSON.parse(stdout) as Report });
      });
    });
  }
});

/** Why there is nobody to ask; undefined when the first proxy answers for a version that the module requires. */
async function whyOffline(): Promise<string | undefined> {
  const { environment, variables } = await readGoEnvironment({ env: process.env, platform: process.platform });
  if (variables.GOSUMDB.value === 'off') return 'GOSUMDB is off';
  const [proxy] = environment.proxies;
  if (proxy?.kind !== 'proxy' || !/^https?:/.test(proxy.url)) return `GOPROXY is ${variables.GOPROXY.value || 'empty'}`;
  const url = new URL(`${proxy.url}/google.golang.org/grpc/@v/v1.74.2.mod`);
  const headers = url.username === '' && url.password === '' ? {} : { authorization: basic(url) };
  url.username = '';
  url.password = '';
  try {
    const answer = await fetch(url, { headers, signal: AbortSignal.timeout(15_000) });
    await answer.body?.cancel();
    return answer.ok ? undefined : `${redactUrl(proxy.url)} answers ${answer.status}`;
  } catch (error) {
    return `${redactUrl(proxy.url)} does not answer: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function basic({ username, password }: URL): string {
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(login).toString('base64')}`;
}

function countedReasons({ unchecked }: Report): [string, number][] {
  const counts = new Map<string, number>();
  for (const { what, why } of unchecked) counts.set(`${what}: ${why}`, (counts.get(`${what}: ${why}`) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a).slice(0, 20);
}
