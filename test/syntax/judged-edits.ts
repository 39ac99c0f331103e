import assert from 'node:assert/strict';
import type { ModFile, Replacement, WorkFile } from '../../server/src/syntax/directives.ts';
import { formatTree } from '../../server/src/syntax/format.ts';
import * as edit from '../../server/src/syntax/mod-edit.ts';
import { parseMod } from '../../server/src/syntax/mod-file.ts';
import { canonicalVersion, pathMajorPrefix, splitPathVersion } from '../../server/src/syntax/module-path.ts';
import { build, major } from '../../server/src/syntax/semver.ts';
import { applyEdits, type TextEdit } from '../../server/src/syntax/span.ts';
import { parseWork } from '../../server/src/syntax/work-file.ts';
import type { Oracle, Request } from '../oracle/oracle.ts';

/** How many edits modfile and we agreed on. */
export interface EditCounts {
  readonly files: number;
  readonly edits: number;
  readonly byName: ReadonlyMap<string, number>;
}

/**
 * Does every edit of the editor to every text without faults, and checks it against modfile's own editing; and that it
 * commutes with formatting.
 *
 * @param places of how many directives of a kind the edits of one file are, at most; they are spread over the file
 */
export function judgeModEdits(oracle: Oracle, texts: readonly string[], places: number): Promise<EditCounts> {
  return judgeEdits(oracle, texts, parseMod, modEdits, places);
}

/** The same for go.work files. */
export function judgeWorkEdits(oracle: Oracle, texts: readonly string[], places: number): Promise<EditCounts> {
  return judgeEdits(oracle, texts, parseWork, workEdits, places);
}

export function shownCounts({ files, edits, byName }: EditCounts): string {
  const each = [...byName].map(([name, count]) => `${name} ${count}`).join(', ');
  return `${edits} edits of ${files} files, all equal: ${each}`;
}

/** One of the oracle's edits with ours. */
interface JudgedEdit<F> {
  readonly theirs: Readonly<Record<string, unknown>> & { readonly do: string };
  readonly ours: (file: F) => TextEdit[];
  /**
   * What modfile does as a part of its edit, and ours leaves to the go command, since it touches lines that the edit is not
   * about: sorting blocks, or also parting direct from indirect requirements. The results are compared after it.
   */
  readonly besides?: 'sort' | 'separate';
}

/** Edits for a file, chosen by what it has; `pick` chooses one of several directives of a kind. */
function modEdits(file: ModFile, pick: number): JudgedEdit<ModFile>[] {
  const one = <T>(list: readonly T[]): T[] => (list.length === 0 ? [] : [list[pick % list.length]!]);
  const added = `example.com/${pick}`;
  return [
    ...one(file.require).flatMap((requirement) => requirementEdits(file, requirement.path.value)),
    ...addedRequirement(file, added, pick % 2 === 1),
    ...one(file.replace).flatMap((replacement) => replacementEdits(file, replacement)),
    ...newReplacement(added),
    ...one(file.exclude).flatMap(({ path, version }) => exclusionEdits(file, path.value, version.value)),
    addExclude(added, 'v1.0.0'),
    ...one(file.retract).flatMap(({ low, high }) => retractionEdits(file, low.value, high.value)),
    ...(hasMajor(file) ? [] : newRetractions(pick)),
    ...one(file.tool).flatMap(({ path }) => droppedPath(file.tool, path.value, 'drop-tool', (f) => f.tool, edit.dropTool)),
    { theirs: { do: 'add-tool', path: added }, ours: (f) => edit.addTool(f, added), besides: 'sort' },
    ...one(file.ignore).flatMap(({ path }) => {
      return droppedPath(file.ignore, path.value, 'drop-ignore', (f) => f.ignore, edit.dropIgnore);
    }),
    { theirs: { do: 'add-ignore', path: `./${pick}` }, ours: (f) => edit.addIgnore(f, `./${pick}`), besides: 'sort' },
    ...versionEdits<ModFile>(),
  ];
}

