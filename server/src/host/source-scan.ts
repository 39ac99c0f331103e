import { isUtf8 } from 'node:buffer';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import type { Dirent, Stats } from 'node:fs';
import type { Fact, GoImport, ImportScan, PackageSource } from '../engine/facts.ts';
import type { AbortSignal } from '../engine/network.ts';
import { parseGoImports } from '../syntax/go-imports.ts';
import { parseMod } from '../syntax/mod-file.ts';
import { compareText } from '../syntax/utf8.ts';
import { Gate } from './gate.ts';
import { importsOfHead, isLookedUp, isReadName, packageSource, UNREAD_FILE } from './package-source.ts';
import type { FileImports, NamedImports } from './package-source.ts';
import { editorText, sourceFiles } from './source-files.ts';

/** Reads the imports of the user's modules. */
export interface SourceScan {
  /**
   * The imports of the packages below a module's directory (absolute, with `/`), tests and all build tags included:
   * the packages and files that `go mod tidy` starts from (cmd/go/internal/modload/search.go:matchPackages,
   * cmd/go/internal/imports/scan.go), and those that `//go:build ignore` hides from it, which are marked.
   *
   * It never throws. `unavailable` when anything could not be read, as the scan would not be whole, or when it was
   * cancelled.
   */
  imports(directory: string, signal?: AbortSignal): Promise<Fact<ImportScan>>;
}

export interface SourceScanOptions {
  /** The texts that an editor holds, by absolute path with `/`; they count in place of the files on the disk. */
  readonly overlays?: ReadonlyMap<string, string>;
  /** What earlier scans read; without it every file is read anew. */
  readonly cache?: ScanCache;
}

/** What scans have read, so that the next one reads only files that changed. One may serve many scans. */
export class ScanCache {
  /** By module directory, then by file; a scan leaves only files that are still there. */
  readonly modules = new Map<string, ReadonlyMap<string, ReadFile>>();
}

/** A scan of the disk beneath an editor's texts. */
export function sourceScan(options: SourceScanOptions = {}): SourceScan {
  const { overlays = new Map<string, string>(), cache = new ScanCache() } = options;
  return {
    async imports(directory, signal) {
      const scan = new Scan(directory, overlays, cache.modules.get(directory) ?? new Map<string, ReadFile>(), signal);
      try {
        const found = await scan.run();
        cache.modules.set(directory, scan.read);
        return { state: 'known', value: found };
      } catch (error) {
        scan.stop();
        return { state: 'unavailable', why: whyOf(error) };
      }
    },
  };
}

/**
 * Whether `ignore` directives leave out a directory, given by its path below the module with `/`
 * (cmd/go/internal/search/search.go:ShouldIgnore): `./x` is anchored at the module, `x` matches at any depth.
 */
export function ignoresDirectory(patterns: readonly string[], directory: string): boolean {
  const path = betweenSlashes(directory);
  return patterns.some((pattern) => {
    if (pattern.startsWith('./')) return path.startsWith(betweenSlashes(pattern.slice(2)));
    return path.includes(betweenSlashes(pattern));
  });
}

function betweenSlashes(path: string): string {
  const started = path.startsWith('/') ? path : `/${path}`;
  return started.endsWith('/') ? started : `${started}/`;
}

/** How many files and directories are open at once. */
const MAX_OPEN = 16;

/** What one reading of a file gave, and the state of the file by which it is known to be the same. */
interface ReadFile {
  readonly version: string;
  readonly imports: readonly GoImport[];
  readonly content: FileImports;
}

/** A fault that makes the scan's answer unknown. */
class ScanFault extends Error {}

class Scan {
  /** What this scan has read or found unchanged. */
  readonly read = new Map<string, ReadFile>();
  readonly #directory: string;
  readonly #overlays: ReadonlyMap<string, string>;
  readonly #earlier: ReadonlyMap<string, ReadFile>;
  readonly #signal: AbortSignal | undefined;
  readonly #gate = new Gate(MAX_OPEN);
  readonly #sources = new Map<string, PackageSource>();
  #ignore: readonly string[] = [];
  #stopped = false;

  constructor(
    directory: string,
    overlays: ReadonlyMap<string, string>,
    earlier: ReadonlyMap<string, ReadFile>,
    signal: AbortSignal | undefined,
  ) {
    this.#directory = directory;
    this.#overlays = overlays;
    this.#earlier = earlier;
    this.#signal = signal;
  }

