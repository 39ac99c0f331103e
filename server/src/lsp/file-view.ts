import type { Project, SourceFile } from '../engine/project.ts';
import { LineIndex } from '../syntax/span.ts';
import type { Range, Span } from '../syntax/span.ts';
import { EditorLines } from './editor-lines.ts';
import type { OpenDocuments } from './open-documents.ts';
import { uriOfPath } from './places.ts';

/** What turning the engine's values into the protocol's needs to know of one file. */
export interface ViewedFile {
  readonly uri: string;
  /** The text that spans are of; undefined when there is no such file. */
  readonly text: string | undefined;
  /** The version of the open document, or null when the editor does not hold the file. */
  readonly version: number | null;
}

/** The files of a project, and others that a fix edits, at one moment. */
export class FileView {
  readonly #files: ReadonlyMap<string, ViewedFile>;
  readonly #lines = new Map<string, LineIndex | EditorLines>();

  constructor(files: ReadonlyMap<string, ViewedFile>) {
    this.#files = files;
  }

  file(path: string): ViewedFile {
    return this.#files.get(path) ?? { uri: uriOfPath(path), text: undefined, version: null };
  }

  range(path: string, span: Span): Range {
    let lines = this.#lines.get(path);
    if (!lines) {
      const { text = '', version } = this.file(path);
      // An open document is counted as the editor sent it, with or without a byte order mark.
      lines = version === null ? new EditorLines(text) : new LineIndex(text);
      this.#lines.set(path, lines);
    }
    return lines.range(span);
  }

  /** The view with more files. */
  with(files: ReadonlyMap<string, ViewedFile>): FileView {
    return new FileView(new Map([...this.#files, ...files]));
  }

  /** Whether the editor still holds the same versions of the same files. */
  isCurrent(open: OpenDocuments): boolean {
    return [...this.#files].every(([path, { version }]) => (open.get(path)?.version ?? null) === version);
  }
}

/** The view of a project's files; undefined when the editor has got ahead of the snapshot. */
export function viewOf(project: Project, open: OpenDocuments): FileView | undefined {
  const files = new Map<string, ViewedFile>();
  for (const { path, text } of filesOf(project)) {
    const document = open.get(path);
    if (document && document.text !== text) return undefined;
    files.set(path, { uri: document?.uri ?? uriOfPath(path), text, version: document?.version ?? null });
  }
  return new FileView(files);
}

/** The files that findings are in. */
export function filesOf({ modules, workspace }: Project): SourceFile<unknown>[] {
  const files = modules.flatMap(({ mod, sum }) => [mod, sum]);
  return [...files, workspace?.work, workspace?.sum].filter((file) => file !== undefined);
}
