import type { Requirement } from '../../syntax/directives.ts';
import { addReplace, dropRequirement } from '../../syntax/mod-edit.ts';
import { relativePath } from '../file-path.ts';
import type { Evidence, Facts } from '../facts.ts';
import { incompatibleRefusal } from '../incompatible-version.ts';
import type { ModuleVersion } from '../module-version.ts';
import { offeredVersions } from '../offered-versions.ts';
import type { OfferedVersions } from '../offered-versions.ts';
import { nearTag, neededTag, tagOfVersion } from '../origin-version.ts';
import type { MainModule, Project } from '../project.ts';
import { Replacements } from '../replacements.ts';
import { moduleOf } from '../requirements.ts';
import { forVendoring, inFile, versionFix, withChecksums } from '../requirement-fixes.ts';
import type { Finding, Fix, Rule, Unchecked } from '../rule.ts';
import { isFoundByTag, versionExistence } from '../version-existence.ts';
import type { Existence } from '../version-existence.ts';
import { nearestVersions } from '../version-choice.ts';

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
  later: true,
  *check(project, facts) {
    const replacements = Replacements.ofProject(project);
    for (const main of project.modules) {
      for (const requirement of main.mod.parsed.require) {
        const module = moduleOf(requirement);
        if (!isFoundByTag(project, replacements, module)) continue;
        const report = judge(project, facts, main, requirement);
        if (report) yield report;
      }
    }
  },
};

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
  // A tag that is there, but not with +incompatible, is the matter of major-path-mismatch.
  if (existence.state !== 'missing' || incompatibleRefusal(facts, module, existence)) return undefined;
  const offered = offeredVersions(facts, main, module.path, existence.listed);
  return {
    at,
    module,
    message: explain(module, existence, offered),
    fixes: main.mod.editable ? forVendoring(main, fixes(project, facts, main, requirement, offered)) : [],
  };
}

type Missing = Extract<Existence, { state: 'missing' }>;

function explain({ path, version }: ModuleVersion, missing: Missing, offered: OfferedVersions): string {
  const { tags, listed, evidence } = missing;
  const subject = `${path} ${version}`;
  const instead = existing(offered, version);
  if (!tags) {
    if (!listed) {
      return `The module ${path} is not known: ${said(evidence)}. Check the path's spelling, or GOPRIVATE if it is private.`;
    }
    return `${subject} can't be had: ${said(evidence)}.${instead}`;
  }

  const { repository, root, subdirectory } = tags;
  const tag = tagOfVersion(path, root, version, tags.tags, subdirectory);
  const ofOrigin = evidence.filter(({ from }) => from === repository);
  const ofOthers = evidence.filter(({ from }) => from !== repository);
  if (tag !== undefined) {
    const refusal = ofOrigin[0];
    if (refusal) {
      return (
        `${subject} can't be used: ${repository} has the tag ${tag}, but Go refuses what is there.${instead} ` +
        `The go command says "invalid version: ${refusal.said}".`
      );
    }
    return (
      `${subject} can't be downloaded: its tag ${tag} is at ${repository}, but ${said(ofOthers)}. ` +
      `A new tag may take the proxy a while; with a GOPROXY that ends in "direct", Go asks the origin itself.${instead}`
    );
  }
  const near = nearTag(path, root, version, tags.tags, subdirectory);
  const found = near
    ? `has the tag ${near.tag}, which Go ignores because ${near.why}`
    : `has no such tag${ofOthers.length > 0 ? `, and ${said(ofOthers)}` : ''}`;
  const wanted = neededTag(path, root, version, subdirectory);
  const words = ofOrigin.length > 0 && wanted !== undefined ? `unknown revision ${wanted}` : evidence.at(-1)?.said;
  return `${subject} does not exist: ${repository} ${found}.${instead} The go command says "${words}".`;
}

function existing({ versions, latest, highest }: OfferedVersions, version: string): string {
  const best = latest ?? highest;
  if (best === undefined) return ' No other version is listed.';
  const { lower, higher } = nearestVersions(versions, version);
  const near = [lower, higher].filter((found) => found !== undefined && found !== best);
  const rank = latest === undefined ? 'highest' : 'latest';
  if (near.length === 0) return ` The ${rank} is ${best}.`;
  return ` There ${near.length === 1 ? 'is' : 'are'} ${near.join(' and ')}; the ${rank} is ${best}.`;
}

function said(evidence: readonly Evidence[]): string {
  return evidence.map(({ from, said: words }) => `${from} answers "${words}"`).join(', ');
}

function fixes(
  project: Project,
  facts: Facts,
  main: MainModule,
  requirement: Requirement,
  { versions, latest, highest }: OfferedVersions,
): Fix[] {
  const { path, version } = moduleOf(requirement);
  const { lower, higher } = nearestVersions(versions, version);
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
  if (latest !== undefined) offer(latest, `Use ${latest}, the latest version`);
  else offer(highest, `Use ${highest}, the highest version`);
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
  return found.filter((fix) => fix !== undefined);
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
