import assert from 'node:assert/strict';
import { appendFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Fault } from '../world/module-proxy.ts';
import { parseReport } from './json-shape.ts';
import type { JsonReport } from './json-shape.ts';
import { Sandbox, library } from './sandbox.ts';

const MOD = `module example.com/m

go 1.21

require (
	example.com/widget v1.9.0
	example.com/queue v2.1.0
)
`;

describe('gomod-health check among servers at fault', () => {
  let sandbox: Sandbox;

  beforeEach(async () => {
    sandbox = await Sandbox.open({
      modules: [library('example.com/widget', 'v1.0.0'), library('example.com/queue', 'v1.0.0'), library('example.com/queue/v2', 'v2.1.0')],
    });
    await sandbox.write({ 'go.mod': MOD, 'go.sum': sandbox.lines('example.com/queue', 'v1.0.0') });
  });
  afterEach(() => sandbox.close());

  async function check(...args: string[]): Promise<JsonReport> {
    const { stdout, stderr, milliseconds } = await sandbox.run(['check', '--format', 'json', '--timeout', '0.4', ...args]);
    assert.equal(stderr, '');
    assert.ok(milliseconds < 15_000, `${milliseconds} ms`);
    return parseReport(stdout);
  }

  const rulesOf = ({ findings }: JsonReport): string[] =>
    findings.map(({ rule }) => rule).filter((rule) => ['missing-tag', 'major-path-mismatch', 'checksum-mismatch', 'stale-checksum'].includes(rule));

  it('finds both faults when all is well', async () => {
    assert.deepEqual(rulesOf(await check()), ['missing-tag', 'major-path-mismatch']);
  });

  const faults: readonly (readonly [name: string, fault: Fault, why: RegExp])[] = [
    ['HTML', { kind: 'html' }, /^invalid response from proxy \S+: its list holds no version, but something else$/],
    ['403', { kind: 'status', status: 403 }, /403 Forbidden/],
    ['403 with a page', { kind: 'status', status: 403, body: '<html>go away</html>' }, /403 Forbidden/],
    ['401', { kind: 'status', status: 401 }, /401 Unauthorized/],
    ['429 for an hour', { kind: 'status', status: 429, headers: { 'retry-after': '3600' } }, /429|wait/],
    ['500', { kind: 'status', status: 500 }, /500 Internal Server Error/],
    ['half a body', { kind: 'half' }, /closed the connection|complete/],
    ['nothing at all', { kind: 'hang' }, /did not answer in full within|within 0\.4 s|in time/],
    ['headers and then nothing', { kind: 'stall' }, /did not answer in full within|within 0\.4 s|in time/],
    ['a byte now and then', { kind: 'drip' }, /did not answer in full within|within 0\.4 s|in time/],
    ['an end of the connection', { kind: 'reset' }, /connection/],
    ['garbage', { kind: 'garbage' }, /./],
    ['an endless body', { kind: 'oversized' }, /more than|larger|bytes|within|in time/],
    ['a redirect to nowhere', { kind: 'redirect', to: 'http://127.0.0.1:1/' }, /refused|redirect/],
    ['a redirect in a circle', { kind: 'redirect', to: '/x' }, /redirect/],
  ];

  describe('a proxy that answers', () => {
    for (const [name, fault, why] of faults) {
      it(`${name}: what the text shows is found, the rest is not checked`, async () => {
        sandbox.proxy.faults.set('*', fault);
        const report = await check();
        assert.deepEqual(rulesOf(report), ['major-path-mismatch']);
        const reasons = report.unchecked.filter(({ module, what }) => module.path === 'example.com/widget' && /exists/.test(what));
        assert.equal(reasons.length, 1, JSON.stringify(report.unchecked));
        assert.match(reasons[0]!.why, why);
      });
    }

    it('nothing for one module: the others are judged all the same', async () => {
      await sandbox.write({ 'go.mod': MOD.replace('require (', 'require (\n\texample.com/slow v1.0.0') });
      sandbox.proxy.faults.set('example.com/slow/@v/list', { kind: 'hang' });
      const report = await check();
      assert.deepEqual(rulesOf(report), ['missing-tag', 'major-path-mismatch']);
      assert.ok(report.unchecked.some(({ module }) => module.path === 'example.com/slow'));
    });

    it('a list of nonsense: no version of it is believed', async () => {
      sandbox.proxy.faults.set('example.com/widget/@v/list', { kind: 'content', body: 'v1.9\nlatest\n../../etc\nv1.9.0.0\n' });
      const report = await check();
      assert.deepEqual(rulesOf(report), ['missing-tag', 'major-path-mismatch']);
    });
  });

  describe('a checksum database that answers', () => {
    for (const [name, fault, why] of faults) {
      it(`${name}: no hash is called wrong, and no unverified one is written`, async () => {
        const database = await faulty(fault);
        try {
          const wrong = sandbox.lines('example.com/queue', 'v1.0.0').replaceAll(/h1:./g, 'h1:0');
          await sandbox.write({ 'go.sum': wrong });
          const env = { GOSUMDB: sandbox.env['GOSUMDB']!.replace(sandbox.database.url, database.url) };
          const { stdout, milliseconds } = await sandbox.run(['check', '--format', 'json', '--timeout', '0.4'], { env });
          assert.ok(milliseconds < 15_000, `${milliseconds} ms`);
          const report = parseReport(stdout);
          assert.deepEqual(rulesOf(report), ['missing-tag', 'major-path-mismatch']);
          const reasons = report.unchecked.filter(({ what }) => what === 'the checksum');
          assert.ok(reasons.length > 0, JSON.stringify(report.unchecked));
          assert.match(reasons[0]!.why, fault.kind === 'garbage' || fault.kind === 'html' ? /./ : why);
          const edits = report.findings.flatMap(({ fixes }) => fixes).flatMap((fix) => fix.edits);
          assert.ok(!edits.some(({ newText }) => newText.includes('h1:')));
        } finally {
          await database.close();
        }
      });
    }
  });

  describe('changes between check and write', () => {
    /** A proxy that changes a file when it is asked, and then knows nothing. */
    async function changing(change: () => Promise<void>): Promise<{ url: string; close(): void }> {
      const server = createServer((_request, response) => {
        void change().then(() => response.writeHead(404).end('not found\n'));
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => void server.close() };
    }

    it('to a file that is fixed are kept', async () => {
      const sum = `${sandbox.lines('example.com/widget', 'v1.0.0')}example.com/a v1 h1:x\n`;
      await sandbox.write({ 'go.mod': MOD, 'go.sum': sum });
      const proxy = await changing(() => appendFile(sandbox.path('go.sum'), '\nexample.com/b v1.0.0 h1:y\n'));
      try {
        const { status, stdout, stderr } = await sandbox.run(['check', '--fix'], { env: { GOPROXY: proxy.url } });
        assert.deepEqual([status, stdout], [2, '']);
        assert.match(stderr, /^gomod-health: \S+\/go\.sum changed while it was checked; nothing was written\n$/);
        const now = await sandbox.read('go.sum');
        assert.ok(now.startsWith(sum) && now.includes('example.com/b v1.0.0'), 'the change is there, and so is what was');
      } finally {
        proxy.close();
      }
    });

    it('to a .go file whose imports are rewritten are kept, and go.mod too', async () => {
      await sandbox.write({ 'go.mod': MOD, 'main.go': 'package m\n\nimport _ "example.com/queue"\n' });
      const changed = 'package m // changed\n\nimport _ "example.com/queue"\n';
      sandbox.proxy.faults.set('example.com/widget/@v/v1.9.0.info', { kind: 'hang' });
      const running = sandbox.run(['check', '--unsafe-fixes', '--timeout', '6']);
      while (!sandbox.proxy.requests.some(({ path }) => path.endsWith('v1.9.0.info'))) await pause(10);
      // The imports are read beside that request; they must have been before the file changes.
      await pause(2500);
      await writeFile(sandbox.path('main.go'), changed);
      const { status, stderr } = await running;
      assert.equal(status, 2);
      assert.match(stderr, /^gomod-health: \S+\/main\.go changed while it was checked; nothing was written\n$/);
      assert.deepEqual([await sandbox.read('main.go'), await sandbox.read('go.mod')], [changed, MOD]);
    });
  });
});

/** A server that has nothing but one fault. */
async function faulty(fault: Fault): Promise<{ url: string; close(): Promise<void> }> {
  const other = await Sandbox.open();
  other.proxy.faults.set('*', fault);
  return { url: other.proxy.url, close: () => other.close() };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
