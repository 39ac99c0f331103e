import type { GoEnvironment } from '../engine/environment.ts';
import type { Fact, Facts } from '../engine/facts.ts';
import { moduleKey } from '../engine/module-version.ts';
import type { ModuleVersion } from '../engine/module-version.ts';
import { versionsOfTags } from '../engine/origin-version.ts';
import type { Project } from '../engine/project.ts';
import { Replacements } from '../engine/replacements.ts';
import { isMember, moduleOf, namesTag } from '../engine/requirements.ts';
import { latestVersion } from '../engine/version-choice.ts';
import type { HttpGet } from '../net/http.ts';
import { measureProxy } from '../net/proxy-comparison.ts';
import type { ProxyMeasurement, SampleModule } from '../net/proxy-comparison.ts';
import { matchPrefixPatterns } from '../syntax/module-path.ts';
import { openHashPool } from './hash-threads.ts';
import { oneLine } from './one-line.ts';
import type { Paint } from './shown-report.ts';

/** How proxies did when they were asked about the public modules of projects. */
export interface ProxyReport {
  readonly modules: readonly ModuleVersion[];
  /** Why nothing could be compared with an origin or the checksum database, and for how many modules. */
  readonly unchecked: Readonly<Record<string, number>>;
  readonly proxies: readonly ProxyMeasurement[];
}

export interface ProxyComparison {
  readonly addresses: readonly string[];
  /** What to ask about; see `publicModules`. */
  readonly modules: readonly ModuleVersion[];
  /** Finds out what the checksum database and the origins say. */
  readonly settle: (look: (facts: Facts) => Sample[]) => Promise<Sample[]>;
  /** Asks each thing but once: a retry would hide how often a proxy fails. */
  readonly get: HttpGet;
  readonly signal: AbortSignal;
  /** Told of each proxy before it is asked. */
  readonly onProxy?: (address: string, order: number) => void;
}

/** So many modules each proxy is asked about, three times each. */
const MAX_MODULES = 8;

/** Asks one proxy after the other. Those that are not done when the signal comes are left out. */
export async function compareProxies(comparison: ProxyComparison): Promise<ProxyReport> {
  const { addresses, modules, settle, get, signal, onProxy } = comparison;
  const samples = await settle((facts) => modules.map((module) => sample(module, facts)));
  const proxies: ProxyMeasurement[] = [];
  const pool = openHashPool(1);
  try {
    for (const [order, address] of addresses.entries()) {
      if (signal.aborted) break;
      onProxy?.(address, order);
      const measured = await measureProxy(address, samples, get, (file) => pool.hash({ kind: 'zip', file }), signal);
      if (!signal.aborted) proxies.push(measured);
    }
  } finally {
    await pool.close();
  }
  const unchecked = tallyOf(samples.flatMap((tried) => tried.unchecked));
  return { modules: samples.map(({ path, version }) => ({ path, version })), unchecked, proxies };
}

function tallyOf(reasons: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const why of reasons) counts.set(why, (counts.get(why) ?? 0) + 1);
  return Object.fromEntries(counts);
}

/** The addresses of GOPROXY's proxies; none where it has only `direct` or `off`. */
export function proxyAddresses({ proxies }: GoEnvironment): string[] {
  return proxies.flatMap((entry) => (entry.kind === 'proxy' ? [entry.url] : []));
}

/**
 * Modules that projects require and that any proxy may hear of: direct requirements first; never one that GOPRIVATE,
 * GONOPROXY or GONOSUMDB keeps from anybody.
 */
export function publicModules(projects: readonly Project[], environment: GoEnvironment): ModuleVersion[] {
  const isPrivate = (path: string): boolean =>
    [environment.private, environment.noProxy, environment.noSumDb].some((patterns) => matchPrefixPatterns(patterns, path));
  const isKept = (path: string): boolean => isPrivate(path) || projects.some((project) => isMember(project, path));
  const chosen = new Map<string, ModuleVersion>();
  const all = projects.flatMap((project) => {
    const replacements = Replacements.ofProject(project);
    const requirements = project.modules.flatMap((main) => main.mod.parsed.require);
    return requirements.filter((requirement) => replacements.find(moduleOf(requirement)) === undefined);
  });
  for (const module of all.sort((a, b) => Number(a.indirect) - Number(b.indirect)).map(moduleOf)) {
    if (namesTag(module.version) && !isKept(module.path)) chosen.set(moduleKey(module), module);
  }
  return [...chosen.values()].slice(0, MAX_MODULES);
}

