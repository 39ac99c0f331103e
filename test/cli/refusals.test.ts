import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROGRAM, cleanEnvironment, runCommand } from './bundle.ts';
import { Sandbox } from './sandbox.ts';

const SOUND = 'module example.com/m\n\ngo 1.21\n';

const FAULTY = `${SOUND}\nrequire example.com/widget v2.0.0\n`;

describe('gomod-health that can not run', () => {
  let sandbox: Sandbox;

  before(async () => {
    sandbox = await Sandbox.open();
    await sandbox.write({ 'm/go.mod': SOUND, 'empty/readme': '', 'faulty/go.mod': FAULTY });
  });
  after(() => sandbox.close());

  const cases: readonly (readonly [args: readonly string[], sentence: RegExp])[] = [
    [['check', '--nope'], /unknown option '--nope'/],
    [['check', '--format', 'xml'], /argument 'xml' is invalid\. Allowed choices are text, json\./],
    [['check', '--fail-on', 'fatal'], /argument 'fatal' is invalid\. Allowed choices are error, warning, info, hint, never\./],
    [['check', '--timeout', '0'], /argument '0' is invalid\. It must be a number of seconds/],
    [['check', '--timeout', 'soon'], /argument 'soon' is invalid\. It must be a number of seconds/],
    [['check', '--trace', ''], /It must name a file\./],
    [['check', '--trace', 'no/such/place', 'm'], /^gomod-health: no\/such\/place can't be written: there is no such file or directory$/],
    [['check', '--trace', 'm', 'm'], /^gomod-health: m can't be written: it is a directory$/],
    [['chekc'], /unknown command 'chekc'/],
    [['check', 'nowhere'], /^gomod-health: nowhere can't be read: there is no such file or directory$/],
    [['check', 'm', 'nowhere'], /^gomod-health: nowhere can't be read: there is no such file or directory$/],
    [['check', 'm/go.mod/x'], /^gomod-health: m\/go\.mod\/x can't be read: a part of the path is no directory$/],
    [['check', 'empty'], /^gomod-health: empty is in no Go module: there is no go\.mod at, above or below it$/],
    [['check', 'empty/readme'], /^gomod-health: empty\/readme is in no Go module: there is no go\.mod at or above it$/],
    [['check', 'm', 'empty'], /^gomod-health: empty is in no Go module/],
    [['check', 'a\u001b[31mb'], /^gomod-health: a\\u\{1b\}\[31mb can't be read/],
    [['lsp'], /^gomod-health: lsp needs a way to talk to the editor: --stdio or --node-ipc$/],
    [['lsp', '--node-ipc'], /^gomod-health: --node-ipc is for editors that run on Node; use --stdio$/],
    [['lsp', '--socket=1'], /unknown option '--socket=1'/],
  ];
  for (const [args, sentence] of cases) {
    it(`says why in one sentence: ${args.map((arg) => JSON.stringify(arg)).join(' ')}`, async () => {
      const { status, stdout, stderr } = await sandbox.run(args);
      assert.deepEqual({ status, stdout }, { status: 2, stdout: '' });
      assert.match(stderr, /^gomod-health: [^\n]+\n$/);
      assert.match(stderr.trimEnd(), sentence);
      assert.doesNotMatch(stderr, /\n\s+at |node:internal|\.cjs/, 'no stack');
    });
  }

  it('says what a setting of Go has against it, and goes on with what the files say', async () => {
    for (const [env, sentence] of [
      [{ GOPROXY: 'ftp://proxy.example.com' }, 'invalid proxy URL scheme (must be https, http, file): ftp://proxy.example.com'],
      [{ GOPROXY: ',' }, 'GOPROXY list is not the empty string, but contains no entries'],
      [{ GOFLAGS: 'mod=mod' }, 'parsing $GOFLAGS: non-flag "mod=mod"'],
      [{ GOMODCACHE: 'relative' }, 'GOMODCACHE entry is relative; must be absolute path: "relative".'],
      [{ GOWORK: 'relative' }, 'invalid GOWORK: not an absolute path'],
    ] as const) {
      const { status, stdout, stderr } = await sandbox.run(['check', 'faulty'], { env });
      assert.deepEqual({ status, stderr }, { status: 1, stderr: `gomod-health: ${sentence}\n` }, JSON.stringify(env));
      assert.match(stdout, /error major-path-mismatch/);
    }
    assert.deepEqual((await sandbox.asked()).git, []);
  });

  it('prints help and version to standard output, and help to standard error when nothing was asked', async () => {
    const { version } = JSON.parse(await readFile(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8')) as { version: string };
    assert.deepEqual(plain(await sandbox.run(['--version'])), { status: 0, stdout: `${version}\n`, stderr: '' });
    for (const args of [['--help'], ['check', '--help'], ['help', 'check']]) {
      const { status, stdout, stderr } = await sandbox.run(args);
      assert.deepEqual({ status, stderr }, { status: 0, stderr: '' }, args.join(' '));
      assert.match(stdout, /^Usage: gomod-health /);
    }
    const nothing = await sandbox.run([]);
    assert.deepEqual([nothing.status, nothing.stdout], [2, '']);
    assert.match(nothing.stderr, /^Usage: gomod-health /);
  });

  it('stays quiet when its reader goes away', async () => {
    const many = Array.from({ length: 3000 }, (_, at) => `require example.com/widget${at} v2.0.0\n`).join('');
    await sandbox.write({ 'many/go.mod': `${SOUND}\n${many}` });
    const { status, stderr } = await sandbox.run(['check', '--offline', 'many'], { cutOff: true });
    assert.deepEqual({ status, stderr }, { status: 1, stderr: '' });
  });

  it('ends at once when it is interrupted', async () => {
    sandbox.proxy.faults.set('*', { kind: 'hang' });
    await sandbox.write({ 'slow/go.mod': `${SOUND}\nrequire example.com/slow v1.0.0\n` });
    const child = spawn(process.execPath, [PROGRAM, 'check'], {
      cwd: sandbox.path('slow'),
      env: { ...cleanEnvironment(), ...sandbox.env },
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
    while (sandbox.proxy.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill('SIGINT');
    assert.equal(await ended, 'SIGINT');
    sandbox.proxy.faults.clear();
  });
});

function plain({ status, stdout, stderr }: Awaited<ReturnType<typeof runCommand>>): object {
  return { status, stdout, stderr };
}
