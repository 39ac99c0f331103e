import assert from 'node:assert/strict';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { countAnswers } from '../../server/src/net/answer-cache-files.ts';
import { createAnswerCache } from '../../server/src/net/answer-cache.ts';
import type { AnswerCache } from '../../server/src/net/answer-cache.ts';
import { everythingBelow, filesBelow } from './directory-files.ts';

describe('the cache of answers', () => {
  let directory: string;
  let now: number;
  let cache: AnswerCache;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'gomod-answers-'));
    now = Date.parse('2026-01-01T00:00:00Z');
    cache = open();
  });

  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  function open(mostBytes?: number): AnswerCache {
    return createAnswerCache({ directory, now: () => now, ...(mostBytes !== undefined && { mostBytes }) });
  }

  /** The one file that there is. */
  function onlyFile(): string {
    const files = filesBelow(directory).filter((file) => !file.endsWith('looked-at'));
    assert.equal(files.length, 1, files.join('\n'));
    return files[0]!;
  }

  const body = Buffer.from('module example.com/m\n\u0000\xff', 'latin1');

  it('gives back what was written, in a later run too, with its time', async () => {
    assert.equal(await cache.read('mod', 'a'), undefined);
    cache.write('mod', 'a', { state: 'known' }, body);
    cache.write('info', 'a', ['x', null]);
    await cache.settled();
    now += 1000;
    for (const reader of [cache, open()]) {
      assert.deepEqual(await reader.read('mod', 'a'), { at: now - 1000, value: { state: 'known' }, body });
      assert.deepEqual(await reader.read('info', 'a'), { at: now - 1000, value: ['x', null], body: Buffer.alloc(0) });
      assert.equal(await reader.read('list', 'a'), undefined);
      assert.equal(await reader.read('mod', 'b'), undefined);
    }
  });

  it('takes the later of two answers, and drops one', async () => {
    cache.write('list', 'a', 1);
    await cache.settled();
    cache.write('list', 'a', 2);
    await cache.settled();
    assert.equal((await cache.read('list', 'a'))?.value, 2);
    await cache.drop('list', 'a');
    assert.equal(await cache.read('list', 'a'), undefined);
    await cache.drop('list', 'never');
  });

  it('writes no key, and nothing that others could read', async () => {
    cache.write('info', 'https://corp.example/very-secret-name', null);
    await cache.settled();
    assert.doesNotMatch(everythingBelow(directory), /corp|secret/);
    if (process.platform === 'win32') return;
    assert.equal(statSync(onlyFile()).mode & 0o077, 0);
    assert.equal(statSync(dirname(onlyFile())).mode & 0o077, 0);
  });

  it('drops an entry with any byte changed, or cut at any place', async () => {
    cache.write('mod', 'a', { state: 'known', value: { from: 'https://p.example' } }, body);
    await cache.settled();
    const file = onlyFile();
    const whole = readFileSync(file);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), fc.boolean(), async (at, difference, cut) => {
        const spoiled = cut ? whole.subarray(0, at) : Buffer.from(whole);
        if (!cut) spoiled[at]! ^= difference;
        writeFileSync(file, spoiled);
        assert.equal(await cache.read('mod', 'a'), undefined);
        assert.deepEqual(filesBelow(directory).filter((other) => other === file), []);
      }),
      { numRuns: 300 },
    );
    writeFileSync(file, whole);
    assert.deepEqual((await cache.read('mod', 'a'))?.body, body);
    writeFileSync(file, Buffer.concat([whole, Buffer.from('x')]));
    assert.equal(await cache.read('mod', 'a'), undefined);
  });

  it('takes no entry of another key or kind for its own', async () => {
    cache.write('mod', 'a', 1);
    await cache.settled();
    const of = onlyFile();
    cache.write('mod', 'b', 2);
    await cache.settled();
    const other = filesBelow(directory).find((file) => file !== of && !file.endsWith('looked-at'))!;
    cpSync(of, other);
    assert.equal(await cache.read('mod', 'b'), undefined);
    const asInfo = of.replace(`${directory}/mod`, `${directory}/info`);
    mkdirSync(dirname(asInfo), { recursive: true });
    cpSync(of, asInfo);
    assert.equal(await cache.read('info', 'a'), undefined);
    assert.equal((await cache.read('mod', 'a'))?.value, 1);
  });

  it('does without a disk that takes nothing', async function () {
    for (const useless of [join(directory, 'file'), '/dev/null/x']) {
      writeFileSync(join(directory, 'file'), '');
      const cacheless = createAnswerCache({ directory: useless });
      cacheless.write('info', 'a', 1);
      await cacheless.settled();
      assert.equal(await cacheless.read('info', 'a'), undefined);
      await cacheless.drop('info', 'a');
      assert.ok((await countAnswers(useless)).every(({ entries }) => entries === 0));
    }
    if (process.getuid?.() === 0) return;
    chmodSync(directory, 0o500);
    cache.write('info', 'a', 1);
    await cache.settled();
    assert.equal(await cache.read('info', 'a'), undefined);
    chmodSync(directory, 0o700);
  });

  it('counts what it has', async () => {
    cache.write('info', 'a', 1);
    cache.write('info', 'b', 1);
    cache.write('mod', 'a', 1, Buffer.alloc(1000));
    await cache.settled();
    const counts = (await countAnswers(directory)).filter(({ entries }) => entries > 0);
    assert.deepEqual(counts.map(({ kind, entries }) => [kind, entries]), [['info', 2], ['mod', 1]]);
    assert.ok(counts[1]!.bytes > 1000 && counts[1]!.bytes < 1200);
  });

  it('stays below its size, and removes what was used the longest time ago', async () => {
    const most = 80_000;
    const bounded = open(most);
    // Files get the disk's own times, so the test sets those that matter.
    for (let at = 0; at < 60; at++) {
      bounded.write('mod', `m${at}`, at, Buffer.alloc(1000));
      await bounded.settled();
      const used = at === 0 ? Date.now() / 1000 + 60 : Date.now() / 1000 - 1000 + at;
      for (const file of filesBelow(join(directory, 'mod'))) {
        if (readFileSync(file, 'latin1').includes(`"value":${at}}`)) utimesSync(file, used, used);
      }
    }
    assert.equal((await countAnswers(directory)).reduce((sum, { entries }) => sum + entries, 0), 60, 'nothing is removed too early');
    for (let at = 60; at < 200; at++) {
      bounded.write('mod', `m${at}`, at, Buffer.alloc(1000));
      await bounded.settled();
      const bytes = (await countAnswers(directory)).reduce((sum, count) => sum + count.bytes, 0);
      assert.ok(bytes <= most + most / 8, `${bytes} bytes after ${at} writes`);
    }
    assert.ok(await bounded.read('mod', 'm0'), 'it was used last');
    assert.equal(await bounded.read('mod', 'm1'), undefined);
    assert.ok(await bounded.read('mod', 'm199'));
  });

  it('notes the use of an old entry', async () => {
    now = Date.now();
    cache.write('mod', 'a', 1);
    await cache.settled();
    const file = onlyFile();
    utimesSync(file, 1000, 1000);
    await cache.read('mod', 'a');
    await cache.settled();
    assert.equal(statSync(file).mtimeMs, 1_000_000, 'not in its first hour');
    now += 2 * 60 * 60_000;
    await cache.read('mod', 'a');
    await cache.settled();
    assert.ok(Math.abs(statSync(file).mtimeMs - now) < 2000);
  });

  it('clears away what a killed process left, but not what another is just writing', async () => {
    now = Date.now();
    const shard = join(directory, 'mod', '00');
    mkdirSync(shard, { recursive: true });
    writeFileSync(join(shard, 'old.tmp'), 'x');
    utimesSync(join(shard, 'old.tmp'), 1000, 1000);
    writeFileSync(join(shard, 'new.tmp'), 'x');
    cache.write('info', 'a', 1);
    await cache.settled();
    assert.deepEqual(filesBelow(shard), [join(shard, 'new.tmp')]);
    assert.equal((await countAnswers(directory)).find(({ kind }) => kind === 'mod')?.entries, 0);
  });
});
