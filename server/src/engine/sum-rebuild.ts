import { compareSumLines, formatSumLine } from '../syntax/sum-file.ts';
import type { NewSumLine } from '../syntax/sum-file.ts';
import { hasComparableHash } from './checksum-lines.ts';
import type { Facts } from './facts.ts';
import { moduleGraph } from './module-graph.ts';
import type { ModuleGraph } from './module-graph.ts';
import { moduleKey } from './module-version.ts';
import type { ModuleVersion } from './module-version.ts';
import { packageGraph } from './package-graph.ts';
import type { TidiedModule } from './package-graph.ts';
import type { MainModule, Project } from './project.ts';
import { namesOtherFiles } from './readonly-module.ts';
import { Replacements } from './replacements.ts';
import { routeOf } from './route.ts';
import { moduleLines } from './sum-files.ts';

/** A go.sum made anew, as `go mod tidy` would leave it, each hash vouched for by somebody. */
export interface RebuiltSum {
  readonly state: 'known';
  readonly text: string;
  readonly added: readonly NewSumLine[];
  readonly removed: readonly NewSumLine[];
  /** How many lines stay whose hash the checksum database has signed. */
  readonly verified: number;
  /** Lines that stay, and why nobody could vouch for them. */
  readonly unverified: readonly { readonly line: NewSumLine; readonly why: string }[];
}

export type SumRebuild =
  | RebuiltSum
  | { readonly state: 'pending' }
  | { readonly state: 'unavailable'; readonly why: string }
  /** The hash of a line that is needed is not the one that was signed: nobody but a person may take the other one. */
  | { readonly state: 'mismatch'; readonly line: NewSumLine; readonly signed: string; readonly database: string };

/** Hashes from the module cache, for modules that the checksum database is not asked about, by `PATH VERSION[/go.mod]`. */
export type CachedHashes = ReadonlyMap<string, string>;

/**
 * Makes a module's go.sum anew: lines that nothing needs go, those that are missing come with the hash that the checksum
 * database has signed, and of the others it is told whether the database has signed theirs. It takes the packages of all
 * modules in the build list; where the source of one is not at hand, nothing is said.
 */
export function rebuildSum(project: Project, main: MainModule, facts: Facts, cached: CachedHashes): SumRebuild {
  if (namesOtherFiles(project.environment)) return { state: 'unavailable', why: 'GOFLAGS names another go.mod, and with it another go.sum' };
  if (main.sum?.editable === false) return { state: 'unavailable', why: 'go.sum is no UTF-8 text' };
  const graph = packageGraph(project, main, facts);
  if (graph.state !== 'known') return graph;
  if (!graph.tidied) return { state: 'unavailable', why: graph.gap ?? missingWords(graph.missing) };
  // What go.mod has beyond what tidy would leave is read by other commands all the same.
  const written = moduleGraph({ ...project, workspace: undefined, modules: [main] }, facts);
  if (written.state !== 'known') return written;
  const sums = [...graph.tidied.sums];
  const needed = new Set([...sums.filter((key) => !isPseudoModule(key)), ...graphKeys(main, written)]);
  const spared = isTidy(graph.tidied, written) ? [] : selectedModules(written).map((module) => sourceKey(main, module));
  return new Rebuild(project, main, facts, cached).run(needed, new Set([...sums.filter(isPseudoModule), ...spared]));
}

/** A key of `go` or `toolchain`: such a line is kept, but never added. */
function isPseudoModule(key: string): boolean {
  return /^(?:go|toolchain) /.test(key);
}

/** go.mod requires just what tidy would leave. */
function isTidy({ roots }: TidiedModule, written: ModuleGraph): boolean {
  const keys = (modules: readonly ModuleVersion[]) =>
    modules.filter(({ path }) => path !== 'go' && path !== 'toolchain').map(moduleKey).sort().join('\n');
  return keys(roots) === keys(written.mains.flatMap((main) => written.requirements.get(moduleKey(main)) ?? []));
}

/** The keys of the go.mod files that a graph was loaded from. */
function graphKeys(main: MainModule, graph: ModuleGraph): string[] {
  const modules = [...graph.requirements.keys()].map((key) => {
    const [path = '', version = ''] = key.split(' ');
    return { path, version };
  });
  return modules.map((module) => sourceKey(main, module)).filter((key) => key !== undefined).map((key) => `${key}/go.mod`);
}

/** Versions that are required and versions that are selected. */
function selectedModules(graph: ModuleGraph): ModuleVersion[] {
  return [...graph.mains.flatMap((main) => graph.requirements.get(moduleKey(main)) ?? []), ...selectedOf(graph)];
}

function selectedOf({ selected }: ModuleGraph): ModuleVersion[] {
  return [...selected].map(([path, version]) => ({ path, version }));
}

/** Undefined for what has no line in go.sum. */
function sourceKey(main: MainModule, module: ModuleVersion): string | undefined {
  if (module.version === '' || module.path === 'go' || module.path === 'toolchain') return undefined;
  const source = Replacements.ofModule(main).source(module);
  return source.kind === 'module' ? moduleKey(source) : undefined;
}

