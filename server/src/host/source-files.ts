import { readFile, stat } from 'node:fs/promises';
import { systemReason } from './system-reason.ts';

/** A text with what its bytes tell that a decoded text does not. */
export interface SourceText {
  readonly text: string;
  /** False when the bytes are not UTF-8: the text then shows U+FFFD where they are wrong, and must not be written back. */
  readonly editable: boolean;
  /** The text is an editor's, which hides the byte order mark that the file on the disk begins with. */
  readonly hiddenByteOrderMark?: true;
}

export type ReadResult =
  | ({ readonly kind: 'text' } & SourceText)
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'failure';
      readonly why: string;
      /** The go command would take what is there for the file: it can be seen, and is no directory. */
      readonly isFile: boolean;
    };

/** The files of the user, as far as anything reads them: an editor's unsaved texts before the disk's. */
export interface SourceFiles {
  read(path: string): Promise<ReadResult>;
}

/** No go.mod or go.sum of this world is larger; what is, is refused before it fills the memory. */
const MAX_BYTES = 64 * 1024 * 1024;

/** Reads the disk, except for texts that an editor holds. Paths are absolute, with `/`. */
export function sourceFiles(overlays: ReadonlyMap<string, string> = new Map()): SourceFiles {
  return {
    async read(path) {
      const overlay = overlays.get(path);
      return overlay === undefined ? readDisk(path) : { kind: 'text', ...editorText(overlay) };
    },
  };
}

/**
 * A text that an editor holds. Where the file is not UTF-8, the editor shows U+FFFD as we would, and to save it would
 * lose what was there.
 */
export function editorText(text: string): SourceText {
  return { text, editable: !text.includes('\ufffd') };
}

async function readDisk(path: string): Promise<ReadResult> {
  let isFile = false;
  try {
    const found = await stat(path);
    if (found.isDirectory()) return failure(`${path} is a directory`, isFile);
    isFile = true;
    if (!found.isFile()) return failure(`${path} is not a regular file`, isFile);
    if (found.size > MAX_BYTES) return failure(`${path} is larger than 64 MiB`, isFile);
    return { kind: 'text', ...decode(await readFile(path)) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'absent' };
    return failure(`${path} can't be read: ${systemReason(error)}`, isFile);
  }
}

function failure(why: string, isFile: boolean): ReadResult {
  return { kind: 'failure', why, isFile };
}

/** Decodes UTF-8; a byte order mark stays, because the go command sees it too. */
function decode(bytes: Uint8Array): SourceText {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), editable: true };
  } catch {
    return { text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes), editable: false };
  }
}
