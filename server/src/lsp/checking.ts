import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { PublishDiagnosticsParams } from 'vscode-languageserver/node';
import { byPlace, type ReportedFinding } from '../engine/analysis.ts';
import type { Project } from '../engine/project.ts';
import type { LoadedProject, ProjectPlace } from '../host/project-loader.ts';
import { refusals } from '../host/refusals.ts';
import { toDiagnostic } from './conversion.ts';
import { carryFindings } from './edited-project.ts';
import { filesOf, viewOf } from './file-view.ts';
import type { FileView } from './file-view.ts';
import type { OpenDocuments } from './open-documents.ts';
import { isModuleFile, uriOfPath } from './places.ts';
import { statusOf } from './status.ts';
import type { ProjectState, Status } from './status.ts';
import { uncheckedReasons } from './unchecked-reasons.ts';
import type { Workbench } from './workbench.ts';

export interface CheckingOptions {
  readonly documents: OpenDocuments;
  /** The workbench under the settings of now. */
  workbench(): Promise<Workbench>;
  publish(diagnostics: PublishDiagnosticsParams): void;
  status(status: Status): void;
  /** Something went wrong that the user should be able to read of. */
  warn(message: string): void;
}

/** A project that an open document belongs to. */
interface Watched {
  readonly place: ProjectPlace;
  /** Ends the check that a newer one replaces. */
  check: AbortController;
  /** What the next keystroke starts from. */
  shown?: Shown;
  state: ProjectState;
}

/** A snapshot with those of its findings that took more than its text. */
interface Shown {
  readonly workbench: Workbench;
  readonly project: Project;
  readonly later: readonly ReportedFinding[];
}

/** The diagnostics that the editor has of a file. */
interface Published {
  /** The project that they are of; a file may come from one to another, as by a go.work. */
  readonly by: Watched;
  /** The message as JSON. */
  readonly written: string;
}

/** How long nothing must be typed before more than the text is looked at, in milliseconds. */
const PAUSE_IN_TYPING = 200;

/** Keeps the diagnostics of the projects that have an open document in line with the files. */
export class Checking {
  readonly #options: CheckingOptions;
  readonly #watched = new Map<string, Watched>();
  /** By path; files without diagnostics are not in it. */
  readonly #published = new Map<string, Published>();
  readonly #changed = new Set<string>();
  #everything = false;
  /** When the next run may begin, as `performance.now()` has it. */
  #due = 0;
  #status = '';
  #running: Promise<void> | undefined;

  constructor(options: CheckingOptions) {
    this.#options = options;
  }

