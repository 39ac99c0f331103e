import { readFile, rm } from 'node:fs/promises';
import { namesOtherFiles } from '../engine/readonly-module.ts';
import type { MainModule, Project } from '../engine/project.ts';
import { fileBackup } from '../host/file-backup.ts';
import type { FileBackup, FileTexts } from '../host/file-backup.ts';
import { goTidy } from '../host/go-tidy.ts';
import type { ModuleTexts } from '../host/go-tidy.ts';
import { settle } from '../host/settlement.ts';
import { systemReason } from '../host/system-reason.ts';
import { oneLine } from '../lsp/one-line.ts';
import { rebuiltSum } from '../lsp/sum-rebuilding.ts';
import { CannotRun } from './cannot-run.ts';
import { writeChanges } from './file-changes.ts';
import { jsonText } from './json-text.ts';
import { lineDifference } from './line-difference.ts';
import { progressLine } from './progress-line.ts';
import { findPlaceIfAny, openProject, openWorkplace } from './workplace.ts';
import type { Workplace, WorkplaceOptions } from './workplace.ts';

export interface RebuildOptions extends WorkplaceOptions {
  readonly format: 'text' | 'json';
  /** Make go.sum anew, and leave go.mod as it is; no go command is needed. */
  readonly sum?: boolean;
  readonly write?: boolean;
  /** Put back what the files held before the last time. */
  readonly restore?: boolean;
}

/**
 * Runs `gomod-health rebuild`: what `go mod tidy` makes of go.mod and go.sum, made and checked on copies, shown, and with
 * `--write` put in their place after a backup. Exit status: 0 nothing differs or it was written, 1 something differs, 2 it
 * could not be done, and the files are as they were.
 */
export async function rebuild(path: string, options: RebuildOptions): Promise<number> {
  if (options.offline && !options.sum) throw new CannotRun('--offline goes with --sum: the go command asks the checksum database');
  const interruption = new AbortController();
  const interrupt = (): void => interruption.abort();
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const workplace = await openWorkplace(options);
  try {
    const { project, main } = await openMain(path, workplace);
    const backup = fileBackup(main.directory, process.env, process.platform);
    if (options.restore) return await restore(backup, options);
    const recovered = await recover(backup);
    if (recovered) workplace.say('the last rebuild was interrupted while it wrote; go.mod and go.sum are as they were before it');
    const { main: current } = recovered ? await openMain(path, workplace) : { main };
    const before: ModuleTexts = { mod: current.mod.text, sum: current.sum?.text };
    const after = await rebuiltTexts(project, current, before, { ...options, workplace, signal: interruption.signal });
    if (interruption.signal.aborted) throw new CannotRun('it was interrupted; nothing was written');
    const changes = changedFiles(current, before, after.texts);
    if (options.write && changes.length > 0) await replace(changes, backup);
    report(changes, after.notes, options);
    if (options.write && changes.length > 0 && current.vendored) workplace.say('vendor is not touched; run go mod vendor');
    return changes.length === 0 || options.write ? 0 : 1;
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    await workplace.close();
  }
}

/** The one module at or above a path; of a workspace the member there. */
async function openMain(path: string, workplace: Workplace): Promise<{ project: Project; main: MainModule }> {
  const place = await findPlaceIfAny(path, workplace);
  const module = place?.kind === 'workspace' ? await memberPlace(path, workplace) : place;
  if (!module) throw new CannotRun(`${path} is in no Go module`);
  const project = await openProject(module, workplace);
  const [main] = project.modules;
  if (!main) throw new CannotRun(`${path} is in no Go module`);
  if (namesOtherFiles(project.environment)) throw new CannotRun('GOFLAGS names another go.mod or an overlay, which is not rebuilt');
  const fault = main.mod.parsed.problems[0];
  if (fault) throw new CannotRun(`${main.mod.path} has errors: ${oneLine(fault.message)}`);
  if (!main.mod.editable || main.sum?.editable === false) throw new CannotRun('go.mod or go.sum is no UTF-8 text');
  return { project, main };
}

/** go mod tidy takes no notice of a workspace. */
async function memberPlace(path: string, workplace: Workplace): ReturnType<typeof findPlaceIfAny> {
  return findPlaceIfAny(path, { ...workplace, environment: { ...workplace.environment, work: 'off' } });
}

interface Run extends RebuildOptions {
  readonly workplace: Workplace;
  readonly signal: AbortSignal;
}

interface Rebuilt {
  readonly texts: ModuleTexts;
  readonly notes: readonly string[];
}

async function rebuiltTexts(project: Project, main: MainModule, before: ModuleTexts, run: Run): Promise<Rebuilt> {
  if (run.sum) return sumAlone(project, main, before, run);
  const progress = progressLine(process.stderr);
  const onStep = (step: string) => progress.show(step);
  const tidied = await goTidy(main.directory, before, { env: process.env, signal: run.signal, onStep });
  progress.show('');
  if (tidied.kind === 'tidied') return { texts: tidied.texts, notes: [] };
  if (run.signal.aborted) throw new CannotRun('it was interrupted; nothing was written');
  if (tidied.kind === 'failed') throw new CannotRun(`${tidied.command} failed, and nothing was written: ${oneLine(tidied.words)}`);
  const alone = await sumAlone(project, main, before, run);
  return { ...alone, notes: ['the go command is not installed, so that go.mod stays as it is', ...alone.notes] };
}

