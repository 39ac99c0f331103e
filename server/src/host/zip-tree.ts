import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import { open as openZip } from 'yauzl';
import type { Entry } from 'yauzl';
import type { Gate } from './gate.ts';
import { SourceFault } from './module-source.ts';
import type { SourceTree } from './module-source.ts';

/** The files of a module zip, which is never extracted: its list is read once, and each .go file when it is wanted. */
export async function zipTree(file: string, prefix: string, gate: Gate): Promise<SourceTree> {
  const directories = await goFilesOf(file, prefix);
  return {
    goFiles: (directory) => Promise.resolve([...(directories.get(directory)?.keys() ?? [])]),
    read: (directory, name) => gate.pass(() => readEntry(file, directories.get(directory)!.get(name)!)),
    isHidden: () => Promise.resolve(false),
  };
}

/** Source files of more bytes are not read; the go command accepts no zip file of more than 500 MiB in all. */
const MAX_FILE = 64 << 20;

type Directories = Map<string, Map<string, Entry>>;

/** The .go files by directory and name. Their names begin with `PATH@VERSION/`. */
function goFilesOf(file: string, prefix: string): Promise<Directories> {
  const directories: Directories = new Map();
  return new Promise((resolve, reject) => {
    openZip(file, { lazyEntries: true, validateEntrySizes: false }, (error, zip) => {
      if (error) {
        reject(new SourceFault(`${file} is not a valid zip file: ${error.message}`));
        return;
      }
      zip.on('entry', (entry: Entry) => {
        const { fileName } = entry;
        if (fileName.startsWith(prefix) && fileName.endsWith('.go')) {
          const path = fileName.slice(prefix.length);
          const slash = path.lastIndexOf('/');
          const directory = slash < 0 ? '' : path.slice(0, slash);
          const files = directories.get(directory) ?? new Map<string, Entry>();
          directories.set(directory, files.set(path.slice(slash + 1), entry));
        }
        zip.readEntry();
      });
      zip.on('end', () => resolve(directories));
      zip.on('error', (fault: Error) => reject(new SourceFault(`${file} is not a valid zip file: ${fault.message}`)));
      zip.readEntry();
    });
  });
}

async function readEntry(file: string, entry: Entry): Promise<string> {
  if (entry.uncompressedSize > MAX_FILE) throw new SourceFault(`${entry.fileName} is larger than 64 MiB`);
  const handle = await open(file, 'r');
  try {
    return (await unpack(await packedContent(handle, entry), entry)).toString('utf8');
  } finally {
    await handle.close();
  }
}

/** The local header repeats the name and may have another extra field than the list (PKWARE's APPNOTE, 4.3.7). */
async function packedContent(handle: FileHandle, entry: Entry): Promise<Buffer> {
  const header = Buffer.alloc(LOCAL_HEADER);
  const at = entry.relativeOffsetOfLocalHeader;
  await handle.read(header, 0, LOCAL_HEADER, at);
  if (header.readUInt32LE(0) !== LOCAL_SIGNATURE) throw new SourceFault(`${entry.fileName} is not where its zip file says`);
  const start = at + LOCAL_HEADER + header.readUInt16LE(26) + header.readUInt16LE(28);
  const packed = Buffer.alloc(Math.min(entry.compressedSize, MAX_FILE));
  const { bytesRead } = await handle.read(packed, 0, packed.length, start);
  if (bytesRead !== entry.compressedSize) throw new SourceFault(`${entry.fileName} is cut short`);
  return packed;
}

async function unpack(packed: Buffer, { compressionMethod, uncompressedSize, fileName }: Entry): Promise<Buffer> {
  if (compressionMethod === STORED) return packed;
  if (compressionMethod !== DEFLATED) throw new SourceFault(`${fileName} is packed in an unknown way`);
  return inflate(packed, { maxOutputLength: uncompressedSize + 1 });
}

const inflate: (packed: Buffer, options: { maxOutputLength: number }) => Promise<Buffer> = promisify(inflateRaw);

/** Bytes of a local file header before its name. */
const LOCAL_HEADER = 30;
const LOCAL_SIGNATURE = 0x04034b50;
const STORED = 0;
const DEFLATED = 8;
