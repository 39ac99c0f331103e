import assert from 'node:assert/strict';
import type { ModFile, WorkFile } from '../../server/src/syntax/directives.ts';
import { formatTree } from '../../server/src/syntax/format.ts';
import { parseMod } from '../../server/src/syntax/mod-file.ts';
import { LineIndex, type Span } from '../../server/src/syntax/span.ts';
import { printTree } from '../../server/src/syntax/tree-printer.ts';
import { parseWork } from '../../server/src/syntax/work-file.ts';
import { report } from '../conformance/protocol.ts';

/** How a file is read: by modfile.Parse, ParseLax or ParseWork. */
export type Kind = 'mod' | 'lax' | 'work';

export const KINDS: readonly Kind[] = ['mod', 'lax', 'work'];

/** A judge's answer about a file, as the oracle gives it. */
export type Judgement = Readonly<Record<string, unknown>>;

/** What is compared of a file that is accepted; of others, that and where they are not. */
const ACCEPTED = [
  'ok', 'errors', 'module', 'deprecated', 'go', 'toolchain', 'require', 'exclude', 'replace', 'retract', 'tool',
  'ignore', 'use', 'godebug', 'lines', 'formatted',
];

/** What we make of a file, in the form of the oracle's answer. */
export function judge(kind: Kind, text: string): Judgement {
  const file = parse(kind, text);
  const index = new LineIndex(text);
  const lineOf = ({ line }: { readonly line: Span }): number => index.position(line.start).line + 1;
  const lines: Record<string, unknown> = { godebug: file.godebug.map(lineOf) };
  if (file.go) lines['go'] = lineOf(file.go);
  if (file.toolchain) lines['toolchain'] = lineOf(file.toolchain);
  if (file.kind === 'work') {
    lines['use'] = file.use.map(lineOf);
  } else {
    if (file.module) lines['module'] = lineOf(file.module);
    lines['retract'] = file.retract.map(lineOf);
    lines['tool'] = file.tool.map(lineOf);
    lines['ignore'] = file.ignore.map(lineOf);
  }
  const deprecated = (file.kind === 'mod' && file.module?.deprecated) || '';
  return { ...report(file), deprecated, lines };
}

/** Checks that we say of a file what the judge says of it, and that we can print it again. */
export function assertAgreement(kind: Kind, text: string, theirs: Judgement): void {
  const ours = judge(kind, text);
  const compared = theirs['ok'] ? ACCEPTED : ['ok', 'errors'];
  const pick = (answer: Judgement): Judgement => Object.fromEntries(compared.map((key) => [key, answer[key]]));
  assert.deepEqual(pick(ours), pick(theirs), `${kind} ${JSON.stringify(text)}`);
  assert.equal(printTree(parse(kind, text)), text);
}

/** Checks that formatting what is formatted changes nothing, which holds but for odd strings. */
export function assertStable(kind: Kind, text: string): void {
  const file = parse(kind, text);
  if (file.problems.length > 0) return;
  const formatted = formatTree(file);
  assert.equal(formatTree(parse(kind, formatted)), formatted);
}

function parse(kind: Kind, text: string): ModFile | WorkFile {
  return kind === 'work' ? parseWork(text) : parseMod(text, kind === 'lax' ? 'lax' : 'strict');
}
