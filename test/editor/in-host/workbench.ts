import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ConfigurationTarget,
  languages,
  Range,
  Uri,
  window,
  workspace,
  WorkspaceEdit,
  type Diagnostic,
  type TextEditor,
} from 'vscode';

/** The folder that is open in the editor. */
export function folder(): Uri {
  const [first] = workspace.workspaceFolders ?? [];
  if (first === undefined) throw new Error('No folder is open.');
  return first.uri;
}

/** @param file The path in the folder. */
export async function openFile(file: string): Promise<TextEditor> {
  return window.showTextDocument(await workspace.openTextDocument(uriOf(file)));
}

/**
 * Waits until something is so.
 * @param what For the error: what did not come about.
 * @throws {Error} After 15 seconds.
 */
export async function until<T>(what: string, get: () => T | PromiseLike<T>): Promise<NonNullable<T>> {
  const end = Date.now() + 15_000;
  while (Date.now() < end) {
    const value = await get();
    if (value) return value;
    await sleep(50);
  }
  throw new Error(`Not within 15 seconds: ${what}.`);
}

/** @param file The path in the folder. */
export function uriOf(file: string): Uri {
  return Uri.joinPath(folder(), file);
}

/** Everything that the extension has found in the folder. */
export function findings(): { readonly uri: Uri; readonly diagnostic: Diagnostic }[] {
  return languages
    .getDiagnostics()
    .flatMap(([uri, diagnostics]) => diagnostics.map((diagnostic) => ({ uri, diagnostic })))
    .filter(({ diagnostic }) => diagnostic.source === 'Go Module Health');
}

/** Sets one of the extension's settings for the user; undefined gives it its default again. */
export async function setting(name: string, value: unknown): Promise<void> {
  await workspace.getConfiguration('gomodHealth').update(name, value, ConfigurationTarget.Global);
}

/** The folder's files as they were laid out. */
let originals: Map<string, string> | undefined;

/** Undoes what a test has made of the folder's files, in the editor and on the disk. */
export async function restoreFiles(): Promise<void> {
  for (const [file, text] of originals ?? []) {
    const document = await workspace.openTextDocument(file);
    if (document.getText() !== text) {
      const all = new WorkspaceEdit();
      all.replace(document.uri, new Range(0, 0, document.lineCount, 0), text);
      await workspace.applyEdit(all);
    }
    if (document.isDirty) await document.save();
  }
}

before(async () => {
  const files = await workspace.findFiles('**/*');
  originals = new Map(await Promise.all(files.map(async ({ fsPath }) => [fsPath, await readFile(fsPath, 'utf8')] as const)));
});
