import type { ModFile, SumFile, WorkFile } from '../syntax/directives.ts';
import type { VendorList } from '../syntax/vendor-list.ts';
import type { GoEnvironment } from './environment.ts';

/** A parsed file at the moment the snapshot was taken. */
export interface SourceFile<T> {
  /** Absolute path with `/`. */
  readonly path: string;
  readonly text: string;
  readonly parsed: T;
  /** False for a file that is not UTF-8: it gets findings but no edits. */
  readonly editable: boolean;
  /** The file begins with a byte order mark that the text lacks, because an editor hides it. */
  readonly hiddenByteOrderMark?: true;
}

/** A module of the user's own, whose go.mod the go command obeys. */
export interface MainModule {
  /** Absolute path with `/`, without a trailing one. */
  readonly directory: string;
  readonly mod: SourceFile<ModFile>;
  /** Undefined when there is no go.sum. */
  readonly sum: SourceFile<SumFile> | undefined;
  /** The go command builds it from `vendor/`, unless a flag tells it otherwise. */
  readonly vendored: boolean;
  /** What lies in its `vendor/`, where it is built from there; nothing is listed without a modules.txt. */
  readonly vendor?: VendorList;
}

/** A go.work that is in force for its members. */
export interface Workspace {
  readonly directory: string;
  readonly work: SourceFile<WorkFile>;
  readonly sum: SourceFile<SumFile> | undefined;
  /** What lies in its `vendor/`, where the go command builds from there. */
  readonly vendor?: VendorList;
}

/** A directory near the project whose go.mod declares a module. */
export interface NearbyModule {
  readonly path: string;
  readonly directory: string;
}

/** An immutable snapshot of one module, or of one workspace with its members. */
export interface Project {
  readonly environment: GoEnvironment;
  readonly workspace: Workspace | undefined;
  readonly modules: readonly MainModule[];
  /** Found among the workspace folders and the siblings of the modules; for fixes. */
  readonly nearby: readonly NearbyModule[];
  /** The user has asked for every answer, whatever has to be fetched for it: nothing bounds the load of a module graph. */
  readonly thorough?: true;
}