/** Keys that go.sum lacks and for which the checksum database is not asked: those of private modules. */
export function unvouchedKeys(project: Project, main: MainModule, facts: Facts): readonly string[] {
  const graph = packageGraph(project, main, facts);
  if (graph.state !== 'known' || !graph.tidied) return [];
  const written = moduleGraph({ ...project, workspace: undefined, modules: [main] }, facts);
  const needed = new Set([...graph.tidied.sums, ...(written.state === 'known' ? graphKeys(main, written) : [])]);
  const isUnvouched = (key: string) => routeOf(project.environment, keyParts(key).path).sumDb === undefined;
  return [...needed].filter((key) => !isPseudoModule(key) && isUnvouched(key));
}

function missingWords(missing: readonly string[]): string {
  return missing.length > 0 ? `no required module provides package ${missing[0]}; go mod tidy looks for one` : 'go mod tidy would not succeed';
}

class Rebuild {
  readonly #project: Project;
  readonly #facts: Facts;
  readonly #cached: CachedHashes;
  readonly #lines: readonly NewSumLine[];
  readonly #byKey = new Map<string, NewSumLine[]>();
  readonly #unverified: { line: NewSumLine; why: string }[] = [];
  #pending = false;
  #verified = 0;
  #failure: Extract<SumRebuild, { state: 'unavailable' | 'mismatch' }> | undefined;

  constructor(project: Project, main: MainModule, facts: Facts, cached: CachedHashes) {
    this.#project = project;
    this.#facts = facts;
    this.#cached = cached;
    const lines = main.sum ? moduleLines(main.sum) : [];
    this.#lines = lines.map(({ path, version, hash }) => ({ path: path.value, version: version.value, hash: hash.value }));
    for (const [index, line] of lines.entries()) {
      if (!hasComparableHash(line)) continue;
      const key = `${line.path.value} ${line.version.value}`;
      this.#byKey.set(key, [...(this.#byKey.get(key) ?? []), this.#lines[index]!]);
    }
  }

  /** @param spared keys whose lines stay where they are, and are not added */
  run(needed: ReadonlySet<string>, spared: ReadonlySet<string | undefined>): SumRebuild {
    const keys = new Set([...needed, ...[...this.#byKey.keys()].filter((key) => spared.has(key))]);
    const kept = [...keys].flatMap((key) => this.#linesOf(key));
    if (this.#failure) return this.#failure;
    if (this.#pending) return { state: 'pending' };
    const wanted = [...new Map(kept.map((line) => [textOf(line), line])).values()].sort(compareSumLines);
    const present = new Set(this.#lines.map(textOf));
    const stays = new Set(wanted.map(textOf));
    return {
      state: 'known',
      text: wanted.map((line) => `${textOf(line)}\n`).join(''),
      added: wanted.filter((line) => !present.has(textOf(line))),
      removed: this.#lines.filter((line) => !stays.has(textOf(line))),
      verified: this.#verified,
      unverified: this.#unverified,
    };
  }

  /** The lines that stay or come for one key. */
  #linesOf(key: string): readonly NewSumLine[] {
    const { path, version, isMod } = keyParts(key);
    const present = this.#byKey.get(key) ?? [];
    if (routeOf(this.#project.environment, path).sumDb === undefined) return this.#unvouched(key, present);
    const signed = this.#facts.ask({ kind: 'checksums', path, version });
    if (signed.state === 'pending') this.#pending = true;
    if (signed.state !== 'known') {
      const why = signed.state === 'unavailable' ? signed.why : 'the checksum database does not know the version';
      return this.#doubtful(key, present, why);
    }
    const hash = isMod ? signed.value.mod : signed.value.zip;
    if (hash === undefined) return this.#doubtful(key, present, 'the checksum database has signed no such line');
    if (present.length > 0 && !present.some((line) => line.hash === hash)) {
      this.#failure ??= { state: 'mismatch', line: present[0]!, signed: hash, database: signed.value.database };
    }
    if (present.length > 0) this.#verified++;
    return [lineOf(key, hash)];
  }

  #doubtful(key: string, present: readonly NewSumLine[], why: string): readonly NewSumLine[] {
    if (present.length === 0 && !this.#pending) this.#failure ??= { state: 'unavailable', why: `go.sum lacks ${key}, and its hash is not to be had: ${why}` };
    for (const line of present) this.#unverified.push({ line, why });
    return present;
  }

  /** Nobody has signed the hashes of a private module; what the go command has downloaded is what it would write. */
  #unvouched(key: string, present: readonly NewSumLine[]): readonly NewSumLine[] {
    const hash = this.#cached.get(key);
    const why = 'the checksum database is not asked about it';
    if (present.length > 0) return this.#doubtful(key, present, why);
    return hash === undefined ? this.#doubtful(key, present, `${why}, and it is not in the module cache`) : [lineOf(key, hash)];
  }
}

/** `PATH VERSION` or `PATH VERSION/go.mod`. */
function keyParts(key: string): { readonly path: string; readonly version: string; readonly isMod: boolean } {
  const [path = '', version = ''] = key.split(' ');
  const isMod = version.endsWith('/go.mod');
  return { path, version: isMod ? version.slice(0, -'/go.mod'.length) : version, isMod };
}

function lineOf(key: string, hash: string): NewSumLine {
  const [path = '', version = ''] = key.split(' ');
  return { path, version, hash };
}

function textOf({ path, version, hash }: NewSumLine): string {
  return formatSumLine(path, version, hash);
}
