import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createTreeHeadMemory, createTreeHeadStore } from '../../server/src/net/tree-head-store.ts';
import type { TreeHeadStore } from '../../server/src/net/tree-head-store.ts';

const NOTHING = Buffer.alloc(0);
const [ONE, TWO, THREE] = ['one', 'two', 'three'].map((head) => Buffer.from(head)) as [Buffer, Buffer, Buffer];

describe('the store of the tree head', () => {
  let directory: string;
  beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), 'tree-head-'))));
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const stores: Readonly<Record<string, () => TreeHeadStore>> = {
    'on disk': () => createTreeHeadStore(join(directory, 'new')),
    'in memory': createTreeHeadMemory,
  };
  for (const [where, create] of Object.entries(stores)) {
    it(`compares and swaps ${where}`, async () => {
      const store = create();
      const stored = async (): Promise<string> => Buffer.from(await store.read()).toString();
      assert.equal(await stored(), '');
      assert.equal(await store.swap(ONE, ONE), true, 'an absent head may be replaced always');
      assert.equal(await store.swap(NOTHING, TWO), false);
      assert.equal(await store.swap(TWO, TWO), false);
      assert.equal(await stored(), 'one');
      assert.equal(await store.swap(ONE, TWO), true);
      assert.equal(await store.swap(ONE, THREE), false);
      assert.equal(await store.swap(TWO, THREE), true);
      assert.equal(await stored(), 'three');
    });
  }

  it('keeps two files, and heeds no others', async () => {
    const store = createTreeHeadStore(directory);
    await writeFile(join(directory, 'head-x'), 'x');
    await writeFile(join(directory, '0b8a.tmp'), 'left by a killed process');
    for (const [old, head] of [[NOTHING, ONE], [ONE, TWO], [TWO, THREE]] as const) assert.ok(await store.swap(old, head));
    assert.deepEqual((await readdir(directory)).sort(), ['0b8a.tmp', 'head-2', 'head-3', 'head-x']);
    assert.deepEqual(Buffer.from(await createTreeHeadStore(directory).read()), THREE);
  });

  it('counts a disk that takes nothing as done', async () => {
    await mkdir(join(directory, 'below'));
    await writeFile(join(directory, 'below', 'file'), '');
    const store = createTreeHeadStore(join(directory, 'below', 'file', 'heads'));
    assert.equal(await store.swap(NOTHING, ONE), true);
    assert.equal((await store.read()).length, 0);
  });

  describe('under several processes', function () {
    this.timeout(60_000);

    function start(count: number): ChildProcess {
      const program = join(import.meta.dirname, 'head-counter.ts');
      return spawn(process.execPath, [program, directory, `${count}`], { stdio: ['ignore', 'pipe', 'inherit'] });
    }

    async function numbersOf(child: ChildProcess): Promise<number[]> {
      return (await text(child.stdout!)).split('\n').filter(Boolean).map(Number);
    }

    it('lets no two of them replace the same head', async () => {
      const numbers = (await Promise.all([1, 2, 3].map(() => numbersOf(start(60))))).flat();
      assert.equal(numbers.length, 180);
      assert.equal(new Set(numbers).size, 180);
      // A process may be told that it lost when its number was replaced before it could look; then that is not printed.
      const last = Number(Buffer.from(await createTreeHeadStore(directory).read()).toString());
      assert.ok(last >= 180 && last === Math.max(...numbers), `${last}`);
    });

    it('goes on after one of them was killed', async () => {
      for (let round = 1; round <= 5; round++) {
        const [doomed, other] = [start(1_000_000), start(30)];
        const numbers = [doomed, other].map(numbersOf);
        await Promise.all([once(doomed.stdout!, 'data'), numbers[1]]);
        doomed.kill('SIGKILL');
        const all = (await Promise.all(numbers)).flat();
        assert.equal((await numbers[1])!.length, 30);
        assert.equal(new Set(all).size, all.length);
        const next = await numbersOf(start(1));
        assert.ok(next[0]! > Math.max(...all));
      }
    });
  });
});
