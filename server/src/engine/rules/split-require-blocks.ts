import { compareGoVersions } from '../../syntax/go-version.ts';
import { isIndirect } from '../../syntax/mod-file.ts';
import type { TextEdit } from '../../syntax/span.ts';
import type { Line, LineBlock } from '../../syntax/tree.ts';
import { mergeConflicts } from '../merge-conflict.ts';
import type { MainModule, SourceFile } from '../project.ts';
import { inFile } from '../requirement-fixes.ts';
import type { Fix, Rule } from '../rule.ts';

/**
 * Reports requirements that are spread over more blocks than two, the direct ones and the indirect ones.
 *
 * Why it matters: since Go 1.17 `go mod tidy` keeps direct and indirect requirements apart, but it leaves further blocks, which
 * merges and hand-made edits bring about, as they are, and adds new lines to any of them. The go command takes them all
 * alike, so this is a matter of taste, and the rule is off until you ask for it.
 *
 * A block or line with a comment of its own above it is meant to stand apart and is left alone.
 *
 * @example
 * require github.com/acme/log v1.4.2
 * require (
 * 	github.com/acme/queue v1.0.0
 * 	github.com/acme/store v1.0.0
 * )
 *
 * @fix
 * Moves the lines into the first block of their kind; nothing else changes.
 *
 * @see https://go.dev/ref/mod#go-mod-file-require
 */
export const splitRequireBlocks: Rule = {
  name: 'split-require-blocks',
  severity: 'hint',
  defaultSetting: 'off',
  summary: 'Requirements of one kind in more than one block.',
  *check(project) {
    for (const { mod } of project.modules) {
      if (!isJudged(mod)) continue;
      for (const indirect of [false, true]) {
        const [home, ...others] = statementsOf(mod, indirect);
        for (const other of others) {
          const verb = other.words[0]!;
          const kind = indirect ? 'indirect' : 'direct';
          yield {
            at: { file: mod.path, span: verb },
            message: `There is a block of ${kind} requirements above already; these can join it.`,
            related: [{ at: { file: mod.path, span: home!.words[0]! }, message: `The first ${kind} requirements.` }],
            fixes: mod.editable ? [joining(mod, home!, other, kind)] : [],
          };
        }
      }
    }
  },
};

type Statement = Line | LineBlock;
type Mod = SourceFile<MainModule['mod']['parsed']>;

/** Before Go 1.17 both kinds belonged together; and a file with faults is for its faults' rules first. */
function isJudged({ text, parsed }: Mod): boolean {
  const go = parsed.go?.version.value;
  if (go === undefined || compareGoVersions(go, '1.17') < 0) return false;
  return parsed.problems.length === 0 && mergeConflicts(text).length === 0;
}

/** The requirements of one kind that stand together without a comment on the whole. */
function statementsOf({ parsed }: Mod, indirect: boolean): Statement[] {
  return parsed.tree.statements.filter((statement): statement is Statement => {
    if (statement.kind === 'comments' || statement.words[0]!.raw !== 'require') return false;
    const lines = linesOf(statement);
    return !isCommented(statement) && lines.length > 0 && lines.every((line) => isIndirect(line) === indirect);
  });
}

function linesOf(statement: Statement): readonly Line[] {
  return statement.kind === 'line' ? [statement] : statement.lines;
}

function isCommented(statement: Statement): boolean {
  if (statement.comments.before.length > 0) return true;
  if (statement.kind === 'line') return false;
  const { openComments, closeComments, comments } = statement;
  return [openComments, closeComments, comments].some((own) => own.before.length + own.suffix.length + own.after.length > 0);
}

function joining(mod: Mod, home: Statement, other: Statement, kind: string): Fix {
  const { text } = mod;
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
  const added = linesOf(other).map((line) => writtenLine(text, line, lineEnd)).join('');
  const edits = [...insertion(text, home, added, lineEnd), removal(text, other)];
  return { title: `Join the block of ${kind} requirements`, safety: 'safe', edits: inFile(mod, edits) };
}

/** The line with its comments, as a line of a block. */
function writtenLine(text: string, line: Line, lineEnd: string): string {
  const above = line.comments.before.filter((comment) => comment.text !== '').map((comment) => `\t${comment.text}${lineEnd}`);
  const words = line.block ? line.words : line.words.slice(1);
  const end = line.comments.suffix.at(-1)?.end ?? line.end;
  return `${above.join('')}\t${text.slice(words[0]!.start, end)}${lineEnd}`;
}

/** Puts lines at the end of a block, or makes a block of a line first. */
function insertion(text: string, home: Statement, added: string, lineEnd: string): TextEdit[] {
  if (home.kind === 'block') {
    const isOnOneLine = !text.slice(home.open.end, home.close.start).includes('\n');
    const at = isOnOneLine ? home.close.start : startOfLine(text, home.close.start);
    return [{ start: at, end: at, newText: isOnOneLine ? lineEnd + added : added }];
  }
  const [verb, first] = home.words as [Line['words'][0], Line['words'][0]];
  const end = home.comments.suffix.at(-1)?.end ?? home.end;
  return [
    { start: verb!.end, end: first!.start, newText: ` (${lineEnd}\t` },
    { start: end, end, newText: `${lineEnd}${added})` },
  ];
}

/** Takes a statement away with the blank line before it. */
function removal(text: string, statement: Statement): TextEdit {
  const start = startOfLine(text, statement.start);
  const newline = text.indexOf('\n', statement.end);
  const end = newline < 0 ? text.length : newline + 1;
  const before = /\r?\n[ \t]*(?:\r?\n)$/.exec(text.slice(0, start));
  return before ? { start: before.index + before[0].indexOf('\n') + 1, end, newText: '' } : { start, end, newText: '' };
}

function startOfLine(text: string, offset: number): number {
  return offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
}
