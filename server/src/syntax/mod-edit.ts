import type {
  Exclusion,
  ModFile,
  PathDirective,
  Replacement,
  Requirement,
  Retraction,
  WorkFile,
} from './directives.ts';
import { compareGoVersions, DEFAULT_GO_MOD_VERSION } from './go-version.ts';
import { addLine, dropLines, replaceArguments, type NewLine } from './line-edit.ts';
import { canonicalVersion } from './module-path.ts';
import { isIndirect } from './mod-file.ts';
import { autoQuote } from './quote.ts';
import type { TextEdit } from './span.ts';
import type { Comments, Line, LineBlock, Statement } from './tree.ts';
import { trimSpace } from './unicode.ts';

/*
 * Changes to go.mod and go.work files (golang.org/x/mod/modfile/rule.go, work.go), each as the smallest edits of the
 * file's text. What they leave is what the go command would leave, up to formatting; comments stay unless they belong
 * to a line that goes. Edits of one call do not overlap, but those of two calls may.
 */

/** Gives a requirement another version. */
export function setRequirementVersion(_file: ModFile, requirement: Requirement, version: string): TextEdit[] {
  const { start, end } = requirement.version;
  return [{ start, end, newText: version }];
}

/** Gives a requirement another path and version. */
export function setRequirementPath(
  _file: ModFile,
  requirement: Requirement,
  path: string,
  version: string,
): TextEdit[] {
  return replaceArguments(requirement.line, [autoQuote(path), version]);
}

/** Marks a requirement `// indirect`, or takes the mark away; the rest of its comment stays. */
export function setRequirementIndirect(_file: ModFile, requirement: Requirement, indirect: boolean): TextEdit[] {
  const { line } = requirement;
  if (isIndirect(line) === indirect) return [];
  const comment = line.comments.suffix[0];
  if (!comment) return [{ start: line.end, end: line.end, newText: ' // indirect' }];
  const rest = trimSpace(comment.text.slice(2));
  if (indirect) return [{ ...at(comment), newText: rest === '' ? '// indirect' : `// indirect; ${rest}` }];
  if (rest === 'indirect') return [{ start: line.end, end: comment.end, newText: '' }];
  const after = comment.text.indexOf('indirect;') + 'indirect;'.length;
  return [{ ...at(comment), newText: `//${comment.text.slice(after)}` }];
}

export function dropRequirement(file: ModFile, requirement: Requirement): TextEdit[] {
  return dropLines(file, [requirement.line]);
}

/**
 * Adds a requirement where `go mod tidy` would: from go 1.17 on, direct and indirect ones have blocks of their own
 * (modfile.SetRequireSeparateIndirect). A single block that mixes both is not split; the new line joins it.
 */
export function addRequirement(file: ModFile, path: string, version: string, indirect: boolean): TextEdit[] {
  const line: NewLine = {
    verb: 'require',
    words: [autoQuote(path), version],
    ...(indirect && { suffix: '// indirect' }),
  };
  const go = file.go?.version.value ?? DEFAULT_GO_MOD_VERSION;
  if (compareGoVersions(go, '1.17') < 0) return addLine(file, line);
  const requires = file.tree.statements.filter(isRequire);
  // One alone is sorted out as a whole, with lines that have comments; of several, those are left where they are.
  const flat = requires.length === 1 && !hasComments(requires[0]!.comments) ? requires[0] : undefined;
  const target = flat ? (hasAny(flat, indirect) ? flat : undefined) : requires.findLast((one) => hasOnly(one, indirect));
  if (target) return addLine(file, { ...line, within: target });
  const opposite = flat ?? requires.findLast((statement) => hasOnly(statement, !indirect));
  if (opposite && !indirect) return addLine(file, { ...line, beforeStatement: opposite });
  const last = opposite ?? requires.at(-1);
  return addLine(file, last ? { ...line, afterStatement: last } : { ...line, atEnd: true });
}

/** A replacement to write. Without `newVersion`, `newPath` is a directory. */
export interface NewReplacement {
  readonly oldPath: string;
  /** Without it, all versions are replaced. */
  readonly oldVersion?: string;
  readonly newPath: string;
  readonly newVersion?: string;
}

/**
 * Adds a replacement or changes the one there is (modfile.AddReplace). One for all versions takes the place of all
 * that replace the same path.
 */
export function addReplace(file: ModFile | WorkFile, added: NewReplacement): TextEdit[] {
  const words = [
    autoQuote(added.oldPath),
    ...(added.oldVersion ? [added.oldVersion] : []),
    '=>',
    autoQuote(added.newPath),
    ...(added.newVersion ? [added.newVersion] : []),
  ];
  const samePath = file.replace.filter((replacement) => replacement.oldPath.value === added.oldPath);
  const [first, ...others] = samePath.filter(
    ({ oldVersion }) => !added.oldVersion || canonicalVersion(oldVersion?.value ?? '') === added.oldVersion,
  );
  if (!first) return addLine(file, { verb: 'replace', words, ...after(samePath.at(-1)?.line) });
  const changed = replaceArguments(first.line, words);
  if (others.length === 0) return changed;
  return dropLines(file, others.map((other) => other.line), { line: first.line, edits: changed });
}

export function dropReplace(file: ModFile | WorkFile, replacement: Replacement): TextEdit[] {
  return dropLines(file, [replacement.line]);
}

/** Excludes a version, if it is not excluded yet (modfile.AddExclude). */
export function addExclude(file: ModFile, path: string, version: string): TextEdit[] {
  const samePath = file.exclude.filter((exclusion) => exclusion.path.value === path);
  if (samePath.some((exclusion) => canonicalVersion(exclusion.version.value) === version)) return [];
  const words = [autoQuote(path), version];
  return addLine(file, { verb: 'exclude', words, ...after(samePath.at(-1)?.line) });
}

