import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { ZipFile } from 'yazl';
import { hashFiles, hashZip } from '../../server/src/net/dirhash.ts';
import { createHashPool, threadsFor } from '../../server/src/net/hash-pool.ts';
import type { HashPool } from '../../server/src/net/hash-pool.ts';
import { hashModuleDirectory, hashModuleZip } from '../../server/src/net/module-hash.ts';

const worker = join(import.meta.dirname, '../../server/src/net/hash-worker.ts');

describe('hashes of modules', function () {
  this.timeout(30_000);
  let directory: string;

  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'gomod-hash-'));
  });

  after(() => rmSync(directory, { recursive: true, force: true }));

  interface File {
    readonly name: string;
    readonly content: Buffer;
    readonly compress: boolean;
  }

  function expected(files: readonly File[]): unknown {
    return hashFiles(files.map(({ name, content }) => ({ name: `m@v1.0.0/${name}`, sha256: createHash('sha256').update(content).digest('hex') })));
  }

  async function writeZip(file: string, files: readonly File[]): Promise<void> {
    const zip = new ZipFile();
    for (const { name, content, compress } of files) zip.addBuffer(content, `m@v1.0.0/${name}`, { compress, mode: 0o100644 });
    zip.end();
    writeFileSync(file, await buffer(zip.outputStream));
  }

  const name = fc.stringMatching(/^[a-zü日]{1,8}(\/[A-Z_]{1,4}){0,2}\.go$/);
  const content = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc.nat(900_000).map((length) => Buffer.alloc(length, 'package p\n')),
    fc.constant(Buffer.alloc(0)),
  );
  const someFiles = fc.uniqueArray(fc.record({ name, content, compress: fc.boolean() }), {
    selector: (file) => file.name.toLowerCase().split('/')[0], maxLength: 12,
  });

  it('are those of the files, packed or extracted, streamed or at once', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(someFiles, async (files) => {
        const zip = join(directory, `${++run}.zip`);
        const extracted = join(directory, `${run}`);
        await writeZip(zip, files);
        mkdirSync(extracted);
        for (const file of files) {
          mkdirSync(dirname(join(extracted, file.name)), { recursive: true });
          writeFileSync(join(extracted, file.name), file.content);
        }
        const right = expected(files);
        assert.deepEqual(await hashModuleZip(zip), right);
        assert.deepEqual(await hashZip(zip), right);
        assert.deepEqual(hashModuleDirectory(extracted, 'm@v1.0.0'), right);
      }),
      { numRuns: 60 },
    );
  });

  it('of a zip file with any byte changed are another, or an error, but nothing is thrown', async () => {
    const zip = join(directory, 'changed.zip');
    const files = [{ name: 'a.go', content: Buffer.from('package a\n'.repeat(30)), compress: true }, { name: 'b.go', content: Buffer.from('b'), compress: false }];
    await writeZip(zip, files);
    const bytes = readFileSync(zip);
    const right = await hashModuleZip(zip);
    assert.ok(right.ok);
    const contents = files.map((file) => {
      const header = bytes.indexOf(`m@v1.0.0/${file.name}`) - 30;
      const start = header + 30 + bytes.readUInt16LE(header + 26) + bytes.readUInt16LE(header + 28);
      return { start, end: bytes.indexOf('PK', start) };
    });
    let errors = 0;
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 0x55;
      writeFileSync(zip, changed);
      const found = await hashModuleZip(zip);
      if (!found.ok) errors += 1;
      // Times, modes and the like are no part of the hash; contents are.
      const isContent = contents.some(({ start, end }) => at >= start && at < end);
      if (isContent) assert.ok(!found.ok || found.value !== right.value, `byte ${at}`);
      writeFileSync(zip, bytes.subarray(0, at));
      assert.equal((await hashModuleZip(zip)).ok, false, `cut at ${at}`);
    }
    assert.ok(errors > 100, `${errors} errors`);
  });

  it('of what is not there are errors', async () => {
    assert.equal((await hashModuleZip(join(directory, 'none.zip'))).ok, false);
    assert.equal(hashModuleDirectory(join(directory, 'none'), 'm@v1').ok, false);
    writeFileSync(join(directory, 'file'), '');
    assert.equal(hashModuleDirectory(join(directory, 'file'), 'm@v1').ok, false);
  });

  it('come from threads, more jobs than there are threads, and in any order', async () => {
    const zip = join(directory, 'pool.zip');
    const files = [{ name: 'a.go', content: Buffer.from('package a\n'), compress: true }];
    await writeZip(zip, files);
    // Without threads it is done in this one.
    for (const threads of [2, 0]) await assertHashes(createHashPool(worker, threads));

    async function assertHashes(pool: HashPool): Promise<void> {
      const results = await Promise.all(Array.from({ length: 20 }, (_, at) =>
        at % 3 === 0 ? pool.hash({ kind: 'zip', file: join(directory, 'none.zip') }) : pool.hash({ kind: 'zip', file: zip })));
      for (const [at, result] of results.entries()) {
        if (at % 3 === 0) assert.equal(result.ok, false);
        else assert.deepEqual(result, expected(files));
      }
      await pool.close();
    }
  });

  it('are made without threads where there is little to hash', () => {
    assert.equal(threadsFor(0), 0);
    assert.equal(threadsFor(1 << 20), 0);
    assert.ok(threadsFor(100 << 20) >= 1);
  });

  it('are errors where no thread can run', async () => {
    const pool = createHashPool(join(directory, 'no-such-program.mjs'), 2);
    const results = await Promise.all([1, 2, 3, 4].map(() => pool.hash({ kind: 'zip', file: 'x' })));
    assert.ok(results.every((result) => !result.ok && result.error.startsWith('it could not be hashed: ')), JSON.stringify(results));
    await pool.close();
  });
});
