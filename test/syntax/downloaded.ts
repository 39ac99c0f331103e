import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { goCommand, goInstalled } from '../live/go-command.ts';
import type { CorpusFile } from './corpus.ts';

/** The module whose pinned build list is downloaded. */
const MODULE = fileURLToPath(new URL('../live/module/', import.meta.url));

/** Where the texts are kept: versions can't change, so that one download serves all runs. */
const KEPT = fileURLToPath(new URL('../../.build/downloaded/', import.meta.url));

/** The files of the modules that test/live/module requires, as their authors published them. */
export interface DownloadedFiles {
  /** `go.mod` of every module version that the go command read, and of directories in them. */
  readonly mod: readonly CorpusFile[];
  readonly work: readonly CorpusFile[];
  /** `go.sum` and `go.work.sum`. */
  readonly sum: readonly CorpusFile[];
}

/** Downloads them with `go mod download` through the configured proxy, or says why it can't. */
export async function downloadedFiles(): Promise<DownloadedFiles | { readonly skipped: string }> {
  const pinned = createHash('sha256').update(readFileSync(join(MODULE, 'go.mod'))).digest('hex').slice(0, 16);
  const kept = join(KEPT, `${pinned}.json`);
  if (existsSync(kept)) return JSON.parse(readFileSync(kept, 'utf8')) as DownloadedFiles;
  if ((await goInstalled()) === undefined) return { skipped: 'go is not installed, so nothing can be downloaded with it' };
  const files = await download();
  if ('skipped' in files) return files;
  mkdirSync(KEPT, { recursive: true });
  // A run that is broken off while it writes must not leave half of them.
  writeFileSync(`${kept}.${process.pid}`, JSON.stringify(files));
  renameSync(`${kept}.${process.pid}`, kept);
  return files;
}

async function download(): Promise<DownloadedFiles | { readonly skipped: string }> {
  const go = goCommand();
  const directory = mkdtempSync(join(tmpdir(), 'gomod-health-download-'));
  try {
    for (const name of ['go.mod', 'go.sum']) cpSync(join(MODULE, name), join(directory, name));
    const { code, stderr } = await go.run(['mod', 'download'], { directory, timeout: 300_000 });
    if (code !== 0) return { skipped: `go mod download of test/live/module failed: ${stderr.trim().split('\n')[0]}` };
    return collect(go.moduleCache);
  } finally {
    rmSync(directory, { recursive: true, force: true });
    go.dispose();
  }
}

/** Both what the proxy served as `.mod` and what the zips hold. */
function collect(moduleCache: string): DownloadedFiles {
  const mod: CorpusFile[] = [];
  const work: CorpusFile[] = [];
  const sum: CorpusFile[] = [];
  const texts = new Set<string>();
  for (const entry of readdirSync(moduleCache, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const list = isServedMod(path, moduleCache) ? mod : { 'go.mod': mod, 'go.work': work, 'go.sum': sum, 'go.work.sum': sum }[basename(path)];
    if (!list) continue;
    const text = readFileSync(path, 'utf8');
    if (texts.has(text)) continue;
    texts.add(text);
    list.push({ name: path.slice(moduleCache.length + 1), text });
  }
  return { mod, work, sum };
}

function isServedMod(path: string, moduleCache: string): boolean {
  return path.startsWith(join(moduleCache, 'cache', 'download')) && path.endsWith('.mod');
}
