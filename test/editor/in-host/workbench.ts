import { setTimeout as sleep } from 'node:timers/promises';
import { Uri, window, workspace, type TextEditor } from 'vscode';

/** The folder that is open in the editor. */
export function folder(): Uri {
  const [first] = workspace.workspaceFolders ?? [];
  if (first === undefined) throw new Error('No folder is open.');
  return first.uri;
}

/** @param file The path in the folder. */
export async function openFile(file: string): Promise<TextEditor> {
  return window.showTextDocument(await workspace.openTextDocument(Uri.joinPath(folder(), file)));
}

/**
 * Waits until something is so.
 * @param what For the error: what did not come about.
 * @throws {Error} After 30 seconds.
 */
export async function until<T>(what: string, get: () => T | PromiseLike<T>): Promise<NonNullable<T>> {
  const end = Date.now() + 30_000;
  while (Date.now() < end) {
    const value = await get();
    if (value) return value;
    await sleep(50);
  }
  throw new Error(`Not within 30 seconds: ${what}.`);
}
