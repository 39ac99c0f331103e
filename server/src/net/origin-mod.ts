import { tagPrefix, withoutIncompatible } from '../engine/origin-version.ts';
import { summarizeMod } from '../syntax/mod-summary.ts';
import { checkPathMajor, pathMajorPrefix, splitPathVersion } from '../syntax/module-path.ts';
import { autoQuote, quote } from '../syntax/quote.ts';
import type { Result } from '../syntax/result.ts';
import { major } from '../syntax/semver.ts';
import { decode } from './module-proxy.ts';

/** A module and where it stands in its repository; see engine/origin-version.ts. */
export interface OriginModule {
  readonly path: string;
  readonly root: string;
  readonly subdirectory: string;
}

/** The content of those files that are there, by name. */
export type GoModFiles = ReadonlyMap<string, Uint8Array>;

/** The files of a repository that may be the go.mod of a module: in its directory, or in a directory `vN` there. */
export function goModFiles(module: OriginModule): string[] {
  const { plain, major: inMajor } = candidates(module);
  return inMajor === undefined ? [plain] : [plain, inMajor];
}

/**
 * The go.mod of a module among the files of one commit, as the go command chooses it; the error is in its words
 * (cmd/go/internal/modfetch/coderepo.go:findDir, GoMod). A module at the root may have none and gets a made one.
 */
export function chooseGoMod(
  module: OriginModule,
  version: string,
  tag: string,
  files: GoModFiles,
): Result<Uint8Array> {
  const { plain, major: inMajor } = candidates(module);
  const { prefix, pathMajor } = splitPathVersion(module.path);
  const first = files.get(plain);
  const firstPath = first && declaredPath(first);
  const firstFits = firstPath !== undefined && (isMajor(firstPath, pathMajor) || replacesGopkgIn(firstPath, pathMajor));

  const second = inMajor === undefined ? undefined : files.get(inMajor);
  if (inMajor !== undefined && second) {
    const secondPath = declaredPath(second);
    if (!isMajor(secondPath, pathMajor)) {
      const file = `${module.root}/${inMajor}`;
      return secondPath === ''
        ? fault(`${file} is missing module path at revision ${tag}`)
        : fault(`${file} has non-...${pathMajor} module path ${quote(secondPath)} at revision ${tag}`);
    }
    if (!firstFits) return { ok: true, value: second };
    const both = `${prefix}/${plain} and ...${pathMajor}/go.mod both`;
    return fault(`${both} have ...${pathMajor} module paths at revision ${tag}`);
  }

  if (first && firstFits) return { ok: true, value: first };
  if (first) {
    const suffix = inMajor === undefined ? '' : ` (and ...${pathMajor}/go.mod does not exist)`;
    return fault(mismatch(plain, firstPath ?? '', pathMajor, version, suffix, tag));
  }
  const atRoot = plain === 'go.mod' && (pathMajor === '' || pathMajor.startsWith('.'));
  if (atRoot) return { ok: true, value: Buffer.from(`module ${autoQuote(module.path)}\n`, 'utf8') };
  return fault(
    inMajor === undefined
      ? `missing ${prefix}/go.mod at revision ${tag}`
      : `missing ${prefix}/go.mod and ...${pathMajor}/go.mod at revision ${tag}`,
  );
}

/**
 * Why the go command refuses a version although its tag is there, in its words; undefined when it takes it
 * (coderepo.go:convert, checkCanonical).
 */
export function versionFault(
  module: OriginModule,
  version: string,
  tag: string,
  files: GoModFiles,
): string | undefined {
  const chosen = chooseGoMod(module, version, tag, files);
  if (!chosen.ok) return chosen.error;
  if (!version.endsWith('+incompatible')) return undefined;
  const { prefix, pathMajor } = splitPathVersion(module.path);
  const plain = withoutIncompatible(version);
  if (checkPathMajor(plain, pathMajor) === undefined) {
    return `+incompatible suffix not allowed: major version ${major(plain)} is compatible`;
  }
  if (pathMajor !== '') return 'module path includes a major version suffix, so major version must match';
  const { plain: file } = candidates(module);
  return file === 'go.mod' && !files.has(file)
    ? undefined
    : `module contains a go.mod file, so module path must match major version (${quote(`${prefix}/${major(plain)}`)})`;
}

function mismatch(file: string, path: string, pathMajor: string, version: string, suffix: string, tag: string): string {
  if (path === '') return `${file} is missing module path${suffix} at revision ${tag}`;
  if (pathMajor !== '') return `${file} has non-...${pathMajor} module path ${quote(path)}${suffix} at revision ${tag}`;
  if (!splitPathVersion(path).ok) return `${file} has malformed module path ${quote(path)}${suffix} at revision ${tag}`;
  return `${file} has post-${major(version)} module path ${quote(path)}${suffix} at revision ${tag}`;
}

function candidates({ path, root, subdirectory }: OriginModule): { plain: string; major: string | undefined } {
  const directory = tagPrefix(path, root, subdirectory) ?? '';
  const { pathMajor } = splitPathVersion(path);
  const hasMajor = pathMajor.startsWith('/') && path !== root;
  return { plain: `${directory}go.mod`, major: hasMajor ? `${directory}${pathMajor.slice(1)}/go.mod` : undefined };
}

/** The module path that a go.mod declares, empty for none. */
function declaredPath(content: Uint8Array): string {
  return summarizeMod(decode(content)).path ?? '';
}

/** Whether the versions that a declared path allows fit a path suffix (isMajor). */
function isMajor(path: string, pathMajor: string): boolean {
  if (path === '') return false;
  const split = splitPathVersion(path);
  if (!split.ok) return false;
  if (pathMajor === '') return ['', 'v0', 'v1'].includes(pathMajorPrefix(split.pathMajor));
  return split.pathMajor !== '' && split.pathMajor.slice(1) === pathMajor.slice(1);
}

/** Go accepts paths of gopkg.in at a path without suffix, since it once did by mistake. */
function replacesGopkgIn(path: string, pathMajor: string): boolean {
  return pathMajor === '' && path.startsWith('gopkg.in/');
}

function fault(error: string): { readonly ok: false; readonly error: string } {
  return { ok: false, error };
}
