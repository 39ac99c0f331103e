import type { ModSummary } from '../syntax/mod-summary.ts';
import type { Span } from '../syntax/span.ts';

/** A definite "not there" from one place that was asked. */
export interface Evidence {
  /** Who said so: a proxy's address without credentials, a repository's address, `module cache`. */
  readonly from: string;
  /** What it said, short: `404 Not Found`, `no such file`, `no such tag`. */
  readonly said: string;
}

/**
 * What is known of the world about one question.
 *
 * `absent` means that every place that the go command would ask gave a definite "not there".
 * `pending` and `unavailable` are never grounds for a finding.
 */
export type Fact<T> =
  | { readonly state: 'known'; readonly value: T }
  | { readonly state: 'absent'; readonly evidence: readonly Evidence[] }
  | { readonly state: 'pending' }
  | { readonly state: 'unavailable'; readonly why: string };

/** What rules may ask. Paths and versions are unescaped and canonical. */
export type Question =
  /** Is this version in the module cache, so that the go command builds with it unasked? */
  | { readonly kind: 'cached'; readonly path: string; readonly version: string }
  /** Which versions does the chain of proxies list? */
  | { readonly kind: 'versions'; readonly path: string }
  /** Does the chain of proxies, `direct` included, have exactly this version? */
  | { readonly kind: 'release'; readonly path: string; readonly version: string }
  /** What does the chain of proxies make of a branch, a tag or a commit, or of `latest` where there are no tags? */
  | { readonly kind: 'query'; readonly path: string; readonly query: string }
  /** The go.mod file of a version, from the module cache. */
  | { readonly kind: 'mod'; readonly path: string; readonly version: string }
  /** The same from the chain of proxies, verified. */
  | { readonly kind: 'remote-mod'; readonly path: string; readonly version: string }
  /** The tags of the repository that holds this module. */
  | { readonly kind: 'tags'; readonly path: string }
  /** The go.sum lines that the checksum database has signed, verified. */
  | { readonly kind: 'checksums'; readonly path: string; readonly version: string }
  /** The same lines, made from the files in the module cache; `database` says so. */
  | { readonly kind: 'cached-checksums'; readonly path: string; readonly version: string }
  /**
   * The lines of what the go command has downloaded, as it noted them, or else of what was fetched for this; `database`
   * says from where. Nobody vouches for them.
   */
  | { readonly kind: 'downloaded-checksums'; readonly path: string; readonly version: string }
  /** The import declarations of all packages below a main module's directory. */
  | { readonly kind: 'imports'; readonly directory: string }
  /** The go.mod file of a local directory; the evidence of its absence tells whether the directory is there. */
  | { readonly kind: 'directory-mod'; readonly directory: string }
  /** The go.mod file of a main module's directory in the last commit of its git repository. */
  | { readonly kind: 'committed-mod'; readonly directory: string }
  /** Does this module version, as it lies in the module cache, have this package? */
  | { readonly kind: 'package'; readonly path: string; readonly version: string; readonly importPath: string }
  /**
   * A package of a module version, with those of the same module that it imports: from the module cache, extracted or
   * zipped, and where the user allows it from a zip file that is fetched for it.
   */
  | {
      readonly kind: 'package-source';
      readonly path: string;
      readonly version: string;
      /** The path that the module is imported by: another one than its own where it stands in for that module. */
      readonly importedAs: string;
      readonly importPath: string;
      /** The name of the module is nobody's business, so that it is not asked for beyond the module cache. */
      readonly cacheOnly?: true;
    }
  /** The same of a local directory that is a module, where a nested go.mod hides what is below it. */
  | {
      readonly kind: 'directory-source';
      readonly directory: string;
      readonly importedAs: string;
      readonly importPath: string;
    };

export type QuestionKind = Question['kind'];
export type QuestionOf<K extends QuestionKind> = Extract<Question, { kind: K }>;

/** The answers, by kind of question. */
export interface Answers {
  /** `true`; a version that is not in the cache is `absent`. */
  cached: boolean;
  versions: VersionList;
  release: Release;
  /** The canonical version that the revision stands for. */
  query: Release;
  mod: DependencyMod;
  'remote-mod': DependencyMod;
  tags: OriginTags;
  checksums: Checksums;
  'cached-checksums': Checksums;
  'downloaded-checksums': Checksums;
  imports: ImportScan;
  'directory-mod': DependencyMod;
  'committed-mod': DependencyMod;
  /** `true` or `false`; `unavailable` when the module's source is not in the cache. */
  package: boolean;
  /** `unavailable` when the module's source is not at hand. */
  'package-source': PackageSources;
  'directory-source': PackageSources;
}

