import { URI } from 'vscode-uri';

/** The absolute path, with `/`, of a `file:` URI; undefined for anything else, such as a `git:` diff. */
export function pathOfUri(uri: string): string | undefined {
  const parsed = URI.parse(uri);
  if (parsed.scheme !== 'file') return undefined;
  const path = parsed.fsPath.replaceAll('\\', '/');
  return /^[a-z]:\//.test(path) ? path[0]!.toUpperCase() + path.slice(1) : path;
}

export function uriOfPath(path: string): string {
  return URI.file(path).toString();
}
