import type { TextDocument } from 'vscode-languageserver-textdocument';
import { pathOfUri } from './places.ts';

/** A file as the editor holds it. */
export interface OpenDocument {
  /** As the editor spells it, which need not be as we would. */
  readonly uri: string;
  readonly text: string;
  readonly version: number;
}

/** The documents that the editor has open and that are files, by path. */
export class OpenDocuments {
  readonly #documents = new Map<string, OpenDocument>();
  readonly #texts = new Map<string, string>();

  /** The texts alone; always as they are now. */
  get texts(): ReadonlyMap<string, string> {
    return this.#texts;
  }

  get(path: string): OpenDocument | undefined {
    return this.#documents.get(path);
  }

  /** Takes the document as it is now; the path, or undefined when it is no file. */
  set(document: TextDocument): string | undefined {
    const path = pathOfUri(document.uri);
    if (path === undefined) return undefined;
    const text = document.getText();
    this.#documents.set(path, { uri: document.uri, text, version: document.version });
    this.#texts.set(path, text);
    return path;
  }

  /** Forgets a document; the path, or undefined when it was no file. */
  delete(uri: string): string | undefined {
    const path = pathOfUri(uri);
    if (path === undefined) return undefined;
    this.#documents.delete(path);
    this.#texts.delete(path);
    return path;
  }
}