export interface VersionList {
  /** Valid semantic versions, pseudo-versions left out, ascending. */
  readonly versions: readonly string[];
  /** The proxy or origin that answered. */
  readonly from: string;
}

export interface Release {
  readonly version: string;
  /** RFC 3339, when told. */
  readonly time?: string;
  readonly from: string;
}

export interface ModText {
  readonly text: string;
  readonly from: string;
}

/** The go.mod of a dependency. */
export interface DependencyMod extends ModSummary {
  readonly from: string;
}

export interface OriginTags {
  /** The repository's address without credentials. */
  readonly repository: string;
  /** The import path that is the repository's root: `github.com/a/b`. */
  readonly root: string;
  /** The directory of the repository that the root stands for, when a go-import answer names one. */
  readonly subdirectory?: string;
  /** Every tag's name, without `refs/tags/`, unsorted. */
  readonly tags: readonly string[];
}

/** Hashes as go.sum has them (`h1:…`); undefined where the database's record lacks the line. */
export interface Checksums {
  readonly zip: string | undefined;
  readonly mod: string | undefined;
  /** The database's name, for messages. */
  readonly database: string;
}

/** One import declaration of a .go file. */
export interface GoImport {
  readonly importPath: string;
  readonly file: string;
  /** The path between its quotes. */
  readonly span: Span;
  /** `//go:build ignore` or the like hides the file from `go mod tidy`; `go run` still reads it. */
  readonly ignored?: boolean;
  /** The file is not UTF-8, so that its spans are those of a text that must not be written back. */
  readonly uneditable?: boolean;
}

export interface ImportScan {
  readonly imports: readonly GoImport[];
  /** Import paths, relative to the module (`.` for its root), of the directories that hold a .go file. */
  readonly packages: readonly string[];
  /** The same directories with what their packages import. */
  readonly sources: ReadonlyMap<string, PackageSource>;
}

/** What the Go files of one directory import, whatever the platform: as `go mod tidy` reads them, without `C`. */
export interface PackageSource {
  /** The directory has a .go file, so that the module provides the package, be all of them ignored. */
  readonly hasGoFiles: boolean;
  /** At least one file counts under some build constraints; without one, `./...` and `all` pass over the directory. */
  readonly isPackage: boolean;
  /** Import paths, each once, sorted. */
  readonly imports: readonly string[];
  /** Those of its _test.go files. */
  readonly testImports: readonly string[];
  /** Those imports that every build reads: they stand in a file without build constraints, platform or cgo. */
  readonly alwaysImported: readonly string[];
}

/** By import path: the package that was asked for, and packages of the same module that it imports, directly or not. */
export type PackageSources = ReadonlyMap<string, PackageSource>;

/** What a rule reads. Asking has no effect that a rule can see. */
export interface Facts {
  ask<Q extends Question>(question: Q): Fact<Answers[Q['kind']]>;
  /**
   * The same object as long as what is known of published versions stays known, so that what follows from their files can be
   * kept for later rounds; undefined where each round stands for itself.
   */
  readonly published?: object | undefined;
}

/** One spelling for one question, usable as a key. */
export function questionKey(question: Question): string {
  const { kind, path, version, directory, query, importedAs, importPath, cacheOnly }: AnyQuestion = question;
  const others = directory ?? query ?? importedAs ?? importPath ?? cacheOnly;
  // Most questions are of one version, and there are thousands of them; the length tells where its path ends.
  if (others === undefined && typeof path === 'string') return `${kind} ${path.length} ${path} ${version ?? ''}`;
  return JSON.stringify([kind, path, version, directory, query, importedAs, importPath, cacheOnly]);
}

type KeysOf<T> = T extends unknown ? keyof T : never;

/** A question with all that any question has; every field is in the key, or two questions would have one answer. */
type AnyQuestion = Readonly<Partial<Record<KeysOf<Question>, string | boolean>>>;
