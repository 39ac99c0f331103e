import type { Span, TextEdit } from '../syntax/span.ts';
import type { Facts } from './facts.ts';
import type { ModuleVersion } from './module-version.ts';
import type { Project } from './project.ts';

/**
 * How much a finding weighs. An error means that a go command fails on this file as it stands;
 * anything else is a warning or less.
 */
export type Severity = 'error' | 'warning' | 'info' | 'hint';

/** A place in a file of the project. */
export interface Place {
  /** Absolute path with `/`. */
  readonly file: string;
  readonly span: Span;
}

export interface Related {
  readonly at: Place;
  readonly message: string;
}

/** An edit of one file. A file that is not there is created. */
export interface FileEdit extends TextEdit {
  readonly file: string;
  /**
   * What the span holds in a file that is not one of the snapshot's. Where it turns out to hold something else, the file
   * has changed since it was read, and the fix is not to be applied.
   */
  readonly expects?: string;
  /** An insertion that is right before and after others of its kind at the same place, such as a line of go.sum. */
  readonly anyOrder?: true;
}

/** A safe fix keeps what the build does; an unsafe one needs a person's decision. */
export type Safety = 'safe' | 'unsafe';

export interface Fix {
  readonly title: string;
  readonly safety: Safety;
  readonly edits: readonly FileEdit[];
  /** The edit reaches into files that the user does not see, so an editor shows it first. */
  readonly preview?: boolean;
}

export interface Finding {
  readonly at: Place;
  /** What is wrong, what is true, what to do. */
  readonly message: string;
  readonly module?: ModuleVersion;
  /** Where it is not the rule's own severity. */
  readonly severity?: Severity;
  /** The text has no use any more; an editor fades it. */
  readonly unnecessary?: boolean;
  /** gopls does not show it, other than the rest of what its rule finds. */
  readonly inGopls?: false;
  readonly related?: readonly Related[];
  /** The best first. */
  readonly fixes?: readonly Fix[];
}

/** Something that a rule could not judge, and why. It is never shown as a fault. */
export interface Unchecked {
  readonly at: Place;
  readonly module: ModuleVersion;
  /** What was not checked: `the version's existence`. */
  readonly unchecked: string;
  readonly why: string;
}

export interface Rule {
  /** Kebab-case; also its file, its LSP code, its setting and its docs page. */
  readonly name: string;
  /** The heaviest severity it reports. */
  readonly severity: Severity;
  /** One sentence: the pattern found. */
  readonly summary: string;
  /** The rule is silent unless a user asks for it. */
  readonly defaultSetting?: 'off';
  /** What gopls reports as well, in its words: beside it the rule is silent about that unless a user asks for it. */
  readonly inGopls?: string;
  /** Names the action that applies the first, safe fix of all its findings in one file. */
  readonly fixAllTitle?: (count: number) => string;
  /**
   * Its findings rest on facts of the world, or on more work than a keystroke leaves time for: an editor shows those of the
   * other rules first.
   */
  readonly later?: true;
  check(project: Project, facts: Facts): Iterable<Finding | Unchecked>;
}
