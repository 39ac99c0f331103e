import { compare, isValid } from './semver.ts';

/** A module that modules.txt names; the version is empty for a replacement of all versions. */
export interface VendoredModule {
  readonly path: string;
  readonly version: string;
  /** A line `## explicit` says that go.mod requires this version. */
  readonly explicit: boolean;
  /** What takes its place; the version is empty for a directory. */
  readonly replacement: { readonly path: string; readonly version: string } | undefined;
}

/** What `go mod vendor` or `go work vendor` has written to vendor/modules.txt. */
export interface VendorList {
  /** `go work vendor` has written it. */
  readonly workspace: boolean;
  /** By `PATH VERSION`. */
  readonly modules: ReadonlyMap<string, VendoredModule>;
  /** Those with packages, in the order in which they come. */
  readonly providers: readonly VendoredModule[];
  /** Those that are marked as replaced, in their order. */
  readonly replaced: readonly VendoredModule[];
}

/**
 * Reads modules.txt as the go command does, which passes over what it does not understand
 * (cmd/go/internal/modload/vendor.go:readVendorList, init.go:modulesTextIsForWorkspace).
 */
export function parseVendorList(text: string): VendorList {
  const reader = new VendorListReader();
  const lines = text.split('\n');
  for (const line of lines) reader.read(line);
  const workspace = annotationsOf(lines[0] ?? '')?.includes('workspace') ?? false;
  return { workspace, ...reader.result() };
}

interface Entry extends VendoredModule {
  explicit: boolean;
  replacement: VendoredModule['replacement'];
}

class VendorListReader {
  readonly #modules = new Map<string, Entry>();
  readonly #providers: Entry[] = [];
  readonly #replaced: Entry[] = [];
  readonly #provided = new Map<string, string>();
  #current: Entry | undefined;

  read(line: string): void {
    if (line.startsWith('# ')) {
      this.#readModule(fieldsOf(line));
      return;
    }
    const current = this.#current;
    if (!current) return;
    const annotations = annotationsOf(line);
    if (annotations) {
      if (annotations.includes('explicit')) current.explicit = true;
    } else if (fieldsOf(line).length === 1) this.#provide(current);
  }

  result(): Pick<VendorList, 'modules' | 'providers' | 'replaced'> {
    return { modules: this.#modules, providers: this.#providers, replaced: this.#replaced };
  }

  #readModule([, path, word, ...rest]: readonly string[]): void {
    if (path === undefined || word === undefined) return;
    if (!isValid(word) && word !== '=>') {
      this.#current = undefined;
      return;
    }
    const module = this.#entry(path, word === '=>' ? '' : word);
    this.#current = module;
    const [newPath, newVersion, ...more] = word === '=>' ? rest : rest[0] === '=>' ? rest.slice(1) : [];
    if (newPath === undefined || more.length > 0 || (newVersion !== undefined && !isValid(newVersion))) return;
    module.replacement = { path: newPath, version: newVersion ?? '' };
    this.#replaced.push(module);
  }

  #entry(path: string, version: string): Entry {
    const known = this.#modules.get(`${path} ${version}`);
    if (known) return known;
    const entry: Entry = { path, version, explicit: false, replacement: undefined };
    this.#modules.set(`${path} ${version}`, entry);
    return entry;
  }

  /** A package of the module is in the vendor directory, so that the module has this version. */
  #provide(module: Entry): void {
    const before = this.#provided.get(module.path);
    if (before !== undefined && compare(before, module.version) >= 0) return;
    this.#providers.push(module);
    this.#provided.set(module.path, module.version);
  }
}

function annotationsOf(line: string): string[] | undefined {
  return line.startsWith('## ') ? line.slice(3).split(';').map((entry) => entry.trim()) : undefined;
}

function fieldsOf(line: string): string[] {
  return line.split(/\s+/).filter((field) => field !== '');
}