  async run(): Promise<ImportScan> {
    this.#ignore = await this.#ignorePatterns();
    await this.#walk('');
    const files = [...this.read].sort(([a], [b]) => compareText(a, b));
    const packages = [...this.#sources.keys()].sort(compareText);
    return { imports: files.flatMap(([, { imports }]) => imports), packages, sources: this.#sources };
  }

  /** Lets nothing more be read. */
  stop(): void {
    this.#stopped = true;
  }

  async #ignorePatterns(): Promise<readonly string[]> {
    const path = `${this.#directory}/go.mod`;
    const mod = await sourceFiles(this.#overlays).read(path);
    if (mod.kind === 'failure') throw new ScanFault(mod.why);
    return mod.kind === 'text' ? parseMod(mod.text).ignore.map((directive) => directive.path.value) : [];
  }

  /** Walks a directory, given by its path below the module's. */
  async #walk(below: string): Promise<void> {
    const path = below === '' ? this.#directory : `${this.#directory}/${below}`;
    const entries = await this.#open(path, () => readdir(path, { withFileTypes: true }));
    if (entries === undefined) {
      if (below === '') throw new ScanFault(`${path} is not a directory`);
      return;
    }
    if (below !== '' && (await this.#isModule(path, entries))) return;
    // Like the go command, it takes the Go files of a directory `vendor`, but not what lies below it.
    const isVendor = below.slice(below.lastIndexOf('/') + 1) === 'vendor';
    const subdirectories = entries.filter((entry) => entry.isDirectory() && !isVendor);
    const goFiles = entries.filter((entry) => entry.name.endsWith('.go') && !entry.isDirectory());
    await Promise.all([
      this.#readPackage(below, path, goFiles),
      ...subdirectories.map(({ name }) => this.#walkUnlessLeftOut(below === '' ? name : `${below}/${name}`, name)),
    ]);
  }

  async #walkUnlessLeftOut(below: string, name: string): Promise<void> {
    if (name.startsWith('.') || name.startsWith('_') || name === 'testdata') return;
    if (!ignoresDirectory(this.#ignore, below)) await this.#walk(below);
  }

  async #isModule(path: string, entries: readonly Dirent[]): Promise<boolean> {
    const entry = entries.find(({ name }) => name === 'go.mod');
    if (!entry?.isSymbolicLink()) return entry !== undefined && !entry.isDirectory();
    const target = await this.#open(`${path}/go.mod`, (file) => stat(file));
    return target !== undefined && !target.isDirectory();
  }

  async #readPackage(below: string, path: string, goFiles: readonly Dirent[]): Promise<void> {
    const found = await Promise.all(goFiles.map((entry) => this.#readEntry(path, entry)));
    const read = found.filter((file) => file !== undefined);
    if (read.length > 0) this.#sources.set(below === '' ? '.' : below, packageSource(read));
  }

  /** What a Go file imports; undefined when the entry is none. */
  async #readEntry(path: string, entry: Dirent): Promise<NamedImports | undefined> {
    const { name } = entry;
    const file = await this.#locate(`${path}/${name}`, entry);
    if (file === undefined) return undefined;
    // The go command sees a package here, but reads no such file.
    if (!isReadName(name)) return { name, content: UNREAD_FILE };
    if (!this.read.has(file.path)) await this.#readFile(file);
    // A link has the name by which it is found, and the text of its target.
    const content = this.read.get(file.path)?.content;
    return content && { name, content };
  }

  /**
   * The regular file that an entry is or leads to. A link's target is named by its own path, so that one text that is
   * reached twice is not changed twice.
   */
  async #locate(path: string, entry: Dirent): Promise<LocatedFile | undefined> {
    const stats = await this.#open(path, (file) => stat(file));
    if (!stats?.isFile()) return undefined;
    if (!entry.isSymbolicLink()) return { path, stats };
    const target = await this.#open(path, resolveLinks);
    const root = await this.#open(this.#directory, resolveLinks);
    if (target === undefined || root === undefined) return undefined;
    const isInside = target.startsWith(`${root}/`);
    return { path: isInside ? this.#directory + target.slice(root.length) : target, stats };
  }

  async #readFile({ path, stats }: LocatedFile): Promise<void> {
    const overlay = this.#overlays.get(path);
    if (overlay !== undefined) {
      // An editor's text has no version of its own here, so it is never taken from an earlier scan.
      this.read.set(path, readText(path, '', overlay, editorText(overlay).editable));
      return;
    }
    const version = `${stats.mtimeMs} ${stats.ctimeMs} ${stats.size}`;
    const earlier = this.#earlier.get(path);
    if (earlier?.version === version) {
      this.read.set(path, earlier);
      return;
    }
    const bytes = await this.#open(path, (file) => readFile(file));
    if (bytes === undefined) return;
    this.read.set(path, readText(path, version, bytes.toString('utf8'), isUtf8(bytes)));
  }

  /** Does one thing with the disk; undefined when the file has gone meanwhile, or a link leads nowhere. */
  async #open<T>(path: string, action: (path: string) => Promise<T>): Promise<T | undefined> {
    return this.#gate.pass(async () => {
      if (this.#stopped || this.#signal?.aborted) throw new ScanFault('the scan of the Go files was cancelled');
      try {
        return await action(path);
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') return undefined;
        throw new ScanFault(`${path} can't be read: ${code ?? message}`);
      }
    });
  }
}

interface LocatedFile {
  readonly path: string;
  readonly stats: Stats;
}

async function resolveLinks(path: string): Promise<string> {
  return (await realpath(path)).replaceAll('\\', '/');
}

/** The imports of a file that the go command would look up in modules; those of cgo and App Engine are none. */
function readText(file: string, version: string, text: string, editable: boolean): ReadFile {
  const head = parseGoImports(text);
  const { imports, ignored, readable } = head;
  if (!readable) throw new ScanFault(`${file} can't be read: unexpected NUL in input`);
  return {
    version,
    content: importsOfHead(text, head),
    imports: imports
      .filter(({ importPath }) => isLookedUp(importPath))
      .map(({ importPath, span }) => {
        return { importPath, file, span, ...(ignored && { ignored }), ...(!editable && { uneditable: true }) };
      }),
  };
}

function whyOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
