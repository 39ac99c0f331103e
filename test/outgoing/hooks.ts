import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leaksOf } from './judge.ts';
import type { Outgoing } from './judge.ts';

const directory = mkdtempSync(join(tmpdir(), 'gomod-health-outgoing-'));
const file = join(directory, 'requests.jsonl');
writeFileSync(file, '');
// Some tests run the program as another user, who may add to the file but not read what is in it.
chmodSync(directory, 0o711);
chmodSync(file, 0o622);
process.env['GOMOD_HEALTH_OUTGOING'] = file;
const recorder = new URL('recorder.mjs', import.meta.url).href;
await import(recorder);
process.env['NODE_OPTIONS'] = `${process.env['NODE_OPTIONS'] ?? ''} --import=${recorder}`.trim();

/** After all tests, whichever they were: nobody heard what was not theirs. */
export const mochaHooks = {
  afterAll(): void {
    const lines = readFileSync(file, 'utf8').split('\n');
    rmSync(directory, { recursive: true, force: true });
    const all = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Outgoing);
    const leaks = new Set(all.flatMap((outgoing) => leaksOf(outgoing).map((leak) => `${leak}: ${JSON.stringify(outgoing)}`)));
    const requests = all.filter(({ kind }) => kind === 'http').length;
    const processes = new Set(all.map(({ pid }) => pid)).size;
    console.log(`\n  ${requests} HTTP requests and ${all.length - requests} calls of git by ${processes} processes were recorded; ${leaks.size} told what they should not`);
    assert.deepEqual([...leaks], []);
  },
};
