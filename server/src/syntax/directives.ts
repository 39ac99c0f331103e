import type { Span } from './span.ts';
import type { FileTree, Line, Word } from './tree.ts';

/** What is wrong with a line, so that each kind can be one rule's matter. */
export type ProblemKind =
  | 'syntax'
  | 'unknown-directive'
  | 'repeated-directive'
  | 'usage'
  | 'quoting'
  | 'module-path'
  | 'version'
  | 'path-major'
  | 'go-version'
  | 'toolchain'
  | 'replacement'
  | 'retraction'
  | 'byte-order-mark';

/** One fault of a file, in the go command's own words (without its `file:line:` prefix). */
export interface Problem extends Span {
  readonly kind: ProblemKind;
  readonly message: string;
  /** The offset at which the go command reports it; its line is the one in the go command's message. */
  readonly reportedAt: number;
  /** The directive that was probably meant, for an unknown one. */
  readonly suggestion?: string;
}

export interface ModuleDirective {
  readonly path: Word;
  /** The text after `Deprecated:`, when there is such a paragraph. */
  readonly deprecated?: string;
  readonly line: Line;
}

/** `go 1.26.0` or `toolchain go1.26.0`. */
export interface VersionDirective {
  readonly version: Word;
  readonly line: Line;
}

export interface Godebug {
  readonly key: string;
  readonly value: string;
  readonly line: Line;
}

/** A line that names one path: `tool`, `ignore`, `use`. */
export interface PathDirective {
  readonly path: Word;
  readonly line: Line;
}

/** One required module. Lines with an invalid path or version are listed too, as far as both words are there. */
export interface Requirement {
  readonly path: Word;
  readonly version: Word;
  readonly indirect: boolean;
  readonly line: Line;
}

export interface Exclusion {
  readonly path: Word;
  readonly version: Word;
  readonly line: Line;
}

export interface Replacement {
  readonly oldPath: Word;
  readonly oldVersion?: Word;
  readonly arrow: Word;
  readonly newPath: Word;
  /** Absent when `newPath` is a directory. */
  readonly newVersion?: Word;
  readonly line: Line;
}

/** A retracted version (`low` and `high` are the same word) or closed interval. */
export interface Retraction {
  readonly low: Word;
  readonly high: Word;
  readonly rationale: string;
  readonly line: Line;
}

/** A go.mod file: what each line means, as far as it could be understood. */
export interface ModFile {
  readonly kind: 'mod';
  readonly text: string;
  readonly tree: FileTree;
  /** Empty exactly when modfile.Parse (or ParseLax) without a version fixer accepts the file. */
  readonly problems: readonly Problem[];
  readonly module?: ModuleDirective;
  readonly go?: VersionDirective;
  readonly toolchain?: VersionDirective;
  readonly godebug: readonly Godebug[];
  readonly require: readonly Requirement[];
  readonly exclude: readonly Exclusion[];
  readonly replace: readonly Replacement[];
  readonly retract: readonly Retraction[];
  readonly tool: readonly PathDirective[];
  readonly ignore: readonly PathDirective[];
}

/** A go.work file. */
export interface WorkFile {
  readonly kind: 'work';
  readonly text: string;
  readonly tree: FileTree;
  /** Empty exactly when modfile.ParseWork without a version fixer accepts the file. */
  readonly problems: readonly Problem[];
  readonly go?: VersionDirective;
  readonly toolchain?: VersionDirective;
  readonly godebug: readonly Godebug[];
  readonly use: readonly PathDirective[];
  readonly replace: readonly Replacement[];
}

/** One line of go.sum that has its three fields. They are not validated, since the go command does not either. */
export interface SumLine extends Span {
  readonly path: Word;
  /** The version as written; it ends in `/go.mod` when the hash is of the go.mod file alone. */
  readonly version: Word;
  readonly hash: Word;
}

/** A go.sum or go.work.sum file, read as cmd/go/internal/modfetch/fetch.go:readGoSum does. */
export interface SumFile {
  readonly kind: 'sum';
  readonly text: string;
  readonly lines: readonly SumLine[];
  /** Lines with a number of fields that is neither 0 nor 3, with the go command's words. */
  readonly problems: readonly Problem[];
}
