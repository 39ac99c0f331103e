import {
  Faults,
  parseGo,
  parseGodebug,
  parsePath,
  parseReplace,
  parseToolchain,
  type Statement,
  type VersionLines,
} from './directive-parser.ts';
import type { Godebug, PathDirective, Replacement, WorkFile } from './directives.ts';
import type { Word } from './tree.ts';
import { parseTree } from './tree-parser.ts';

/** Reads a go.work file as modfile.ParseWork does without a version fixer. It takes any text. */
export function parseWork(text: string): WorkFile {
  const { tree, problems } = parseTree(text, 'go.work');
  const faults = new Faults(problems);
  const draft: Draft = { hasGo: false, hasToolchain: false, godebug: [], use: [], replace: [] };
  for (const statement of tree.statements) {
    if (statement.kind === 'line') {
      const [verb, ...args] = statement.words as [Word, ...Word[]];
      parseDirective({ verb, args, line: statement }, draft, faults);
    } else if (statement.kind === 'block') {
      const [verb] = statement.words as [Word];
      if (statement.words.length > 1 || !BLOCKS.has(verb.raw)) {
        faults.reportUnknownBlock(statement, BLOCKS);
        continue;
      }
      for (const line of statement.lines) parseDirective({ verb, args: line.words, line }, draft, faults);
    }
  }
  const { hasGo: _, hasToolchain: __, ...directives } = draft;
  return { kind: 'work', text, tree, problems: faults.problems, ...directives };
}

/** The directives of which a go.work file may have blocks. */
const BLOCKS: ReadonlySet<string> = new Set(['godebug', 'use', 'replace']);

const VERBS: ReadonlySet<string> = new Set([...BLOCKS, 'go', 'toolchain']);

interface Draft extends VersionLines {
  readonly godebug: Godebug[];
  readonly use: PathDirective[];
  readonly replace: Replacement[];
}

function parseDirective(statement: Statement, draft: Draft, faults: Faults): void {
  const { verb, line } = statement;
  switch (verb.raw) {
    case 'go':
      return parseGo(statement, draft, faults, true);
    case 'toolchain':
      return parseToolchain(statement, draft, faults);
    case 'godebug':
      return parseGodebug(statement, draft.godebug, faults);
    case 'use':
      return parsePath(statement, 'usage: use local/dir', draft.use, faults);
    case 'replace':
      return parseReplace(statement, draft.replace, faults);
    default:
      return faults.reportUnknown(verb, line, VERBS);
  }
}
