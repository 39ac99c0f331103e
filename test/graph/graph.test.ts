import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { goCommand, goInstalled } from '../live/go-command.ts';

const PROGRAM = join(import.meta.dirname, '../../dist/gomod-health.cjs');
const LIVE = join(import.meta.dirname, '../live/module');

interface GraphJson {
  readonly buildList: readonly { readonly path: string; readonly version: string }[];
  readonly requirements: readonly { readonly from: string; readonly to: string }[];
}

interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function graph(cwd: string, env: Record<string, string>, ...flags: string[]): Promise<Output> {
  return new Promise((resolve) => {
    const options = { cwd, env: { ...process.env, ...env }, maxBuffer: 64 << 20 };
    execFile(process.execPath, [PROGRAM, 'graph', ...flags], options, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

describe('the module graph', () => {
  it('of a real module of 436 is the go command\'s own, edge by edge, and so is its build list', async function () {
    this.timeout(300_000);
    if ((await goInstalled()) === undefined) {
      console.log('skipped: the go command is not installed');
      this.skip();
    }
    const go = await goCommand();
    // The go command adds the go.sum lines that a graph needs, so it works on a copy.
    const copy = await mkdtemp(join(tmpdir(), 'gomod-health-graph-'));
    try {
      await cp(LIVE, copy, { recursive: true });
      const edges = await go.run(['mod', 'graph'], { directory: copy, timeout: 240_000 });
      if (edges.code !== 0) {
        console.log(`skipped: go mod graph can't load the live module here: ${edges.stderr.split('\n')[0]}`);
        this.skip();
      }
      const list = await go.run(['list', '-m', 'all'], { directory: copy, timeout: 240_000 });
      const env = { GOMODCACHE: go.moduleCache };
      assert.equal((await graph(LIVE, env)).stdout, edges.stdout);
      const { buildList } = JSON.parse((await graph(LIVE, env, '--format', 'json')).stdout) as GraphJson;
      assert.equal(buildList.map(({ path, version }) => `${path} ${version}`.trim()).join('\n'), list.stdout.trim());
    } finally {
      await go.dispose();
      await rm(copy, { recursive: true, force: true });
    }
  });

  it('says in one sentence why it can\'t be loaded', async () => {
    const { code, stderr } = await graph(LIVE, { GOPROXY: 'off', GOMODCACHE: join(tmpdir(), 'no-such-cache') });
    assert.equal(code, 2);
    assert.match(stderr, /^gomod-health: the module graph can't be loaded: .*GOPROXY=off\n$/);
  });

  it('is not told of go.mod where the go command reads another file', async () => {
    const { code, stdout, stderr } = await graph(LIVE, { GOFLAGS: '-modfile=other.mod' });
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /GOFLAGS has -modfile or -overlay/);
  });
});
