import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

/**
 * Whether a file on the disk begins with UTF-8's byte order mark. Editors take it for a matter of the file's encoding and
 * hide it, but the go command reads it as a part of the text. What can't be read begins with nothing.
 */
export async function beginsWithByteOrderMark(path: string): Promise<boolean> {
  let file: FileHandle | undefined;
  try {
    file = await open(path);
    const { bytesRead, buffer } = await file.read(Buffer.alloc(MARK.length), 0, MARK.length, 0);
    return bytesRead === MARK.length && buffer.equals(MARK);
  } catch {
    return false;
  } finally {
    await file?.close();
  }
}

const MARK = Buffer.from([0xef, 0xbb, 0xbf]);
