import type { Requirement } from '../../syntax/directives.ts';
import { addReplace, dropRequirement } from '../../syntax/mod-edit.ts';
import { splitPathVersion, checkPathMajor } from '../../syntax/module-path.ts';
import { nearTag, tagOfVersion } from '../origin-version.ts';
import { relativePath } from '../file-path.ts';
import type { Evidence, Facts } from '../facts.ts';
import type { ModuleVersion } from '../module-version.ts';
import type { MainModule, Project } from '../project.ts';
import { Replacements } from '../replacements.ts';
import { isExcluded, isMember, moduleOf, namesTag } from '../requirements.ts';
import { inFile, versionFix, withChecksums } from '../requirement-fixes.ts';
import type { Finding, Fix, Rule, Unchecked } from '../rule.ts';
import { versionExistence } from '../version-existence.ts';
import type { Existence } from '../version-existence.ts';
import { latestVersion, nearestVersions } from '../version-choice.ts';

/**
 * Reports a required version that does not exist: its tag was never pushed, was deleted, or is spelled in a way that
 * Go ignores, or the module itself is unknown.
 *
 * Why it matters: every go command that loads the module graph stops at such a line with `unknown revision`, or with a
 * proxy's `404 Not Found`, and says neither what exists instead nor why a tag that is there does not count.
 *
 * The module cache and the proxy's list are asked first, then the origin's tags, and the proxy about this one version
 * last. It is a finding only if every entry of GOPROXY that the go command would use answered that the version is not
 * there. An origin or proxy that can't be reached, or that answers 403 or 5xx, leaves the line unchecked. Pseudo-versions,
 * replaced requirements and members of the workspace are not judged; a module under GONOPROXY is judged by its origin alone.
 *
 * @example
 * require github.com/acme/log v1.9.0 // the newest tag is v1.4.2
 *
 * @fix
 * Writes the nearest version below or above, or the latest one, together with its go.sum lines from the checksum
 * database; or adds a replace directive, to the nearest version or to a directory nearby that declares the module;
 * or removes the requirement.
 *
 * @see https://go.dev/ref/mod#version-queries
 * @see https://go.dev/ref/mod#vcs-version
 */
export const missingTag: Rule = {
  name: 'missing-tag',
  severity: 'error',
  summary: 'A required version does not exist.',
  *check(project, facts) {
    const replacements = Replacements.ofProject(project);
    for (const main of project.modules) {
      for (const requirement of main.mod.parsed.require) {
        const module = moduleOf(requirement);
        if (!isJudged(project, main, replacements, module)) continue;
        const report = judge(project, facts, main, requirement);
        if (report) yield report;
      }
    }
  },
};

function isJudged(project: Project, main: MainModule, replacements: Replacements, module: ModuleVersion): boolean {
  const split = splitPathVersion(module.path);
  return (
    namesTag(module.version) &&
    split.ok &&
    checkPathMajor(module.version, split.pathMajor) === undefined &&
    !isExcluded(main, module) &&
    !isMember(project, module.path) &&
    replacements.find(module) === undefined
  );
}

function judge(
  project: Project,
  facts: Facts,
  main: MainModule,
  requirement: Requirement,
): Finding | Unchecked | undefined {
  const module = moduleOf(requirement);
  const at = { file: main.mod.path, span: requirement.version };
  const existence = versionExistence(project, facts, module);
  if (existence.state === 'unchecked') {
    return { at, module, unchecked: 'whether the version exists', why: existence.why };
  }
  if (existence.state !== 'missing' || isRefusedIncompatible(module, existence)) return undefined;
  return {
    at,
    module,
    message: explain(module, existence),
    fixes: fixes(project, facts, main, requirement, existence),
  };
}

type Missing = Extract<Existence, { state: 'missing' }>;

/** A tag that exists but whose `+incompatible` form its source refuses is the matter of major-path-mismatch. */
function isRefusedIncompatible(module: ModuleVersion, { tags }: Missing): boolean {
  if (!module.version.endsWith('+incompatible') || !tags) return false;
  const plain = module.version.slice(0, -'+incompatible'.length);
  return tagOfVersion(module.path, tags.root, plain, tags.tags, tags.subdirectory) !== undefined;
}

