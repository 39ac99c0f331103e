/** True for `/a`, `C:/a` and `//server/share`. */
export function isAbsolutePath(path: string): boolean {
  return path.startsWith('/') || /^[A-Za-z]:\//.test(path);
}

/** Resolves a path as written in a go.mod (either kind of slash) against an absolute directory; the result has `/` only. */
export function joinPath(directory: string, path: string): string {
  const slashed = path.replaceAll('\\', '/');
  return cleanPath(isAbsolutePath(slashed) ? slashed : `${directory.replace(/\/$/, '')}/${slashed}`);
}

/** The directory of a file; of the root, the root itself. */
export function parentDirectory(path: string): string {
  const at = path.lastIndexOf('/');
  if (at < 0) return '.';
  const parent = path.slice(0, at);
  return parent === '' || parent.endsWith(':') ? `${parent}/` : parent;
}

/** The way from a directory to another path, always starting with `./` or `../`; undefined across drives. */
export function relativePath(directory: string, target: string): string | undefined {
  const from = directory.split('/').filter(Boolean);
  const to = target.split('/').filter(Boolean);
  if (/^[A-Za-z]:$/.test(from[0] ?? '') !== /^[A-Za-z]:$/.test(to[0] ?? '')) return undefined;
  if (/^[A-Za-z]:$/.test(from[0] ?? '') && from[0]?.toLowerCase() !== to[0]?.toLowerCase()) return undefined;
  let common = 0;
  while (common < from.length && common < to.length && from[common] === to[common]) common++;
  const up = from.length - common;
  const down = to.slice(common).join('/');
  if (up === 0) return down === '' ? '.' : `./${down}`;
  return Array.from({ length: up }, () => '..').join('/') + (down === '' ? '' : `/${down}`);
}

function cleanPath(path: string): string {
  const lead = path.startsWith('//') ? '//' : path.startsWith('/') ? '/' : '';
  const kept: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (kept.length > 0) kept.pop();
    } else {
      kept.push(part);
    }
  }
  const joined = lead + kept.join('/');
  return /^[A-Za-z]:$/.test(joined) ? `${joined}/` : joined || '/';
}
