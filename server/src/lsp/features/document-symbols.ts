import type { ModFile, Replacement, Requirement, Retraction, SumFile, WorkFile } from '../../syntax/directives.ts';
import type { Span } from '../../syntax/span.ts';
import type { Line, LineBlock, Word } from '../../syntax/tree.ts';
import { sumGroups, type ModuleFile } from './module-file.ts';

export type SymbolSort = 'module' | 'block' | 'package' | 'version' | 'tool' | 'directory' | 'setting' | 'unknown';

/** One entry of a file's outline. */
export interface FileSymbol {
  /** Not empty. */
  readonly name: string;
  readonly detail: string;
  readonly sort: SymbolSort;
  readonly span: Span;
  /** The word to go to, within the span. */
  readonly selection: Span;
  readonly children: readonly FileSymbol[];
}

/** A file's outline: its directives in order, the lines of a block below it; of go.sum the modules with their lines. */
export function documentSymbols(file: ModuleFile): FileSymbol[] {
  if (file.kind === 'sum') return ofSum(file);
  const meanings = meaningsOf(file);
  return file.tree.statements.flatMap((statement) => {
    if (statement.kind === 'comments') return [];
    return [statement.kind === 'line' ? ofLine(statement, meanings) : ofBlock(statement, meanings)];
  });
}

/** How a line that was understood is shown. */
interface Meaning {
  readonly name: string;
  readonly detail: string;
  readonly sort: SymbolSort;
  readonly word: Word;
}

function meaningsOf(file: ModFile | WorkFile): Map<Line, Meaning> {
  const meanings = new Map<Line, Meaning>();
  const put = (line: Line, sort: SymbolSort, word: Word, name: string, detail = ''): void => {
    meanings.set(line, { name, detail, sort, word });
  };
  for (const { key, value, line } of file.godebug) put(line, 'setting', line.words.at(-1)!, key, value);
  for (const replacement of file.replace) {
    put(replacement.line, 'package', replacement.oldPath, replaced(replacement), `=> ${target(replacement)}`);
  }
  if (file.kind === 'work') {
    for (const { path, line } of file.use) put(line, 'directory', path, path.value);
    return meanings;
  }
  if (file.module) put(file.module.line, 'module', file.module.path, file.module.path.value);
  for (const requirement of file.require) {
    put(requirement.line, 'package', requirement.path, requirement.path.value, requirementDetail(requirement));
  }
  for (const { path, version, line } of file.exclude) put(line, 'package', path, path.value, version.value);
  for (const retraction of file.retract) {
    put(retraction.line, 'version', retraction.low, interval(retraction), retraction.rationale.split('\n')[0]);
  }
  for (const { path, line } of file.tool) put(line, 'tool', path, path.value);
  for (const { path, line } of file.ignore) put(line, 'directory', path, path.value);
  return meanings;
}

function requirementDetail({ version, indirect }: Requirement): string {
  return indirect ? `${version.value} // indirect` : version.value;
}

function replaced({ oldPath, oldVersion }: Replacement): string {
  return oldVersion ? `${oldPath.value} ${oldVersion.value}` : oldPath.value;
}

function target({ newPath, newVersion }: Replacement): string {
  return newVersion ? `${newPath.value} ${newVersion.value}` : newPath.value;
}

function interval({ low, high }: Retraction): string {
  return low === high ? low.value : `[${low.value}, ${high.value}]`;
}

/** A line outside of a block: `go` and `toolchain` go by their verb, the others by what they name. */
function ofLine(line: Line, meanings: ReadonlyMap<Line, Meaning>): FileSymbol {
  const [verb, ...args] = line.words as [Word, ...Word[]];
  const meaning = meanings.get(line);
  const sort = verb.raw === 'go' || verb.raw === 'toolchain' ? 'version' : 'unknown';
  return symbol(line, {
    name: meaning?.name ?? verb.raw,
    detail: meaning ? `${verb.raw} ${meaning.detail}`.trimEnd() : args.map(({ raw }) => raw).join(' '),
    sort: meaning?.sort ?? sort,
    word: meaning?.word ?? verb,
  });
}

function ofBlock(block: LineBlock, meanings: ReadonlyMap<Line, Meaning>): FileSymbol {
  const [verb] = block.words as [Word];
  const count = block.lines.length;
  const detail = count === 1 ? '1 line' : `${count} lines`;
  const children = block.lines.map((line) => {
    const [word] = line.words as [Word];
    const name = line.words.map(({ raw }) => raw).join(' ');
    return symbol(line, meanings.get(line) ?? { name, detail: '', sort: 'unknown', word });
  });
  return { ...symbol(block, { name: verb.raw, detail, sort: 'block', word: verb }), children };
}

function symbol({ start, end }: Span, { name, detail, sort, word }: Meaning): FileSymbol {
  // A name may be empty in quotes, and a word that is missing has its place at the verb's end.
  const shown = name === '' ? word.raw || '""' : name;
  return { name: shown, detail, sort, span: { start, end }, selection: word, children: [] };
}

function ofSum(file: SumFile): FileSymbol[] {
  return sumGroups(file).map(({ path, lines, start, end }) => ({
    name: path,
    detail: lines.length === 1 ? '1 line' : `${lines.length} lines`,
    sort: 'package',
    span: { start, end },
    selection: lines[0]!.path,
    children: lines.map((line) => ({
      name: line.version.value,
      detail: line.hash.value,
      sort: 'version',
      span: { start: line.start, end: line.end },
      selection: line.version,
      children: [],
    })),
  }));
}