function workEdits(file: WorkFile, pick: number): JudgedEdit<WorkFile>[] {
  const one = <T>(list: readonly T[]): T[] => (list.length === 0 ? [] : [list[pick % list.length]!]);
  return [
    ...one(file.use).flatMap(({ path }) => droppedPath(file.use, path.value, 'drop-use', (f) => f.use, edit.dropUse)),
    { theirs: { do: 'add-use', path: './new one' }, ours: (f) => edit.addUse(f, './new one'), besides: 'sort' },
    ...one(file.replace).flatMap((replacement) => replacementEdits(file, replacement)),
    ...newReplacement<WorkFile>(`example.com/${pick}`),
    ...versionEdits<WorkFile>(),
  ];
}

/** Edits of the only requirement of a module; modfile keeps just one of several. */
function requirementEdits(file: ModFile, path: string): JudgedEdit<ModFile>[] {
  const [requirement, another] = file.require.filter((other) => other.path.value === path);
  if (!requirement || another) return [];
  const present = canonicalVersion(requirement.version.value);
  const version = `${pathMajorPrefix(splitPathVersion(path).pathMajor) || major(present)}.9.9${build(present)}`;
  const moved = { newPath: 'example.com/moved/v2', newVersion: 'v2.0.0' };
  const change = (edits: (f: ModFile, found: ModFile['require'][number]) => TextEdit[]) => (f: ModFile) =>
    edits(f, find(f.require, path));
  const edits: JudgedEdit<ModFile>[] = [
    { theirs: { do: 'drop-require', path }, ours: change(edit.dropRequirement) },
    {
      theirs: { do: 'set-require', path, version },
      ours: change((f, found) => edit.setRequirementVersion(f, found, version)),
    },
    {
      theirs: { do: 'move-require', path, ...moved },
      ours: change((f, found) => edit.setRequirementPath(f, found, moved.newPath, moved.newVersion)),
    },
  ];
  if (isDouble(file)) return edits;
  return [
    ...edits,
    {
      theirs: { do: 'set-indirect', path, indirect: !requirement.indirect },
      ours: change((f, found) => edit.setRequirementIndirect(f, found, !requirement.indirect)),
      besides: 'sort',
    },
  ];
}

/** From go 1.17 on the go command parts direct from indirect requirements as it adds one, and breaks where one is double. */
function addedRequirement(file: ModFile, path: string, indirect: boolean): JudgedEdit<ModFile>[] {
  const isOld = !file.go || /^1\.(?:\d|1[0-6])(?:\.|$)/.test(file.go.version.value);
  const asked = { path, version: 'v1.0.0', indirect };
  const ours = (f: ModFile): TextEdit[] => edit.addRequirement(f, path, 'v1.0.0', indirect);
  if (isOld) return [{ theirs: { do: 'add-require', ...asked }, ours, besides: 'sort' }];
  if (isDouble(file)) return [];
  return [{ theirs: { do: 'add-require-separately', ...asked }, ours, besides: isParted(file) ? 'sort' : 'separate' }];
}

function isDouble({ require }: ModFile): boolean {
  return new Set(require.map(({ path }) => path.value)).size < require.length;
}

/** Whether modfile has nothing to move: there is not just one block, with both kinds of requirements. */
function isParted({ tree, require }: ModFile): boolean {
  const statements = tree.statements.filter((one) => one.kind !== 'comments' && one.words[0]?.raw === 'require');
  const kinds = new Set(require.map(({ indirect }) => indirect)).size;
  return statements.length > 1 || kinds < 2;
}

function replacementEdits<F extends ModFile | WorkFile>(file: F, { oldPath, oldVersion }: Replacement): JudgedEdit<F>[] {
  const path = oldPath.value;
  const version = canonicalVersion(oldVersion?.value ?? '');
  const isSame = (other: Replacement): boolean =>
    other.oldPath.value === path && canonicalVersion(other.oldVersion?.value ?? '') === version;
  const from = { oldPath: path, ...(version && { oldVersion: version }) };
  const asked = { do: 'add-replace', path, version };
  const other = `${pathMajorPrefix(splitPathVersion(path).pathMajor) || 'v0'}.0.7`;
  const edits: JudgedEdit<F>[] = [
    { theirs: { ...asked, newPath: './new dir' }, ours: (f) => edit.addReplace(f, { ...from, newPath: './new dir' }) },
    {
      theirs: { ...asked, newPath: 'example.com/b', newVersion: 'v1.0.0' },
      ours: (f) => edit.addReplace(f, { ...from, newPath: 'example.com/b', newVersion: 'v1.0.0' }),
    },
    {
      theirs: { ...asked, version: '', newPath: '../all' },
      ours: (f) => edit.addReplace(f, { oldPath: path, newPath: '../all' }),
    },
    {
      theirs: { ...asked, version: other, newPath: '../one' },
      ours: (f) => edit.addReplace(f, { oldPath: path, oldVersion: other, newPath: '../one' }),
      besides: 'sort',
    },
  ];
  if (file.replace.filter(isSame).length > 1) return edits;
  const dropped = { theirs: { do: 'drop-replace', path, version }, ours: (f: F) => edit.dropReplace(f, f.replace.find(isSame)!) };
  return [...edits, dropped];
}

