import type { GoEnvironment } from '../../engine/environment.ts';
import { joinPath } from '../../engine/file-path.ts';
import { isPrivate } from '../../engine/route.ts';
import type { ModFile, Replacement, SumFile, WorkFile } from '../../syntax/directives.ts';
import { canonicalVersion, checkImportPath, checkPath } from '../../syntax/module-path.ts';
import type { Span } from '../../syntax/span.ts';
import { sumLineKey } from '../../syntax/sum-file.ts';
import type { Word } from '../../syntax/tree.ts';
import type { ModuleFile } from './module-file.ts';

/** Where a link leads: the documentation of a module or package, or a file of this machine. */
export type LinkTarget =
  | { readonly kind: 'documentation'; readonly address: string }
  /** An absolute path with `/`. */
  | { readonly kind: 'file'; readonly path: string };

export interface FileLink extends Span {
  readonly target: LinkTarget;
}

export interface LinkInputs {
  /** The directory of the file, absolute with `/`; undefined for a text that is not on this machine's disk. */
  readonly directory: string | undefined;
  readonly environment: GoEnvironment;
  /** As `documentationAddress` gives it. */
  readonly documentation: string | undefined;
}

/**
 * The links of a file: module paths lead to their documentation, local directories to their go.mod. A module under
 * GOPRIVATE or GONOPROXY, or one that a local directory replaces, has no documentation in public.
 */
export function documentLinks(file: ModuleFile, inputs: LinkInputs): FileLink[] {
  const links = new Links(inputs);
  if (file.kind === 'sum') addSum(file, links);
  else addDirectives(file, links);
  return links.found;
}

function addSum(file: SumFile, links: Links): void {
  for (const line of file.lines) {
    const { path, version, mod } = sumLineKey(line);
    // A module of which only the go.mod is listed is not built with.
    if (!mod) links.addModule(line.path, path, version);
  }
}

function addDirectives(file: ModFile | WorkFile, links: Links): void {
  const local = localPaths(file.replace);
  const isLocal = (path: string, version: string): boolean => local.has(path) || local.has(`${path} ${version}`);
  for (const { oldPath, oldVersion, newPath, newVersion } of file.replace) {
    if (newVersion) {
      links.addModule(oldPath, oldPath.value, oldVersion?.value);
      links.addModule(newPath, newPath.value, newVersion.value);
    } else {
      links.addDirectory(newPath);
    }
  }
  if (file.kind === 'work') {
    for (const { path } of file.use) links.addDirectory(path);
    return;
  }
  for (const { path, version } of [...file.require, ...file.exclude]) {
    if (!isLocal(path.value, version.value)) links.addModule(path, path.value, version.value);
  }
  for (const { path } of file.tool) {
    const home = longestPrefix(file, path.value);
    if (home && !isLocal(home.path.value, home.version.value)) {
      links.addPackage(path, home.path.value, home.version.value);
    }
  }
}

/** The modules, with or without a version, that a local directory replaces. */
function localPaths(replacements: readonly Replacement[]): Set<string> {
  const local = replacements.filter(({ newVersion }) => !newVersion);
  return new Set(
    local.map(({ oldPath, oldVersion }) => (oldVersion ? `${oldPath.value} ${oldVersion.value}` : oldPath.value)),
  );
}

/** The required module that a package is in, as far as paths tell. */
function longestPrefix(file: ModFile, importPath: string): ModFile['require'][number] | undefined {
  return file.require
    .filter(({ path }) => importPath === path.value || importPath.startsWith(`${path.value}/`))
    .reduce<ModFile['require'][number] | undefined>(
      (longest, one) => (one.path.value.length > (longest?.path.value.length ?? 0) ? one : longest),
      undefined,
    );
}

class Links {
  readonly found: FileLink[] = [];
  readonly #inputs: LinkInputs;

  constructor(inputs: LinkInputs) {
    this.#inputs = inputs;
  }

  /** A version that is none, such as a branch being typed, is left out of the address. */
  addModule(word: Word, path: string, version: string | undefined): void {
    if (checkPath(path) === undefined) this.#addDocumentation(word, path, path + atVersion(version));
  }

  addPackage(word: Word, module: string, version: string): void {
    const isSound = checkPath(module) === undefined && checkImportPath(word.value) === undefined;
    const rest = word.value.slice(module.length);
    if (isSound) this.#addDocumentation(word, module, module + atVersion(version) + rest);
  }

  addDirectory(word: Word): void {
    const { directory } = this.#inputs;
    if (directory === undefined || word.value === '') return;
    const path = joinPath(joinPath(directory, word.value), 'go.mod');
    this.found.push({ ...inner(word), target: { kind: 'file', path } });
  }

  #addDocumentation(word: Word, module: string, path: string): void {
    const { environment, documentation } = this.#inputs;
    if (documentation === undefined || isPrivate(environment, module)) return;
    this.found.push({ ...inner(word), target: { kind: 'documentation', address: `${documentation}/${path}` } });
  }
}

function atVersion(version: string | undefined): string {
  const canonical = version === undefined ? '' : canonicalVersion(version);
  return canonical === '' ? '' : `@${canonical}`;
}

/** A word without its quotes. */
function inner({ start, end, raw }: Word): Span {
  return /^(["`]).*\1$/s.test(raw) && raw.length > 2 ? { start: start + 1, end: end - 1 } : { start, end };
}
