import { isAbsolute } from 'node:path';
import type { GoEnvironment } from '../engine/environment.ts';
import type { Facts } from '../engine/facts.ts';
import { moduleKey } from '../engine/module-version.ts';
import type { ModuleVersion } from '../engine/module-version.ts';
import { versionsOfTags } from '../engine/origin-version.ts';
import type { Project } from '../engine/project.ts';
import { Replacements } from '../engine/replacements.ts';
import { isMember, moduleOf, namesTag } from '../engine/requirements.ts';
import { latestVersion } from '../engine/version-choice.ts';
import { readGoEnvironment } from '../host/go-environment.ts';
import { parseProxyList } from '../host/proxy-list.ts';
import { settle } from '../host/settlement.ts';
import { createGoAuth } from '../net/go-auth.ts';
import { createHttp } from '../net/http.ts';
import { measureProxy } from '../net/proxy-comparison.ts';
import type { ProxyMeasurement, SampleModule } from '../net/proxy-comparison.ts';
import { matchPrefixPatterns } from '../syntax/module-path.ts';
import { terminalColors } from './colors.ts';
import { CannotRun } from './cannot-run.ts';
import { oneLine } from './one-line.ts';
import { findPlaceAbove, openProject, openWorkplace } from './workplace.ts';

export interface ProxiesOptions {
  readonly format: 'text' | 'json';
}

/** So many modules each proxy is asked about, three times each. */
const MAX_MODULES = 8;

/**
 * Runs `gomod-health proxies`: asks each proxy about the public modules that the project in the working directory
 * requires. The exit status is 1 when one gives what the checksum database has not signed.
 */
export async function proxies(urls: readonly string[], options: ProxiesOptions): Promise<number> {
  const workplace = await openWorkplace({});
  const report = await readGoEnvironment({ env: process.env, platform: process.platform });
  // A retry would hide what is asked for here: how often a proxy fails.
  const auth = createGoAuth(process.env, report.variables.GOAUTH.value);
  const client = createHttp({ environment: process.env, auth, bounds: { attempts: 1 } });
  try {
    const addresses = urls.length > 0 ? urls.map(addressOf) : configured(workplace.environment);
    const chosen = publicModules(await openProject(await findPlaceAbove('.', workplace), workplace), workplace.environment);
    if (chosen.length === 0) throw new CannotRun('no public module with a tagged version is required here, so there is nothing to ask about');
    const { signal } = new AbortController();
    const modules = await settle((facts) => chosen.map((module) => sample(module, facts)), workplace.store, { signal });
    const measured: ProxyMeasurement[] = [];
    for (const address of addresses) measured.push(await measureProxy(address, modules, client.get, signal));
    process.stdout.write(options.format === 'json' ? json(modules, measured) : text(modules, measured));
    return measured.some(({ integrity }) => integrity.some(({ state }) => state === 'disagrees')) ? 1 : 0;
  } finally {
    await Promise.all([workplace.close(), client.close()]);
  }
}

function addressOf(url: string): string {
  const list = parseProxyList(url, isAbsolute);
  if (!list.ok) throw new CannotRun(list.error);
  const [entry, ...more] = list.value;
  if (more.length > 0 || entry?.kind !== 'proxy') throw new CannotRun('each argument must be the address of one proxy');
  return entry.url;
}

function configured({ proxies: entries }: GoEnvironment): string[] {
  const addresses = entries.flatMap((entry) => (entry.kind === 'proxy' ? [entry.url] : []));
  if (addresses.length === 0) throw new CannotRun('GOPROXY names no proxy; name those to compare');
  return addresses;
}

/** Direct requirements first; never one that GOPRIVATE, GONOPROXY or GONOSUMDB keeps from anybody. */
function publicModules(project: Project, environment: GoEnvironment): ModuleVersion[] {
  const replacements = Replacements.ofProject(project);
  const isPrivate = (path: string): boolean =>
    [environment.private, environment.noProxy, environment.noSumDb].some((patterns) => matchPrefixPatterns(patterns, path));
  const requirements = project.modules.flatMap((main) => main.mod.parsed.require);
  const ordered = [...requirements].sort((a, b) => Number(a.indirect) - Number(b.indirect));
  const chosen = new Map<string, ModuleVersion>();
  for (const module of ordered.map(moduleOf)) {
    const isLeftOut = !namesTag(module.version) || isMember(project, module.path) || replacements.find(module) !== undefined;
    if (!isLeftOut && !isPrivate(module.path)) chosen.set(moduleKey(module), module);
  }
  return [...chosen.values()].slice(0, MAX_MODULES);
}

function sample({ path, version }: ModuleVersion, facts: Facts): SampleModule {
  const checksums = facts.ask({ kind: 'checksums', path, version });
  const tags = facts.ask({ kind: 'tags', path });
  const newest =
    tags.state === 'known' ? latestVersion(versionsOfTags(path, tags.value.root, tags.value.tags, tags.value.subdirectory)) : undefined;
  return { path, version, checksums: checksums.state === 'known' ? checksums.value : undefined, newest };
}

function json(modules: readonly SampleModule[], measured: readonly ProxyMeasurement[]): string {
  const asked = modules.map(({ path, version }) => ({ path, version }));
  return `${JSON.stringify({ schema: 1, modules: asked, proxies: measured }, undefined, 2)}\n`;
}

function text(modules: readonly SampleModule[], measured: readonly ProxyMeasurement[]): string {
  const colors = terminalColors();
  const heads = ['proxy', 'answers', 'median', 'p95', 'zip', 'newest versions', 'hashes'];
  const rows = [heads, ...measured.map(row)];
  const widths = heads.map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length)));
  const table = rows.map((cells) => `${cells.map((cell, column) => cell.padEnd(widths[column]!)).join('  ').trimEnd()}\n`);
  const notes = measured.flatMap(({ address, failures, freshness, integrity }) => [
    ...Object.entries(failures).map(([why, count]) => `${count} × ${oneLine(why)}\n`),
    ...freshness.flatMap(({ path, newest, atOrigin, state }) =>
      state === 'behind' ? [`${address} lists ${oneLine(`${path} ${newest ?? 'without versions'}; its origin has ${atOrigin}`)}\n`] : [],
    ),
    ...integrity.flatMap(({ module, of, state, hash, signed }) =>
      state === 'disagrees'
        ? [colors.red(`SECURITY ERROR: ${address}: ${oneLine(nameOf(module, of))}: checksum mismatch: it gives ${hash ?? 'what is no zip file'}, the checksum database has ${signed}\n`)]
        : [],
    ),
  ]);
  const plural = modules.length === 1 ? 'module' : 'modules';
  return `${table.join('')}${notes.length > 0 ? `\n${notes.join('')}` : ''}\nasked about ${modules.length} public ${plural} of this project\n`;
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
