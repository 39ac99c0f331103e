import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { startChecksumDatabase } from '../world/checksum-database.ts';
import type { RunningChecksumDatabase } from '../world/checksum-database.ts';
import { serveModuleProxy, writeModuleProxy } from '../world/module-proxy.ts';
import type { ModuleProxyServer } from '../world/module-proxy.ts';
import { filesBelow } from './directory-files.ts';
import { MODULES } from './hammer-world.ts';

const KILLS = 100;
/** How many of those that are to be killed run at once. */
const DOOMED = 2;

describe('a cache of answers that processes hammer', function () {
  this.timeout(180_000);
  let directory: string;
  let server: ModuleProxyServer;
  let database: RunningChecksumDatabase;
  const started: ChildProcess[] = [];

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'gomod-hammer-'));
    const sums = await writeModuleProxy(join(directory, 'proxy'), MODULES);
    server = await serveModuleProxy(join(directory, 'proxy'));
    database = await startChecksumDatabase({ records: sums });
  });

  after(async () => {
    for (const child of started) child.kill('SIGKILL');
    await Promise.all([server?.close(), database?.close()]);
    await rm(directory, { recursive: true, force: true });
  });

  function start(rounds: number): { child: ChildProcess; output: Promise<string[]> } {
    const args = [join(import.meta.dirname, 'hammer-process.ts'), server.url, database.goSumDb, join(directory, 'cache'), `${rounds}`];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    started.push(child);
    return { child, output: text(child.stdout).then((output) => output.split('\n').filter(Boolean)) };
  }

  it(`gives no wrong answer while ${KILLS} of them are killed without warning`, async () => {
    const steady = start(1_000_000);
    let rounds = 0;
    let killed = 0;
    while (killed < KILLS) {
      const doomed = Array.from({ length: DOOMED }, () => start(1_000_000));
      // At first sight of a line a process is in the midst of its work; then each dies at another moment.
      await Promise.race([...doomed.map(({ child }) => new Promise((resolve) => child.stdout!.once('data', resolve))), setTimeout(5000)]);
      for (const { child, output } of doomed) {
        await setTimeout(killed % 17);
        child.kill('SIGKILL');
        const told = await output;
        assert.deepEqual(told, told.map(() => 'ok'));
        rounds += told.length;
        killed += 1;
      }
    }
    steady.child.kill('SIGKILL');
    const told = await steady.output;
    assert.deepEqual(told, told.map(() => 'ok'));
    assert.ok(told.length > 10, `the survivor made only ${told.length} rounds`);
    console.log(`      ${killed} killed in the midst of their work, ${rounds + told.length} rounds of ${3 * MODULES.length} questions, none wrong`);
    assert.deepEqual(await start(2).output, ['ok', 'ok']);
    assert.ok(filesBelow(join(directory, 'cache')).length > 2 * MODULES.length);
  });
});
