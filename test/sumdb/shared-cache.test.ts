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
import { recordOf } from './sample-log.ts';

const RECORDS = 300;
const KILLS = 8;

describe('a cache that several processes share', function () {
  this.timeout(120_000);
  let directory: string;
  let database: RunningChecksumDatabase;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'shared-cache-'));
    database = await startChecksumDatabase({ records: Array.from({ length: RECORDS }, (_, at) => recordOf(at)) });
  });

  after(async () => {
    await database.close();
    await rm(directory, { recursive: true, force: true });
  });

  function start(rounds: number): { child: ChildProcess; output: Promise<string[]> } {
    const program = join(import.meta.dirname, 'lookup-process.ts');
    const args = [program, database.goSumDb, directory, `${RECORDS}`, `${rounds}`];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    return { child, output: text(child.stdout).then((output) => output.split('\n').filter(Boolean)) };
  }

  it('gives no wrong answer while the log grows and processes are killed at any time', async () => {
    const steady = start(30);
    for (let kill = 0; kill < KILLS; kill++) {
      const doomed = start(1000);
      await setTimeout(150 + 40 * kill);
      for (let more = 0; more < 50; more++) database.log.add(recordOf(database.log.size));
      doomed.child.kill('SIGKILL');
      const told = await doomed.output;
      assert.deepEqual(told, told.map(() => 'ok'));
    }
    assert.deepEqual(await steady.output, Array.from({ length: 30 }, () => 'ok'));

    const last = start(1);
    assert.deepEqual(await last.output, ['ok']);
    const asked = database.requests.length;
    assert.deepEqual(await start(1).output, ['ok']);
    assert.equal(database.requests.length, asked, 'a later run asks nothing');
  });
});
