import assert from 'node:assert/strict';
import { chmod, chown, lstat, mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CannotRun } from '../../server/src/cli/cannot-run.ts';
import { writeChanges } from '../../server/src/cli/file-changes.ts';

describe('Changes of files', () => {
  let directory: string;

  const path = (name: string): string => join(directory, name);
  const text = (name: string): Promise<string> => readFile(path(name), 'utf8');
  const refused = (changes: Parameters<typeof writeChanges>[0], sentence: RegExp): Promise<void> =>
    assert.rejects(writeChanges(changes), (error) => error instanceof CannotRun && sentence.test(error.message));

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'gomod-health-changes-'));
    await writeFile(path('a'), 'one');
    await writeFile(path('b'), 'two');
  });
  afterEach(async () => {
    const entries = (await readdir(directory)).filter((name) => name.includes('gomod-health'));
    assert.deepEqual(entries, [], 'nothing is left behind');
    await rm(directory, { recursive: true });
  });

  it('are written, and files made', async () => {
    await writeChanges([
      { file: path('a'), before: 'one', after: 'ONE' },
      { file: path('new'), before: undefined, after: 'made' },
    ]);
    assert.deepEqual([await text('a'), await text('b'), await text('new')], ['ONE', 'two', 'made']);
  });

  it('keep mode and owner', async () => {
    await chmod(path('a'), 0o640);
    if (process.getuid?.() === 0) await chown(path('a'), 1234, 1235);
    const before = await stat(path('a'));
    await writeChanges([{ file: path('a'), before: 'one', after: 'ONE' }]);
    const after = await stat(path('a'));
    assert.deepEqual([after.mode, after.uid, after.gid], [before.mode, before.uid, before.gid]);
  });

  it('go through links, which stay links', async () => {
    await mkdir(path('elsewhere'));
    await writeFile(path('elsewhere/real'), 'real');
    await symlink('elsewhere/real', path('link'));
    await writeChanges([{ file: path('link'), before: 'real', after: 'REAL' }]);
    assert.ok((await lstat(path('link'))).isSymbolicLink());
    assert.equal(await text('elsewhere/real'), 'REAL');
    assert.deepEqual(await readdir(path('elsewhere')), ['real']);
  });

  it('are not made at all when one file is no longer as it was', async () => {
    for (const [second, sentence] of [
      [{ file: path('b'), before: 'other', after: 'TWO' }, /\/b changed while it was checked; nothing was written$/],
      [{ file: path('b'), before: undefined, after: 'TWO' }, /\/b changed while it was checked; nothing was written$/],
      [{ file: path('gone'), before: 'two', after: 'TWO' }, /\/gone can't be written: there is no such file or directory$/],
      [{ file: path('no/place'), before: undefined, after: 'TWO' }, /\/no\/place can't be written: there is no such file or directory$/],
      [{ file: path('a/b'), before: undefined, after: 'TWO' }, /\/a\/b can't be written: a part of the path is no directory$/],
    ] as const) {
      await refused([{ file: path('a'), before: 'one', after: 'ONE' }, second], sentence);
      assert.deepEqual([await text('a'), await text('b')], ['one', 'two'], second.file);
    }
  });

  it('are told from changes of bytes that read alike', async () => {
    await writeFile(path('a'), Buffer.of(0xef, 0xbf, 0xbd));
    await writeChanges([{ file: path('a'), before: '\ufffd', after: 'x' }]);
    await writeFile(path('a'), Buffer.of(0xff));
    await refused([{ file: path('a'), before: '\ufffd', after: 'x' }], /changed while it was checked/);
  });
});
