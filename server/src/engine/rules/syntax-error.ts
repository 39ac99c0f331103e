import type { Problem } from '../../syntax/directives.ts';
import { dropLines } from '../../syntax/line-edit.ts';
import { checkPath } from '../../syntax/module-path.ts';
import type { Line, LineBlock } from '../../syntax/tree.ts';
import { DIRECTIVES } from '../../syntax/tree-parser.ts';
import { inFile } from '../requirement-fixes.ts';
import type { FileEdit, Finding, Fix, Rule, Safety } from '../rule.ts';
import { directiveFiles, nameOf } from '../text-files.ts';
import type { DirectiveFile } from '../text-files.ts';
import { oneLine, problemsFor } from '../text-problems.ts';
import { mistakenAddress } from '../text-url.ts';

/**
 * Reports a line of go.mod or go.work that the go command can't read: an unknown directive, a wrong number of words, quotes
 * or brackets that don't close, a directive that may stand only once, a comment of the wrong kind, a byte order mark.
 *
 * Why it matters: one such line and every go command stops with `errors parsing go.mod`. Some of these faults can't be
 * seen: editors hide a byte order mark, and `//` in an address begins a comment.
 *
 * The file's other lines are judged all the same. Paths and versions that are wrong in themselves have rules of their own.
 *
 * @example
 * requires github.com/acme/log v1.4.2 // unknown directive: requires
 * require https://github.com/acme/log v1.4.2 // all from the slashes on is a comment
 *
 * @fix
 * Writes the directive that was probably meant, removes the byte order mark or the repeated line, closes the block, turns the
 * comment into one with slashes, or leaves the scheme of an address away.
 *
 * @see https://go.dev/ref/mod#go-mod-file-lexical
 * @see https://go.dev/ref/mod#go-mod-file-grammar
 */
export const syntaxError: Rule = {
  name: 'syntax-error',
  severity: 'error',
  summary: 'A line that the go command can not read.',
  *check(project) {
    for (const file of directiveFiles(project)) {
      for (const problem of problemsFor('syntax-error', file)) yield finding(file, problem);
      if (file.hiddenByteOrderMark) yield hiddenByteOrderMark(file);
    }
  },
};

interface Explanation {
  readonly message: string;
  readonly fix?: Fix | undefined;
}

function finding(file: DirectiveFile, problem: Problem): Finding {
  const { message, fix } = explain(file, problem);
  const said = `The go command says "${oneLine(problem.message)}".`;
  return {
    at: { file: file.path, span: { start: problem.start, end: problem.end } },
    message: `${message} ${said}`,
    fixes: file.editable && fix ? [fix] : [],
  };
}

function explain(file: DirectiveFile, problem: Problem): Explanation {
  switch (problem.kind) {
    case 'byte-order-mark':
      return byteOrderMark(file, problem);
    case 'unknown-directive':
      return unknownDirective(file, problem);
    case 'repeated-directive':
      return repeatedDirective(file, problem);
    case 'usage':
      return usage(file, problem);
    case 'quoting':
      return { message: 'The quotes here are wrong: a word stands in double quotes as a whole, or in none.' };
    case 'retraction':
      return { message: 'A retract line has one version, or an interval such as [v1.0.0, v1.2.0].' };
    default:
      return syntax(file, problem);
  }
}

/** Only the editor itself can save the file without. */
function hiddenByteOrderMark(file: DirectiveFile): Finding {
  return {
    at: { file: file.path, span: { start: 0, end: Math.min(1, file.text.length) } },
    message:
      'The file on the disk begins with a byte order mark, which this editor hides. Save it with the encoding UTF-8, without ' +
      `a byte order mark. The go command says "unexpected input character '\\ufeff'".`,
  };
}

function byteOrderMark(file: DirectiveFile, problem: Problem): Explanation {
  return {
    message: 'The file begins with a byte order mark, which editors hide and the go command refuses. Save it as UTF-8 without.',
    fix: { title: 'Remove the byte order mark', safety: 'safe', edits: edit(file, problem.start, problem.end, '') },
  };
}

