import { URI } from 'vscode-uri';

/** The absolute path, with `/`, of a `file:` URI; undefined for anything else, such as a `git:` diff. */
export function pathOfUri(uri: string): string | undefined {
  const parsed = parse(uri);
  if (parsed?.scheme !== 'file') return undefined;
  const path = process.platform === 'win32' ? parsed.fsPath.replaceAll('\\', '/') : parsed.fsPath;
  return /^[a-z]:\//.test(path) ? path[0]!.toUpperCase() + path.slice(1) : path;
}

export function uriOfPath(path: string): string {
  return URI.file(path).toString();
}

/** Whether a file is one that diagnostics are for. */
export function isModuleFile(path: string): boolean {
  return /\/(?:go\.mod|go\.sum|go\.work|go\.work\.sum)$/.test(path);
}

function parse(uri: string): URI | undefined {
  try {
    return URI.parse(uri, true);
  } catch {
    return undefined;
  }
}