function explain(module: ModuleVersion, missing: Missing): string {
  const { tags, listed, evidence } = missing;
  const { path, version } = module;
  const exists = existing(missing, version);
  const tag = tags && tagOfVersion(path, tags.root, version, tags.tags, tags.subdirectory);
  if (tag !== undefined) {
    const refusals = proxyRefusals(evidence, tags?.repository);
    return (
      `${path} ${version} can't be downloaded yet: its tag ${tag} is at ${tags!.repository}, but ${refusals}. ` +
      `Wait until the proxy has fetched it, or let GOPROXY end in "direct".${exists}`
    );
  }
  const near = tags && nearTag(path, tags.root, version, tags.tags, tags.subdirectory);
  if (near) {
    return (
      `${path} ${version} does not exist: ${tags!.repository} has the tag ${near.tag}, which Go ignores because ` +
      `${near.why}.${exists} The go command says "unknown revision ${version}".`
    );
  }
  if (tags) {
    return (
      `${path} ${version} does not exist: ${tags.repository} has no such tag${alsoProxies(evidence, tags.repository)}.` +
      `${exists} The go command says "unknown revision ${version}".`
    );
  }
  if (!listed || listed.versions.length === 0) {
    return `The module ${path} is not known: ${said(evidence)}. Check the path's spelling, or GOPRIVATE if it is private.`;
  }
  return `${path} ${version} does not exist: ${said(evidence)}.${exists}`;
}

function existing({ listed }: Missing, version: string): string {
  const versions = listed?.versions ?? [];
  const latest = latestVersion(versions);
  if (latest === undefined) return ' It has no version at all.';
  const { lower, higher } = nearestVersions(versions, version);
  const near = [lower, higher].filter((found) => found !== undefined && found !== latest);
  return near.length > 0 ? ` There are ${near.join(' and ')}; the latest is ${latest}.` : ` The latest is ${latest}.`;
}

function proxyRefusals(evidence: readonly Evidence[], repository: string | undefined): string {
  return said(evidence.filter(({ from }) => from !== repository));
}

function alsoProxies(evidence: readonly Evidence[], repository: string): string {
  const proxies = evidence.filter(({ from }) => from !== repository);
  return proxies.length > 0 ? `, and ${said(proxies)}` : '';
}

function said(evidence: readonly Evidence[]): string {
  return evidence.map(({ from, said: words }) => `${from} answers "${words}"`).join(', ');
}

function fixes(
  project: Project,
  facts: Facts,
  main: MainModule,
  requirement: Requirement,
  { listed }: Missing,
): Fix[] {
  const { path, version } = moduleOf(requirement);
  const excluded = (candidate: string) => isExcluded(main, { path, version: candidate });
  const versions = (listed?.versions ?? []).filter((candidate) => !excluded(candidate));
  const { lower, higher } = nearestVersions(versions, version);
  const latest = latestVersion(versions);
  const nearest = lower ?? higher;

  const found: (Fix | undefined)[] = [];
  const offered = new Set<string>();
  const offer = (candidate: string | undefined, title: string) => {
    if (candidate === undefined || offered.has(candidate)) return;
    offered.add(candidate);
    found.push(versionFix(project, facts, main, requirement, candidate, title));
  };
  offer(lower, `Use ${lower}, the nearest version below`);
  offer(higher, `Use ${higher}, the nearest version above`);
  offer(latest, `Use ${latest}, the latest version`);
  if (nearest !== undefined) {
    const replace = { oldPath: path, oldVersion: version, newPath: path, newVersion: nearest };
    found.push(
      withChecksums(project, facts, main, { path, version: nearest }, {
        title: `Add replace directive: ${path} ${version} => ${nearest}`,
        safety: 'unsafe',
        edits: inFile(main.mod, addReplace(main.mod.parsed, replace)),
      }),
    );
  }
  found.push(...localReplaceFixes(project, main, path));
  found.push({
    title: `Remove the requirement on ${path}`,
    safety: 'unsafe',
    edits: inFile(main.mod, dropRequirement(main.mod.parsed, requirement)),
  });
  return main.mod.editable ? found.filter((fix) => fix !== undefined) : [];
}

function localReplaceFixes(project: Project, main: MainModule, path: string): Fix[] {
  const found: Fix[] = [];
  for (const nearby of project.nearby) {
    const target = nearby.path === path ? relativePath(main.directory, nearby.directory) : undefined;
    if (target === undefined) continue;
    found.push({
      title: `Add replace directive: ${path} => ${target}`,
      safety: 'unsafe',
      edits: inFile(main.mod, addReplace(main.mod.parsed, { oldPath: path, newPath: target })),
    });
  }
  return found;
}
