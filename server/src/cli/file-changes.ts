import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, chmod, chown, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { systemReason } from '../host/system-reason.ts';
import { CannotRun } from './cannot-run.ts';

/** A file that is to have another text. */
export interface FileChange {
  readonly file: string;
  /** The text that it has now; undefined for a file that is to be made. */
  readonly before: string | undefined;
  readonly after: string;
}

/**
 * Writes files, each whole or not at all, with their modes and owners kept and links followed. Until everything is ready
 * beside its place, no file is touched.
 * @throws CannotRun when a file can't be written or is no longer as it was; then nothing was written.
 */
export async function writeChanges(changes: readonly FileChange[]): Promise<void> {
  const staged: StagedFile[] = [];
  try {
    for (const change of changes) staged.push(await stage(change));
    for (const { change } of staged) await requireUnchanged(change);
    for (const { change, target, temporary } of staged) {
      await rename(temporary, target).catch((error: unknown) => refuse(change.file, error));
    }
  } finally {
    for (const { temporary } of staged) await removeQuietly(temporary);
  }
}

interface StagedFile {
  readonly change: FileChange;
  /** The file itself, behind links. */
  readonly target: string;
  readonly temporary: string;
}

async function stage(change: FileChange): Promise<StagedFile> {
  const { file, before, after } = change;
  const target = before === undefined ? file : await realpath(file).catch((error: unknown) => refuse(file, error));
  const temporary = `${target}.${randomBytes(6).toString('hex')}.gomod-health`;
  try {
    // To replace a file takes no right to write it; one that is protected stays as it is.
    if (before !== undefined) await access(target, constants.W_OK);
    const handle = await open(temporary, 'wx');
    try {
      await handle.writeFile(after);
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (before !== undefined) await makeAlike(temporary, target);
  } catch (error) {
    await removeQuietly(temporary);
    refuse(file, error);
  }
  return { change, target, temporary };
}

/** The owner is kept where the system lets us. */
async function makeAlike(temporary: string, target: string): Promise<void> {
  const { mode, uid, gid } = await stat(target);
  const made = await stat(temporary);
  if (made.uid !== uid || made.gid !== gid) await chown(temporary, uid, gid).catch(() => undefined);
  await chmod(temporary, mode & 0o7777);
}

async function requireUnchanged({ file, before }: FileChange): Promise<void> {
  const now = await readFile(file).catch((error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? undefined : refuse(file, error)));
  const isSame = now === undefined ? before === undefined : before !== undefined && now.equals(Buffer.from(before));
  if (!isSame) throw new CannotRun(`${file} changed while it was checked; nothing was written`);
}

/** What went wrong before is what the user should hear of. */
async function removeQuietly(file: string): Promise<void> {
  await rm(file, { force: true }).catch(() => undefined);
}

function refuse(file: string, error: unknown): never {
  throw new CannotRun(`${file} can't be written: ${systemReason(error)}`);
}
