import type { SumFile } from '../syntax/directives.ts';
import { rememberedOf } from '../syntax/memory.ts';
import { sumLineKey } from '../syntax/sum-file.ts';
import type { NewSumLine } from '../syntax/sum-file.ts';
import { hasComparableHash } from './checksum-lines.ts';
import type { Facts } from './facts.ts';
import type { ModuleVersion } from './module-version.ts';
import type { MainModule, Project } from './project.ts';
import { checksumEdits } from './requirement-fixes.ts';
import { routeOf } from './route.ts';
import type { Fix } from './rule.ts';

/** The lines that are missing of a version, with hashes that the checksum database vouches for or the module cache has. */
export function checksumFix(
  project: Project,
  facts: Facts,
  main: MainModule,
  present: ReadonlySet<string>,
  { path, version }: ModuleVersion,
  wanted: 'mod' | 'both',
): Fix | undefined {
  const isVouched = routeOf(project.environment, path).sumDb !== undefined;
  const signed = isVouched ? facts.ask({ kind: 'checksums', path, version }) : undefined;
  if (signed?.state === 'pending' || signed?.state === 'absent') return undefined;
  const isSigned = signed?.state === 'known';
  const checksums = isSigned ? signed : facts.ask({ kind: 'cached-checksums', path, version });
  if (checksums.state !== 'known') return undefined;
  const { zip, mod, database } = checksums.value;
  const entries: NewSumLine[] = [];
  if (zip !== undefined && wanted === 'both' && !present.has(`${path} ${version}`)) entries.push({ path, version, hash: zip });
  if (mod !== undefined && !present.has(`${path} ${version}/go.mod`)) entries.push({ path, version: `${version}/go.mod`, hash: mod });
  if (entries.length === 0) return undefined;
  return {
    title: `Add the checksums of ${path} ${version}, ${isSigned ? `signed by ${database}` : 'made from the module cache'}`,
    safety: isVouched && !isSigned ? 'unsafe' : 'safe',
    edits: checksumEdits(main, entries),
  };
}

/** The keys of the lines that the go command takes for a hash (cmd/go/internal/modfetch/fetch.go:HaveSum, readGoSum). */
export function hashedVersions({ sum }: MainModule): ReadonlySet<string> {
  return sum ? hashedIn(sum.parsed) : new Set();
}

/** A file that is judged again and again, while others are edited. */
const hashedIn = rememberedOf(({ lines }: SumFile): ReadonlySet<string> => {
  return new Set(lines.filter(hasComparableHash).map((line) => sumLineKey(line).text));
});