function unknownDirective(file: DirectiveFile, problem: Problem): Explanation {
  const word = file.text.slice(problem.start, problem.end);
  const name = nameOf(file);
  const block = blockOf(file, problem);
  if (DIRECTIVES.has(block?.words[0]?.raw ?? word)) {
    if (problem.start > (block?.start ?? problem.start)) return { message: `Between ${block!.words[0]!.raw} and its parenthesis stands nothing.` };
    if (block) return { message: `${word} can't have a block in ${name}; write each line alone.` };
    const home = word === 'use' ? 'go.work' : 'go.mod';
    return { message: `"${word}" is no directive of ${name}; it belongs in ${home}.` };
  }
  const { suggestion } = problem;
  const hashes = /^#+/.exec(word)?.[0];
  if (hashes !== undefined) {
    const edits = edit(file, problem.start, problem.start + hashes.length, '//');
    return { message: 'A comment begins with // here.', fix: { title: `Write // for ${hashes}`, safety: 'safe', edits } };
  }
  if (suggestion === undefined) return { message: `${name} has no directive "${word}".` };
  return {
    message: `${name} has no directive "${word}"; "${suggestion}" was probably meant.`,
    fix: { title: `Write ${suggestion}`, safety: 'unsafe', edits: edit(file, problem.start, problem.end, suggestion) },
  };
}

function repeatedDirective(file: DirectiveFile, problem: Problem): Explanation {
  const line = lineOf(file, problem);
  const verb = line?.block?.words[0]?.raw ?? line?.words[0]?.raw ?? 'this';
  return {
    message: `There may be only one ${verb} line.`,
    fix: line && removal(file, line, `Remove this ${verb} line`, 'unsafe'),
  };
}

function usage(file: DirectiveFile, problem: Problem): Explanation {
  const line = lineOf(file, problem);
  const last = line?.words.at(-1);
  const address = line && last && mistakenAddress(file.text, line, last);
  if (!address) return { message: 'The line has not the words that it should have.' };
  const version = address.rest.split(/\s/, 1)[0]!;
  const isWhole = checkPath(address.path) === undefined && /^v\d/.test(version);
  return {
    message: `${address.raw} is an address, of which all from the slashes on is a comment; the module path is ${address.path}.`,
    fix: isWhole
      ? { title: `Write ${address.path}`, safety: 'unsafe', edits: edit(file, address.start, address.end, address.path) }
      : undefined,
  };
}

function syntax(file: DirectiveFile, problem: Problem): Explanation {
  const block = blockOf(file, problem);
  if (block && problem.message.includes('unterminated block')) {
    return { message: 'This block has no closing parenthesis.', fix: closing(file, block) };
  }
  if (problem.message.includes('in string')) return { message: 'These quotes are not closed on their line.' };
  if (problem.message.includes('after closing paren')) return { message: 'Nothing but a comment may follow the parenthesis.' };
  const written = file.text.slice(problem.start, problem.end);
  if (written.startsWith('/*')) return { message: 'A comment begins with // here.', fix: slashes(file, problem, written) };
  return { message: `This can't stand in ${nameOf(file)}.` };
}

/** Puts the parenthesis below the block's last line. */
function closing(file: DirectiveFile, block: LineBlock): Fix {
  const newline = file.text.indexOf('\n', block.end);
  const end = newline < 0 ? file.text.length : newline;
  const at = file.text[end - 1] === '\r' ? end - 1 : end;
  const lineEnd = file.text.includes('\r\n') ? '\r\n' : '\n';
  return { title: 'Close the block', safety: 'unsafe', edits: edit(file, at, at, `${lineEnd})`) };
}

/** Only a comment that ends its line can become one with slashes. */
function slashes(file: DirectiveFile, problem: Problem, written: string): Fix | undefined {
  const inner = /^\/\*([^\r\n]*?)\*\/$/.exec(written)?.[1];
  const rest = /^[^\n]*/.exec(file.text.slice(problem.end))![0];
  if (inner === undefined || rest.trim() !== '') return undefined;
  const comment = `// ${inner.trim()}`.trimEnd();
  return { title: `Write ${comment}`, safety: 'safe', edits: edit(file, problem.start, problem.end, comment) };
}

function removal(file: DirectiveFile, line: Line, title: string, safety: Safety): Fix {
  return { title, safety, edits: inFile(file, dropLines(file.parsed, [line])) };
}

function edit(file: DirectiveFile, start: number, end: number, newText: string): FileEdit[] {
  return [{ file: file.path, start, end, newText }];
}

function lineOf(file: DirectiveFile, problem: Problem): Line | undefined {
  const lines = file.parsed.tree.statements.flatMap((statement) =>
    statement.kind === 'line' ? [statement] : statement.kind === 'block' ? statement.lines : [],
  );
  return lines.find((line) => line.start === problem.reportedAt);
}

/** The block whose head the fault is in. */
function blockOf(file: DirectiveFile, { start }: Problem): LineBlock | undefined {
  return file.parsed.tree.statements.find(
    (statement): statement is LineBlock =>
      statement.kind === 'block' && statement.start <= start && start < statement.open.end,
  );
}