  /**
   * Checks the project of a changed file, or all of them without one, as they are now. What the new text of an open
   * document shows by itself is published before this returns, and the rest waits for a pause in the typing. Resolves
   * when the checks have begun; what changes until then is taken up by the same run.
   */
  update(changed?: string): Promise<void> {
    if (changed === undefined) this.#everything = true;
    else this.#changed.add(changed);
    const isShown = changed !== undefined && this.#showText(changed);
    this.#due = isShown ? performance.now() + PAUSE_IN_TYPING : 0;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /**
   * Publishes what the text of a document shows, together with what else is known, without waiting for anything: neither
   * the disk nor an answer can have changed by a keystroke. Whether it is a document of which that much can be told.
   */
  #showText(path: string): boolean {
    let isShown = false;
    for (const watched of this.#watched.values()) {
      const { shown } = watched;
      const glance = shown?.workbench.glance(shown.project, path);
      const view = glance && viewOf(glance.project, this.#options.documents);
      if (!view) continue;
      if (!watched.check.signal.aborted) watched.check.abort();
      const later = carryFindings(shown!.later, shown!.project, glance.project);
      watched.shown = { ...shown!, project: glance.project, later };
      this.#publish(watched, glance.project, withKnown(glance.findings, later), view);
      isShown = true;
    }
    return isShown;
  }

  /** Ends every check under way. */
  cancel(): void {
    for (const watched of this.#watched.values()) {
      watched.check.abort();
      // It was found under settings that may no longer hold.
      delete watched.shown;
    }
  }

  async #run(): Promise<void> {
    // What was published meanwhile goes out first.
    await nextTurn();
    while (this.#everything || this.#changed.size > 0) {
      while (performance.now() < this.#due) await sleep(this.#due - performance.now());
      try {
        await this.#runOnce(await this.#options.workbench());
      } catch (error) {
        this.#options.warn(`a check failed: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }

  async #runOnce(workbench: Workbench): Promise<void> {
    const everything = this.#everything;
    const changed = [...this.#changed];
    this.#everything = false;
    this.#changed.clear();

    const open = await placesOf([...this.#options.documents.texts.keys()].filter(isModuleFile), workbench);
    const touched = await placesOf(changed, workbench);
    for (const key of [...this.#watched.keys()]) {
      if (!open.has(key)) this.#drop(key);
    }
    for (const [key, place] of open) {
      if (everything || touched.has(key) || !this.#watched.has(key)) await this.#check(key, place, workbench);
    }
    this.#showStatus();
  }

  async #check(key: string, place: ProjectPlace, workbench: Workbench): Promise<void> {
    const loaded = await workbench.load(place);
    const view = viewOf(loaded.project, this.#options.documents);
    // The document changed while the project was read, so the next run is due already.
    if (!view) return;
    const watched = this.#watched.get(key) ?? newlyWatched(place);
    this.#watched.set(key, watched);
    watched.check.abort();
    watched.check = new AbortController();
    void this.#inspect(watched, loaded, view, workbench).catch((error: unknown) => {
      this.#options.warn(`a check failed: ${error instanceof Error ? error.message : String(error)}`);
    });
  }

  async #inspect(
    watched: Watched,
    { project, failures }: LoadedProject,
    view: FileView,
    workbench: Workbench,
  ): Promise<void> {
    const { signal } = watched.check;
    await nextTurn();
    if (signal.aborted) return;
    const byText = new Set(workbench.textFindings(project).map(keyOf));
    await workbench.inspect(project, signal, ({ value, open }) => {
      if (signal.aborted || !view.isCurrent(this.#options.documents)) return;
      const later = value.findings.filter((finding) => !byText.has(keyOf(finding)));
      watched.shown = { workbench, project, later };
      this.#publish(watched, project, value.findings, view);
      const { directory } = watched.place;
      const notes = [...failures, ...refusals(project, value.findings)];
      for (const note of notes) {
        if (!watched.state.notes.includes(note)) this.#options.warn(note);
      }
      watched.state = { directory, open, notes, unchecked: uncheckedReasons(value.unchecked) };
      this.#showStatus();
    });
  }

  #publish(watched: Watched, project: Project, findings: readonly ReportedFinding[], view: FileView): void {
    const byFile = new Map<string, ReportedFinding[]>(filesOf(project).map(({ path }) => [path, []]));
    for (const finding of findings) byFile.get(finding.at.file)?.push(finding);
    for (const [file, { by }] of this.#published) {
      if (by === watched && !byFile.has(file)) this.#clear(file);
    }
    for (const [file, found] of byFile) {
      const published = this.#published.get(file);
      if (found.length === 0 && !published) continue;
      const { uri, version } = view.file(file);
      const diagnostics = found.map((finding) => toDiagnostic(finding, view));
      const message = { uri, ...(version !== null && { version }), diagnostics };
      const written = JSON.stringify(message);
      if (found.length === 0) this.#published.delete(file);
      else this.#published.set(file, { by: watched, written });
      if (published?.written !== written) this.#options.publish(message);
    }
  }

  #clear(file: string): void {
    this.#published.delete(file);
    this.#options.publish({ uri: this.#options.documents.get(file)?.uri ?? uriOfPath(file), diagnostics: [] });
  }

  /** Projects without an open document are no longer shown. */
  #drop(key: string): void {
    const watched = this.#watched.get(key);
    if (!watched) return;
    watched.check.abort();
    this.#watched.delete(key);
    for (const [file, { by }] of this.#published) {
      if (by === watched) this.#clear(file);
    }
  }

  #showStatus(): void {
    const status = statusOf([...this.#watched.values()].map(({ state }) => state));
    const written = JSON.stringify(status);
    if (written === this.#status) return;
    this.#status = written;
    this.#options.status(status);
  }
}

function newlyWatched(place: ProjectPlace): Watched {
  const state = { directory: place.directory, open: 0, unchecked: [], notes: [] };
  return { place, check: new AbortController(), state };
}

/** What the text shows with what took more, in order. Where both are one finding, the latter says more. */
function withKnown(text: readonly ReportedFinding[], later: readonly ReportedFinding[]): ReportedFinding[] {
  const known = new Set(later.map(tokenOf));
  return [...text.filter((finding) => !known.has(tokenOf(finding))), ...later].sort(byPlace);
}

function keyOf(finding: ReportedFinding): string {
  return `${tokenOf(finding)} ${finding.message}`;
}

/** What a finding is about: its rule and the token. */
function tokenOf({ rule, at }: ReportedFinding): string {
  return `${rule} ${at.span.start} ${at.span.end} ${at.file}`;
}

async function placesOf(paths: readonly string[], workbench: Workbench): Promise<Map<string, ProjectPlace>> {
  const places = new Map<string, ProjectPlace>();
  for (const path of paths) {
    const place = await workbench.placeOf(path);
    if (place) places.set(`${place.kind} ${place.directory}`, place);
  }
  return places;
}
