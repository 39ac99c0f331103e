import { readdir, readFile, stat } from 'node:fs/promises';
import type { Fact, PackageSource, PackageSources } from '../engine/facts.ts';
import { checkImportPath } from '../syntax/module-path.ts';
import { fileImports, isReadName, NO_PACKAGE, packageSource, UNREAD_FILE } from './package-source.ts';
import type { FileImports, NamedImports } from './package-source.ts';
import type { Gate } from './gate.ts';
import type { SourceFiles } from './source-files.ts';
import { systemReason } from './system-reason.ts';

/** The files of one module, wherever they lie. Directories are given by their path below the module, `''` for its root. */
export interface SourceTree {
  /** The names of the .go files in a directory, none where it is not there. */
  goFiles(directory: string): Promise<readonly string[]>;
  read(directory: string, name: string): Promise<string>;
  /** A directory, or one above it, is hidden by a go.mod of its own. */
  isHidden(directory: string): Promise<boolean>;
}

/** Reads packages of one module, each once. */
export class ModuleSource {
  readonly #tree: SourceTree;
  readonly #read = new Map<string, Promise<PackageSource>>();

  constructor(tree: SourceTree) {
    this.#tree = tree;
  }

  /**
   * The package of an import path, and those of the module that it imports, directly or not, tests left out.
   *
   * @param importedAs the path that the module is imported by; the import path lies below it
   */
  async packages(importedAs: string, importPath: string): Promise<Fact<PackageSources>> {
    const found = new Map<string, PackageSource>();
    let layer = [importPath];
    try {
      while (layer.length > 0) {
        const sources = await Promise.all(layer.map((path) => this.#package(importedAs, path)));
        const next = new Set<string>();
        sources.forEach((source, index) => {
          found.set(layer[index]!, source);
          for (const path of source.imports) {
            if (path === importedAs || path.startsWith(`${importedAs}/`)) next.add(path);
          }
        });
        layer = [...next].filter((path) => !found.has(path));
      }
    } catch (error) {
      return { state: 'unavailable', why: error instanceof SourceFault ? error.message : systemReason(error) };
    }
    return { state: 'known', value: found };
  }

  #package(importedAs: string, importPath: string): Promise<PackageSource> {
    // Such a path leads to no directory of the module, and to none outside it either.
    if (checkImportPath(importPath) !== undefined) return Promise.resolve(NO_PACKAGE);
    const directory = importPath === importedAs ? '' : importPath.slice(importedAs.length + 1);
    const known = this.#read.get(directory) ?? this.#readPackage(directory);
    this.#read.set(directory, known);
    return known;
  }

  async #readPackage(directory: string): Promise<PackageSource> {
    const names = await this.#tree.goFiles(directory);
    if (names.length === 0 || (await this.#tree.isHidden(directory))) return NO_PACKAGE;
    return packageSource(await Promise.all(names.map((name) => this.#readFile(directory, name))));
  }

  async #readFile(directory: string, name: string): Promise<NamedImports> {
    if (!isReadName(name)) return { name, content: UNREAD_FILE };
    return { name, content: importsOf(`${directory}/${name}`, await this.#tree.read(directory, name)) };
  }
}

/** What makes the packages of a module unknown. */
export class SourceFault extends Error {}

/** A directory of the user's own that is a module. Its files may be changed at any time. */
export function localTree(root: string, files: SourceFiles): SourceTree {
  return {
    goFiles: (directory) => goFilesIn(below(root, directory)),
    async read(directory, name) {
      const found = await files.read(below(below(root, directory), name));
      if (found.kind === 'failure') throw new SourceFault(found.why);
      return found.kind === 'text' ? found.text : '';
    },
    async isHidden(directory) {
      for (let at = directory; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
        const mod = await stat(`${below(root, at)}/go.mod`).catch(() => undefined);
        if (mod && !mod.isDirectory()) return true;
      }
      return false;
    },
  };
}

/** A module that the go command has extracted into its cache, where a nested go.mod hides nothing. */
export function extractedTree(root: string, gate: Gate): SourceTree {
  return {
    goFiles: (directory) => gate.pass(() => goFilesIn(below(root, directory))),
    read: (directory, name) => gate.pass(() => readFile(below(below(root, directory), name), 'utf8')),
    isHidden: () => Promise.resolve(false),
  };
}

async function goFilesIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(noEntries);
  const named = entries.filter((entry) => entry.name.endsWith('.go') && !entry.isDirectory());
  const regular = await Promise.all(named.map(async (entry) => entry.isFile() || isRegular(`${path}/${entry.name}`)));
  return named.filter((_, index) => regular[index]).map(({ name }) => name);
}

function importsOf(file: string, text: string): FileImports {
  const imports = fileImports(text);
  if (!imports) throw new SourceFault(`${file} can't be read: unexpected NUL in input`);
  return imports;
}

function below(directory: string, path: string): string {
  return path === '' ? directory : `${directory}/${path}`;
}

function noEntries(error: NodeJS.ErrnoException): [] {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
  throw error;
}

async function isRegular(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}