async function sumAlone(project: Project, main: MainModule, before: ModuleTexts, { workplace, signal }: Run): Promise<Rebuilt> {
  const rebuilt = await rebuiltSum(project, main, (look) => settle(look, workplace.store, { signal }));
  switch (rebuilt.state) {
    case 'pending':
      throw new CannotRun('it was interrupted; nothing was written');
    case 'unavailable':
      throw new CannotRun(`go.sum can't be made anew: ${oneLine(rebuilt.why)}`);
    case 'mismatch':
      throw new CannotRun(
        `${rebuilt.line.path}@${rebuilt.line.version}: checksum mismatch: go.sum has ${rebuilt.line.hash}, ` +
          `${rebuilt.database} has signed ${rebuilt.signed}; find out why before you take another hash`,
      );
    case 'known': {
      // Where nothing is wrong, the order of the lines is nobody's business.
      const isSame = rebuilt.added.length === 0 && rebuilt.removed.length === 0;
      const text = rebuilt.text === '' && before.sum === undefined ? undefined : rebuilt.text;
      const notes = rebuilt.unverified.map(({ line, why }) => `not verified: ${line.path} ${line.version}: ${why}`);
      return { texts: { mod: before.mod, sum: isSame ? before.sum : text }, notes };
    }
  }
}

interface ChangedFile {
  readonly file: string;
  readonly before: string | undefined;
  readonly after: string;
}

function changedFiles(main: MainModule, before: ModuleTexts, after: ModuleTexts): ChangedFile[] {
  const sum = `${main.directory}/go.sum`;
  const files = [{ file: main.mod.path, before: before.mod, after: after.mod }, { file: sum, before: before.sum, after: after.sum ?? '' }];
  return files.filter((file) => (file.before ?? '') !== file.after);
}

/** Writes all or nothing: what is kept comes back where one file can't be written, and at the next run where this one died. */
async function replace(changes: readonly ChangedFile[], backup: FileBackup | undefined): Promise<void> {
  if (!backup) throw new CannotRun('there is no directory for a backup: neither HOME nor XDG_CACHE_HOME is set; nothing was written');
  await backup.begin(new Map(changes.map(({ file, before }) => [file, before]))).catch((error: unknown) => {
    throw new CannotRun(`${backup.directory} can't be written, and without a backup nothing is: ${systemReason(error)}`);
  });
  try {
    await writeChanges(changes);
  } catch (error) {
    await recover(backup);
    throw error;
  }
  await backup.finish();
}

/** Puts back what an interrupted write has left; false where none was interrupted. */
async function recover(backup: FileBackup | undefined): Promise<boolean> {
  const kept = await backup?.read();
  if (!backup || !kept?.interrupted) return false;
  await putBack(kept.files);
  await backup.finish();
  return true;
}

async function restore(backup: FileBackup | undefined, options: RebuildOptions): Promise<number> {
  const kept = await backup?.read();
  if (!backup || !kept) throw new CannotRun('there is no backup of this module');
  const changed = await putBack(kept.files);
  await backup.finish();
  if (options.format === 'json') process.stdout.write(jsonText({ schema: 1, restored: changed }));
  else process.stdout.write(changed.map((file) => `${oneLine(file)} is as it was.\n`).join('') || 'Nothing differs from the backup.\n');
  return 0;
}

/** The names of the files that were not as they had been. */
async function putBack(files: FileTexts): Promise<string[]> {
  const changed: string[] = [];
  for (const [file, text] of files) {
    const now = await readFile(file, 'utf8').catch(() => undefined);
    if (now === text) continue;
    if (text === undefined) await rm(file, { force: true });
    else await writeChanges([{ file, before: now, after: text }]);
    changed.push(file);
  }
  return changed;
}

function report(changes: readonly ChangedFile[], notes: readonly string[], { format, write }: RebuildOptions): void {
  const files = changes.map(({ file, before, after }) => ({ file, difference: lineDifference(before ?? '', after) }));
  if (format === 'json') {
    process.stdout.write(jsonText({ schema: 1, written: write === true && changes.length > 0, files, notes }));
    return;
  }
  const lines = files.flatMap(({ file, difference }) => [file, ...difference.map((line) => `  ${line}`), '']);
  lines.push(...notes);
  if (changes.length === 0) lines.push('Nothing is to be changed.');
  else lines.push(write ? 'Written. gomod-health rebuild --restore puts the old files back.' : 'Nothing was written; --write does.');
  process.stdout.write(lines.map((line) => `${oneLine(line)}\n`).join(''));
}
