import type { Requirement } from '../syntax/directives.ts';
import { sumLineKey } from '../syntax/sum-file.ts';
import { comparedLines } from './checksum-lines.ts';
import type { Facts } from './facts.ts';
import type { ModuleVersion } from './module-version.ts';
import { neededTag, tagOfVersion } from './origin-version.ts';
import type { MainModule, Project } from './project.ts';
import { Replacements } from './replacements.ts';
import { isExcluded, isMember, moduleOf, namesTag } from './requirements.ts';
import { isOutsideProxies, routeOf } from './route.ts';
import type { Place } from './rule.ts';
import { moduleLines } from './sum-files.ts';
import { versionExistence } from './version-existence.ts';

/** One verdict in few words. `neutral` means that there was nothing to ask. */
export interface Verdict {
  readonly state: 'good' | 'bad' | 'unchecked' | 'neutral' | 'pending';
  /** A few words, as for a cell of a table. */
  readonly words: string;
  /** Who said what, where the words leave it out. */
  readonly detail?: string;
}

/** What the origin, the proxy and the checksum database say of one requirement. */
export interface TagReportRow {
  readonly module: ModuleVersion;
  readonly at: Place;
  readonly origin: Verdict;
  readonly proxy: Verdict;
  readonly checksum: Verdict;
}

/** Holds every requirement of a project against its origin, its proxy and the checksum database. */
export function reportTags(project: Project, facts: Facts): TagReportRow[] {
  const replacements = Replacements.ofProject(project);
  return project.modules.flatMap((main) =>
    main.mod.parsed.require.map((requirement) => reportTag(project, facts, main, requirement, replacements)),
  );
}

/** Holds one requirement of a main module against its origin, its proxy and the checksum database. */
export function reportTag(
  project: Project,
  facts: Facts,
  main: MainModule,
  requirement: Requirement,
  replacements = Replacements.ofProject(project),
): TagReportRow {
  const module = moduleOf(requirement);
  const at = { file: main.mod.path, span: requirement.version };
  const outside = reasonNotJudged(project, main, replacements, module);
  if (outside !== undefined) return { module, at, origin: neutral(outside), proxy: neutral(''), checksum: neutral('') };
  return {
    module,
    at,
    origin: originVerdict(project, facts, module),
    proxy: proxyVerdict(project, facts, module),
    checksum: checksumVerdict(project, facts, main, module),
  };
}

/** Counts the rows by their worst verdict, in one line. */
export function summarizeTags(rows: readonly TagReportRow[]): string {
  const count = { bad: 0, unchecked: 0, pending: 0, good: 0, neutral: 0 };
  for (const row of rows) count[worst([row.origin, row.proxy, row.checksum])]++;
  const parts = [`${count.good} verified`];
  if (count.bad > 0) parts.push(`${count.bad} with a fault`);
  if (count.unchecked + count.pending > 0) parts.push(`${count.unchecked + count.pending} not checked`);
  if (count.neutral > 0) parts.push(`${count.neutral} with nothing to check`);
  return `${rows.length} ${rows.length === 1 ? 'requirement' : 'requirements'}: ${parts.join(', ')}.`;
}

function worst(verdicts: readonly Verdict[]): Verdict['state'] {
  for (const state of ['bad', 'pending', 'unchecked', 'good'] as const) {
    if (verdicts.some((verdict) => verdict.state === state)) return state;
  }
  return 'neutral';
}

function reasonNotJudged(
  project: Project,
  main: MainModule,
  replacements: Replacements,
  module: ModuleVersion,
): string | undefined {
  if (isMember(project, module.path)) return 'a module of this workspace';
  if (isExcluded(main, module)) return 'excluded';
  const replacement = replacements.find(module);
  if (!replacement) return undefined;
  const version = replacement.newVersion ? ` ${replacement.newVersion.value}` : '';
  return `replaced by ${replacement.newPath.value}${version}`;
}

function originVerdict(project: Project, facts: Facts, module: ModuleVersion): Verdict {
  if (!namesTag(module.version)) return neutral('no tag: a pseudo-version');
  const tags = facts.ask({ kind: 'tags', path: module.path });
  switch (tags.state) {
    case 'pending':
      return pending();
    case 'unavailable':
      return unchecked(tags.why);
    case 'absent':
      return { state: 'unchecked', words: 'repository not found' };
    case 'known': {
      const { root, tags: names, subdirectory } = tags.value;
      const tag = tagOfVersion(module.path, root, module.version, names, subdirectory);
      if (tag !== undefined) return { state: 'good', words: `tag ${tag}` };
      // A lost tag does no harm while a proxy has the version.
      const isMissing = versionExistence(project, facts, module).state === 'missing';
      const wanted = neededTag(module.path, root, module.version, subdirectory);
      return {
        state: isMissing ? 'bad' : 'neutral',
        words: wanted === undefined ? 'no such version' : `no tag ${wanted}`,
      };
    }
  }
}

function proxyVerdict(project: Project, facts: Facts, module: ModuleVersion): Verdict {
  if (!namesTag(module.version)) return neutral('not judged');
  const existence = versionExistence(project, facts, module);
  if (existence.state === 'pending') return pending();
  if (existence.state === 'unchecked') return unchecked(existence.why);
  if (existence.state === 'missing') {
    const detail = existence.evidence.map(({ from, said }) => `${from} answers "${said}"`).join('; ');
    return { state: 'bad', words: 'does not exist', detail };
  }
  if (isOutsideProxies(project.environment, module.path)) return neutral('not asked: GONOPROXY');
  const cached = facts.ask({ kind: 'cached', ...module });
  return { state: 'good', words: cached.state === 'known' ? 'in the module cache' : 'has it' };
}

function checksumVerdict(project: Project, facts: Facts, main: MainModule, module: ModuleVersion): Verdict {
  if (routeOf(project.environment, module.path).sumDb === undefined) return neutral('not looked up: GONOSUMDB or GOSUMDB');
  const lines = comparedLines(main.sum ? moduleLines(main.sum) : []).filter((line) => {
    const key = sumLineKey(line);
    return key.path === module.path && key.version === module.version;
  });
  if (lines.length === 0) return neutral('no go.sum line');
  const signed = facts.ask({ kind: 'checksums', ...module });
  if (signed.state === 'pending') return pending();
  if (signed.state === 'unavailable') return unchecked(signed.why);
  if (signed.state === 'absent') return { state: 'unchecked', words: 'the checksum database has no record' };
  const { zip, mod, database } = signed.value;
  const wrong = lines.some((line) => {
    const hash = sumLineKey(line).mod ? mod : zip;
    return hash !== undefined && hash !== line.hash.value;
  });
  return wrong ? { state: 'bad', words: `differs from ${database}` } : { state: 'good', words: `as ${database} signed` };
}

function unchecked(why: string): Verdict {
  return { state: 'unchecked', words: 'not checked', detail: why };
}

function neutral(words: string): Verdict {
  return { state: 'neutral', words };
}

function pending(): Verdict {
  return { state: 'pending', words: 'not answered' };
}
