import type { ModFile, SumFile, SumLine, WorkFile } from '../../syntax/directives.ts';
import { parseMod } from '../../syntax/mod-file.ts';
import { LineIndex, type Span } from '../../syntax/span.ts';
import { parseSum } from '../../syntax/sum-file.ts';
import type { Comment, Comments, Statement } from '../../syntax/tree.ts';
import { parseWork } from '../../syntax/work-file.ts';

/** A file that the language features work on. */
export type ModuleFile = ModFile | WorkFile | SumFile;

/** A parsed file with the places of its lines. */
export interface ParsedText {
  readonly file: ModuleFile;
  readonly index: LineIndex;
}

/** What a document is by its name, or, for a file of another name, by the language that the editor says it is in. */
export function moduleFileKind(uri: string, languageId: string): ModuleFile['kind'] | undefined {
  const name = uri.slice(uri.lastIndexOf('/') + 1);
  return KINDS.get(name) ?? KINDS.get(languageId);
}

const KINDS: ReadonlyMap<string, ModuleFile['kind']> = new Map([
  ['go.mod', 'mod'],
  ['go.work', 'work'],
  ['go.sum', 'sum'],
  ['go.work.sum', 'sum'],
]);

export function parseModuleFile(kind: ModuleFile['kind'], text: string): ParsedText {
  const parse = { mod: parseMod, work: parseWork, sum: parseSum }[kind];
  return { file: parse(text), index: new LineIndex(text) };
}

/** The comments of a go.mod or go.work file in the order of the text, without those that stand for blank lines. */
export interface WrittenComments {
  /** Those that have their line to themselves. */
  readonly wholeLine: readonly Comment[];
  readonly endOfLine: readonly Comment[];
}

export function writtenComments(file: ModFile | WorkFile): WrittenComments {
  const wholeLine: Comment[] = [];
  const endOfLine: Comment[] = [];
  const add = ({ before, suffix, after }: Comments): void => {
    for (const comment of before) if (comment.text !== '') wholeLine.push(comment);
    for (const comment of suffix) if (comment.text !== '') endOfLine.push(comment);
    for (const comment of after) if (comment.text !== '') wholeLine.push(comment);
  };
  add(file.tree.comments);
  for (const statement of file.tree.statements) for (const comments of commentsOf(statement)) add(comments);
  return { wholeLine: wholeLine.sort(byStart), endOfLine: endOfLine.sort(byStart) };
}

function commentsOf(statement: Statement): Comments[] {
  if (statement.kind !== 'block') return [statement.comments];
  const { comments, openComments, lines, closeComments } = statement;
  return [comments, openComments, ...lines.map((line) => line.comments), closeComments];
}

function byStart(a: Span, b: Span): number {
  return a.start - b.start;
}

/** Lines of go.sum that follow each other and are about one module path; its span is theirs. */
export interface SumGroup extends Span {
  readonly path: string;
  readonly lines: readonly SumLine[];
}

export function sumGroups(file: SumFile): SumGroup[] {
  const groups: SumLine[][] = [];
  for (const line of file.lines) {
    const group = groups.at(-1);
    if (group?.[0]!.path.value === line.path.value) group.push(line);
    else groups.push([line]);
  }
  return groups.map((lines) => {
    const [first] = lines;
    return { path: first!.path.value, lines, start: first!.start, end: lines.at(-1)!.end };
  });
}