/** A module, with why its newest version or its hashes can't be compared. */
interface Sample extends SampleModule {
  readonly unchecked: readonly string[];
}

function sample({ path, version }: ModuleVersion, facts: Facts): Sample {
  const checksums = facts.ask({ kind: 'checksums', path, version });
  const tags = facts.ask({ kind: 'tags', path });
  const newest =
    tags.state === 'known' ? latestVersion(versionsOfTags(path, tags.value.root, tags.value.tags, tags.value.subdirectory)) : undefined;
  const unchecked = [...whyNot('newest version', tags), ...whyNot('hashes', checksums)];
  return { path, version, checksums: checksums.state === 'known' ? checksums.value : undefined, newest, unchecked };
}

/** Why a fact gives nothing to compare with; empty when it does. */
function whyNot(what: string, fact: Fact<unknown>): string[] {
  if (fact.state === 'unavailable') return [`${what}: ${fact.why}`];
  return fact.state === 'absent' ? [`${what}: ${fact.evidence.map(({ from, said }) => `${from}: ${said}`).join('; ')}`] : [];
}

/** Whether a proxy gives what the checksum database has not signed. */
export function isForging({ integrity }: ProxyMeasurement): boolean {
  return integrity.some(({ state }) => state === 'disagrees');
}

/** A table with a line for each proxy, and below it what went wrong. */
export function proxyText({ modules, unchecked, proxies }: ProxyReport, paint: Paint): string {
  const heads = ['proxy', 'answers', 'median', 'p95', 'zip', 'newest versions', 'hashes'];
  const rows = [heads, ...proxies.map(row)];
  const widths = heads.map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length)));
  const table = rows.map((cells) => `${cells.map((cell, column) => cell.padEnd(widths[column]!)).join('  ').trimEnd()}\n`);
  const open = Object.entries(unchecked).map(([why, count]) => `not checked: ${count} × ${oneLine(why)}\n`);
  const notes = [...proxies.flatMap((measured) => notesOf(measured, paint)), ...open];
  const plural = modules.length === 1 ? 'module' : 'modules';
  return `${table.join('')}${notes.length > 0 ? `\n${notes.join('')}` : ''}\nasked about ${modules.length} public ${plural} of this project\n`;
}

function notesOf({ address, failures, freshness, integrity }: ProxyMeasurement, paint: Paint): string[] {
  const from = oneLine(address);
  return [
    ...Object.entries(failures).map(([why, count]) => `${count} × ${oneLine(why)}\n`),
    ...freshness.flatMap(({ path, newest, atOrigin, state }) =>
      state === 'behind' ? [`${from} lists ${oneLine(`${path} ${newest ?? 'without versions'}; its origin has ${atOrigin}`)}\n`] : [],
    ),
    ...integrity.flatMap(({ module, of, state, hash, signed }) =>
      state === 'disagrees'
        ? [paint.red(`SECURITY ERROR: ${from}: ${oneLine(nameOf(module, of))}: checksum mismatch: it gives ${hash}, the checksum database has ${signed}\n`)]
        : [],
    ),
  ];
}

function row({ address, requests, answered, absent, median, p95, zip, freshness, integrity }: ProxyMeasurement): string[] {
  const rate = zip && `${(zip.bytes / 1024 / (zip.milliseconds / 1000) / 1024).toFixed(1)} MiB/s`;
  return [
    oneLine(address),
    `${answered} of ${requests}${absent > 0 ? `, ${absent} not there` : ''}`,
    median === undefined ? '-' : `${Math.round(median)} ms`,
    p95 === undefined ? '-' : `${Math.round(p95)} ms`,
    rate ?? '-',
    tally(freshness, ['current', 'behind', 'unchecked']),
    tally(integrity, ['agrees', 'disagrees', 'unchecked']),
  ];
}

function tally<S extends string>(all: readonly { readonly state: S }[], states: readonly S[]): string {
  const counts = states.map((state) => [all.filter((one) => one.state === state).length, state] as const);
  return counts.filter(([count]) => count > 0).map(([count, state]) => `${count} ${state}`).join(', ') || '-';
}

function nameOf({ path, version }: ModuleVersion, of: 'module' | 'go.mod'): string {
  return `${path}@${version}${of === 'go.mod' ? '/go.mod' : ''}`;
}
