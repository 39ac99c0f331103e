import type { Facts } from './facts.ts';
import type { MainModule, Project } from './project.ts';
import { isExcluded } from './requirements.ts';
import type { Fix } from './rule.ts';
import type { DirectiveFile } from './text-files.ts';
import { isRevisionQuery, queryVersion, resolveQuery } from './version-query.ts';
import { versionWordFix } from './version-word-fixes.ts';
import type { VersionWord } from './version-words.ts';

/** What a query in go.mod stands for, and whether one would want that. */
export interface QueryResolution {
  /** What the go command writes in its place; it looks neither for retractions nor for exclude lines. */
  readonly version: string;
  /** Why `go get` would not choose it, and what it would choose instead. */
  readonly avoided?: { readonly because: 'retracted' | 'excluded'; readonly instead: string | undefined };
}

/** Undefined where it is not known, or where there is no such version. */
export function queryResolution(
  project: Project,
  facts: Facts,
  main: MainModule,
  { path, word }: VersionWord,
): QueryResolution | undefined {
  const version = resolveQuery(main, facts, path, word.value);
  if (version === undefined || isRevisionQuery(path, word.value)) return version === undefined ? undefined : { version };
  const wanted = queryVersion({ ...project, workspace: undefined, modules: [main] }, facts, { path, query: word.value });
  if (wanted.state === 'pending') return undefined;
  const instead = wanted.state === 'known' ? wanted.version : undefined;
  if (wanted.state === 'unavailable' || instead === version) return { version };
  return { version, avoided: { because: isExcluded(main, { path, version }) ? 'excluded' : 'retracted', instead } };
}

/** Writes what a query stands for; and before it what `go get` would choose, where that is something else. */
export function queryFixes(
  project: Project,
  facts: Facts,
  file: DirectiveFile,
  main: MainModule,
  word: VersionWord,
  { version, avoided }: QueryResolution,
): Fix[] {
  const fixes: (Fix | undefined)[] = [];
  if (avoided?.instead !== undefined) {
    const title = `Use ${avoided.instead}, as ${version} is ${avoided.because}`;
    fixes.push(versionWordFix(project, facts, file, main, word, avoided.instead, title));
  }
  // The go command drops a requirement on an excluded version.
  if (avoided?.because !== 'excluded') {
    const title = `Use ${version}, which is what ${word.word.value} stands for`;
    fixes.push(versionWordFix(project, facts, file, main, word, version, title));
  }
  return fixes.filter((fix) => fix !== undefined);
}

/** `v1.2.3 now`, with what is against it. */
export function shownResolution({ version, avoided }: QueryResolution): string {
  if (!avoided) return `${version} now`;
  return `${version} now, which ${avoided.because === 'excluded' ? 'is excluded here' : 'its author has retracted'}`;
}