function newReplacement<F extends ModFile | WorkFile>(path: string): JudgedEdit<F>[] {
  return [
    {
      theirs: { do: 'add-replace', path, newPath: 'b', newVersion: 'v1.0.0' },
      ours: (f) => edit.addReplace(f, { oldPath: path, newPath: 'b', newVersion: 'v1.0.0' }),
      besides: 'sort',
    },
  ];
}

function exclusionEdits(file: ModFile, path: string, written: string): JudgedEdit<ModFile>[] {
  const version = canonicalVersion(written);
  const isSame = (other: ModFile['exclude'][number]): boolean =>
    other.path.value === path && canonicalVersion(other.version.value) === version;
  const next = `${pathMajorPrefix(splitPathVersion(path).pathMajor) || major(version)}.999.0${build(version)}`;
  const edits = [addExclude(path, next), addExclude(path, version)];
  if (file.exclude.filter(isSame).length > 1) return edits;
  const ours = (f: ModFile): TextEdit[] => edit.dropExclude(f, f.exclude.find(isSame)!);
  return [...edits, { theirs: { do: 'drop-exclude', path, version }, ours }];
}

function addExclude(path: string, version: string): JudgedEdit<ModFile> {
  const ours = (f: ModFile): TextEdit[] => edit.addExclude(f, path, version);
  return { theirs: { do: 'add-exclude', path, version }, ours, besides: 'sort' };
}

function retractionEdits(file: ModFile, low: string, high: string): JudgedEdit<ModFile>[] {
  const isSame = (other: ModFile['retract'][number]): boolean => other.low.value === low && other.high.value === high;
  if (file.retract.filter(isSame).length > 1) return [];
  const ours = (f: ModFile): TextEdit[] => edit.dropRetract(f, f.retract.find(isSame)!);
  return [{ theirs: { do: 'drop-retract', version: low, high }, ours }];
}

function newRetractions(pick: number): JudgedEdit<ModFile>[] {
  const low = `v1.${pick}.0`;
  return [
    {
      theirs: { do: 'add-retract', version: low, high: 'v1.99.0', comment: 'Oh\nno' },
      ours: (f) => edit.addRetract(f, { low, high: 'v1.99.0', rationale: 'Oh\nno' }),
      besides: 'sort',
    },
    {
      theirs: { do: 'add-retract', version: low, high: low },
      ours: (f) => edit.addRetract(f, { low }),
      besides: 'sort',
    },
  ];
}

interface PathDirective {
  readonly path: { readonly value: string };
}

/** The drop of the only line with a path; modfile drops them all. */
function droppedPath<F, D extends PathDirective>(
  present: readonly D[],
  path: string,
  name: string,
  listOf: (file: F) => readonly D[],
  drop: (file: F, directive: D) => TextEdit[],
): JudgedEdit<F>[] {
  if (present.filter((other) => other.path.value === path).length > 1) return [];
  return [{ theirs: { do: name, path }, ours: (f) => drop(f, find(listOf(f), path)) }];
}

function versionEdits<F extends ModFile | WorkFile>(): JudgedEdit<F>[] {
  return [
    { theirs: { do: 'set-go', version: '1.99' }, ours: (f) => edit.setGo(f, '1.99') },
    { theirs: { do: 'drop-go' }, ours: (f) => edit.dropGo(f) },
    { theirs: { do: 'set-toolchain', version: 'go1.99' }, ours: (f) => edit.setToolchain(f, 'go1.99') },
    { theirs: { do: 'drop-toolchain' }, ours: (f) => edit.dropToolchain(f) },
  ];
}