export function dropExclude(file: ModFile, exclusion: Exclusion): TextEdit[] {
  return dropLines(file, [exclusion.line]);
}

/** A version, or all from `low` to `high`, to retract, and why. */
export interface NewRetraction {
  readonly low: string;
  /** Equal to `low` when absent. */
  readonly high?: string;
  /** May have several lines. */
  readonly rationale?: string;
}

/** Retracts versions (modfile.AddRetract). */
export function addRetract(file: ModFile, { low, high = low, rationale }: NewRetraction): TextEdit[] {
  const words = low === high ? [autoQuote(low)] : ['[', autoQuote(low), ',', autoQuote(high), ']'];
  const comments = rationale ? rationale.split('\n').map((line) => trimSpace(`// ${line}`)) : [];
  return addLine(file, { verb: 'retract', words, comments });
}

export function dropRetract(file: ModFile, retraction: Retraction): TextEdit[] {
  return dropLines(file, [retraction.line]);
}

/** Sets the version of the go line, or adds the line after the module's, in go.work at the top. */
export function setGo(file: ModFile | WorkFile, version: string): TextEdit[] {
  if (file.go) return [{ ...at(file.go.version), newText: version }];
  const line = { verb: 'go', words: [version] };
  if (file.kind === 'work') return addLine(file, { ...line, ...beforeFirst(file) });
  if (file.module) return addLine(file, { ...line, afterStatement: statementOf(file.module.line) });
  return addLine(file, { ...line, atEnd: true });
}

export function dropGo(file: ModFile | WorkFile): TextEdit[] {
  return file.go ? dropLines(file, [file.go.line]) : [];
}

/** Sets the name of the toolchain line, or adds the line after the go line. */
export function setToolchain(file: ModFile | WorkFile, name: string): TextEdit[] {
  if (file.toolchain) return [{ ...at(file.toolchain.version), newText: name }];
  const line = { verb: 'toolchain', words: [name] };
  const hint = file.go?.line ?? (file.kind === 'mod' ? file.module?.line : undefined);
  if (hint) return addLine(file, { ...line, afterStatement: statementOf(hint) });
  return addLine(file, file.kind === 'work' ? { ...line, ...beforeFirst(file) } : { ...line, atEnd: true });
}

export function dropToolchain(file: ModFile | WorkFile): TextEdit[] {
  return file.toolchain ? dropLines(file, [file.toolchain.line]) : [];
}

/** Adds a tool by the path of its package, if it is not there yet. */
export function addTool(file: ModFile, path: string): TextEdit[] {
  return addPath(file, 'tool', file.tool, path);
}

export function dropTool(file: ModFile, tool: PathDirective): TextEdit[] {
  return dropLines(file, [tool.line]);
}

/** Adds a directory for package patterns to ignore, if it is not there yet. */
export function addIgnore(file: ModFile, path: string): TextEdit[] {
  return addPath(file, 'ignore', file.ignore, path);
}

export function dropIgnore(file: ModFile, ignored: PathDirective): TextEdit[] {
  return dropLines(file, [ignored.line]);
}

/** Adds a module's directory to a workspace, if it is not there yet. */
export function addUse(file: WorkFile, path: string): TextEdit[] {
  return addPath(file, 'use', file.use, path);
}

export function dropUse(file: WorkFile, use: PathDirective): TextEdit[] {
  return dropLines(file, [use.line]);
}

function addPath(
  file: ModFile | WorkFile,
  verb: string,
  present: readonly PathDirective[],
  path: string,
): TextEdit[] {
  if (present.some((directive) => directive.path.value === path)) return [];
  return addLine(file, { verb, words: [autoQuote(path)] });
}

function at({ start, end }: { readonly start: number; readonly end: number }): { start: number; end: number } {
  return { start, end };
}

/** After the line about the same module, or else at the end of the file, where the go command writes those as well. */
function after(line: Line | undefined): { readonly afterLine: Line } | { readonly atEnd: true } {
  return line ? { afterLine: line } : { atEnd: true };
}

/** The statement at the top level that a line is or belongs to. */
function statementOf(line: Line): Line | LineBlock {
  return line.block ?? line;
}

function beforeFirst(file: WorkFile): { beforeStatement: Statement } | { atEnd: true } {
  const first = file.tree.statements.find((statement) => statement.kind !== 'comments');
  return first ? { beforeStatement: first } : { atEnd: true };
}

function isRequire(statement: Statement): statement is Line | LineBlock {
  return statement.kind !== 'comments' && statement.words[0]?.raw === 'require';
}

/** Whether a line or block has comments other than the mark of an indirect requirement. */
function hasComments(comments: Comments): boolean {
  const [first, ...others] = comments.suffix;
  const isMarkAtMost = first === undefined || trimSpace(first.text.slice(2)) === 'indirect';
  return comments.before.length > 0 || comments.after.length > 0 || others.length > 0 || !isMarkAtMost;
}

/** Whether an uncommented statement has indirect requirements only, or direct ones only. */
function hasOnly(statement: Line | LineBlock, indirect: boolean): boolean {
  if (hasComments(statement.comments)) return false;
  const lines = statement.kind === 'line' ? [statement] : statement.lines;
  return lines.length > 0 && lines.every((line) => !hasComments(line.comments) && isIndirect(line) === indirect);
}

/** Whether a statement has an indirect requirement, or a direct one, or none at all. */
function hasAny(statement: Line | LineBlock, indirect: boolean): boolean {
  const lines = statement.kind === 'line' ? [statement] : statement.lines;
  return lines.length === 0 || lines.some((line) => isIndirect(line) === indirect);
}
