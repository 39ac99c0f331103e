import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from './bundle.ts';

interface Stats {
  readonly program: { readonly files: number; readonly bytes: number };
}

describe('the start of gomod-health', () => {
  let directory: string;

  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'gomod-health-start-'));
  });

  after(() => rmSync(directory, { recursive: true, force: true }));

  async function run(...args: string[]): Promise<string> {
    const { status, stdout, stderr } = await runCommand(args, { cwd: directory, env: { HOME: directory, XDG_CACHE_HOME: directory } });
    assert.deepEqual([status, stderr], [0, '']);
    return stdout;
  }

  const program = async (): Promise<Stats['program']> => (JSON.parse(await run('cache', 'stats', '--format', 'json')) as Stats).program;

  it('keeps the compiled program, which cache counts and cleans', async () => {
    assert.equal((await program()).files, 0);
    const version = await run('--version');
    const kept = await program();
    assert.ok(kept.files > 0 && kept.bytes > 0);
    assert.equal(await run('--version'), version);
    await run('cache', 'clean');
    assert.deepEqual(await program(), { files: 0, bytes: 0 });
  });

  it('needs no place to keep it', async () => {
    const { status, stderr } = await runCommand(['--version'], { cwd: directory, env: { HOME: '/dev/null', XDG_CACHE_HOME: '/dev/null' } });
    assert.deepEqual([status, stderr], [0, '']);
  });
});