function find<T extends PathDirective>(list: readonly T[], path: string): T {
  return list.find((directive) => directive.path.value === path)!;
}

function hasMajor(file: ModFile): boolean {
  return splitPathVersion(file.module?.path.value ?? '').pathMajor !== '';
}

interface Job<F> extends JudgedEdit<F> {
  readonly file: F;
}

/** Files at once, so that a corpus with all its edits need not be held in memory. */
const BATCH = 50;

async function judgeEdits<F extends ModFile | WorkFile>(
  oracle: Oracle,
  texts: readonly string[],
  parse: (text: string) => F,
  editsOf: (file: F, pick: number) => JudgedEdit<F>[],
  places: number,
): Promise<EditCounts> {
  const files = texts.map((text) => parse(text)).filter(({ problems }) => problems.length === 0);
  const byName = new Map<string, number>();
  let edits = 0;
  for (let at = 0; at < files.length; at += BATCH) {
    const jobs = files.slice(at, at + BATCH).flatMap((file, offset) => {
      return distinct(picks(file, at + offset, places).flatMap((pick) => editsOf(file, pick))).map((one) => ({ file, ...one }));
    });
    await judgeJobs(oracle, jobs, parse);
    edits += jobs.length;
    for (const { theirs } of jobs) byName.set(theirs.do, (byName.get(theirs.do) ?? 0) + 1);
  }
  return { files: files.length, edits, byName };
}

/** Places all over the longest list of directives; a single one differs from file to file. */
function picks(file: ModFile | WorkFile, first: number, places: number): number[] {
  const lists = file.kind === 'mod' ? [file.require, file.replace, file.exclude, file.retract, file.tool] : [file.use, file.replace];
  const longest = Math.max(1, ...lists.map((list) => list.length));
  const count = Math.min(places, longest);
  return Array.from({ length: count }, (_, at) => (places === 1 ? first : Math.floor((at * longest) / count)));
}

function distinct<F>(edits: readonly JudgedEdit<F>[]): JudgedEdit<F>[] {
  return [...new Map(edits.map((one) => [JSON.stringify(one.theirs), one])).values()];
}

/** What both sides make of a file is compared after a clean-up, since our edits touch no other block than theirs. */
async function judgeJobs<F extends ModFile | WorkFile>(
  oracle: Oracle,
  jobs: readonly Job<F>[],
  parse: (text: string) => F,
): Promise<void> {
  const results = jobs.map(({ file, ours }) => applyEdits(file.text, ours(file)));
  const after = ({ besides }: Job<F>): { do: string }[] =>
    besides === undefined ? [] : besides === 'sort' ? [{ do: 'sort' }] : [{ do: 'separate' }, { do: 'sort' }];
  const request = (kind: string, text: unknown, edits: readonly unknown[]): Request => ({ op: 'edit', kind, text, edits });
  const theirs = await oracle.askAll(jobs.map((job) => request(job.file.kind, job.file.text, [job.theirs, ...after(job)])));
  const ours = await oracle.askAll(jobs.map((job, at) => request(job.file.kind, results[at], after(job))));
  const clean = (answers: readonly Record<string, unknown>[]): Promise<Record<string, unknown>[]> =>
    oracle.askAll(answers.map(({ result }, at) => request(jobs[at]!.file.kind, result, [])));
  const [theirsCleaned, oursCleaned] = [await clean(theirs), await clean(ours)];
  for (const [at, { theirs: asked, file, ours: change }] of jobs.entries()) {
    const context = `${JSON.stringify(asked)} on\n${file.text}\ngave\n${results[at]}`;
    assert.equal(theirs[at]!['error'], undefined, context);
    assert.equal(ours[at]!['error'], undefined, context);
    assert.equal(oursCleaned[at]!['result'], theirsCleaned[at]!['result'], context);
    commutes(file, change, parse, results[at]!, context);
  }
}

/** An edit of the formatted file, formatted, is the formatted result of the edit. */
function commutes<F extends ModFile | WorkFile>(
  file: F,
  change: (file: F) => TextEdit[],
  parse: (text: string) => F,
  result: string,
  context: string,
): void {
  const formatted = parse(formatTree(file));
  const later = formatTree(parse(applyEdits(formatted.text, change(formatted))));
  assert.equal(formatTree(parse(result)), later, context);
}
