import type { Span } from '../syntax/span.ts';
import type { Line, Word } from '../syntax/tree.ts';

/** An address that stands where a module path belongs. */
export interface MistakenAddress extends Span {
  /** The address as written. */
  readonly raw: string;
  /** The module path that it probably means. */
  readonly path: string;
  /** What follows it on its line: a version, or nothing. */
  readonly rest: string;
}

/**
 * The web or git address that a word begins: `https://github.com/a/b.git`, of which the go command reads `https:` and takes
 * the rest for a comment, or `git@github.com:a/b.git`.
 */
export function mistakenAddress(text: string, line: Line, word: Word): MistakenAddress | undefined {
  const comment = line.comments.suffix[0];
  if (/^(?:git\+)?(?:https?|ssh|git):$/.test(word.raw) && comment?.start === word.end) {
    const [, raw, rest] = /^(\S*)\s*(.*?)\s*$/.exec(text.slice(word.start, comment.end))!;
    const path = pathOfUrl(raw!);
    return path === undefined ? undefined : { start: word.start, end: word.start + raw!.length, raw: raw!, path, rest: rest! };
  }
  const parts = /^[\w.-]+@([\w.-]+):(?!\/)(.+)$/.exec(word.raw);
  if (!parts) return undefined;
  const path = `${parts[1]!.toLowerCase()}/${withoutGit(parts[2]!)}`;
  return { start: word.start, end: word.end, raw: word.raw, path, rest: text.slice(word.end, line.end).trim() };
}

function pathOfUrl(url: string): string | undefined {
  const parts = /^[\w+]+:\/\/(?:[^@/]*@)?([\w.-]+)(?::\d+)?(?:\/(.*))?$/.exec(url);
  if (!parts) return undefined;
  const below = withoutGit((parts[2] ?? '').replace(/[?#].*$/, ''));
  return parts[1]!.toLowerCase() + (below === '' ? '' : `/${below}`);
}

function withoutGit(path: string): string {
  return path.replace(/\/+$/, '').replace(/\.git$/, '');
}
