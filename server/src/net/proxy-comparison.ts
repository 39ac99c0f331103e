import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Checksums, Fact } from '../engine/facts.ts';
import type { ModuleVersion } from '../engine/module-version.ts';
import { latestVersion } from '../engine/version-choice.ts';
import { escapePath, escapeVersion } from '../syntax/module-path.ts';
import type { Result } from '../syntax/result.ts';
import { compare } from '../syntax/semver.ts';
import { parseUrl, shownUrl } from './credentials.ts';
import { hashGoMod } from './dirhash.ts';
import type { HttpGet } from './http.ts';
import { hashZipBytes } from './module-hash.ts';
import { createModuleProxy } from './module-proxy.ts';

/** A module version that proxies are asked about, with what is known of it elsewhere. */
export interface SampleModule extends ModuleVersion {
  /** What the checksum database has signed; undefined when it could not be asked. */
  readonly checksums: Checksums | undefined;
  /** The newest version that the origin has; undefined when it could not be asked. */
  readonly newest: string | undefined;
}

/** How one proxy did. */
export interface ProxyMeasurement {
  /** Without credentials. */
  readonly address: string;
  readonly requests: number;
  /** How many answers were of use, how many said definitely that something is not there, and why others failed. */
  readonly answered: number;
  readonly absent: number;
  readonly failures: Readonly<Record<string, number>>;
  /** Of lists, `.info` and `.mod`, in milliseconds; undefined without any answer. */
  readonly median: number | undefined;
  readonly p95: number | undefined;
  /** The transfer of one zip file; undefined when none came. */
  readonly zip: { readonly bytes: number; readonly milliseconds: number } | undefined;
  readonly freshness: readonly Freshness[];
  readonly integrity: readonly Integrity[];
}

export interface Freshness {
  readonly path: string;
  /** The newest version that the proxy lists; undefined for none. */
  readonly newest: string | undefined;
  readonly state: 'current' | 'behind' | 'unchecked';
  readonly atOrigin: string | undefined;
}

export interface Integrity {
  readonly module: ModuleVersion;
  readonly of: 'module' | 'go.mod';
  readonly state: 'agrees' | 'disagrees' | 'unchecked';
  /** What the proxy gives; undefined when that can't be read. */
  readonly hash: string | undefined;
  readonly signed: string | undefined;
}

/** The largest zip file that is fetched, in bytes. */
const MAX_ZIP = 32 << 20;

/**
 * Asks one proxy about each module for its list, `.info` and `.mod`, and for the zip file of the first: at most
 * three requests for each module and one more, one after the other, so that no request waits for another.
 */
export async function measureProxy(
  address: string,
  modules: readonly SampleModule[],
  get: HttpGet,
  signal: AbortSignal,
): Promise<ProxyMeasurement> {
  const tally = new Tally();
  const proxy = createModuleProxy(address, get);
  const freshness: Freshness[] = [];
  const integrity: Integrity[] = [];
  for (const module of modules) {
    const { path, version, checksums } = module;
    const list = await tally.timed(() => proxy.list(path, signal));
    if (list.state === 'known') freshness.push(freshnessOf(module, latestVersion(list.value.versions)));
    await tally.timed(() => proxy.info(path, version, signal));
    const mod = await tally.timed(() => proxy.mod(path, version, signal));
    if (mod.state === 'known') integrity.push(judge(module, 'go.mod', hashGoMod(mod.value.bytes), checksums?.mod));
  }
  const zip = modules[0] && (await measureZip(address, modules[0], get, signal));
  if (zip) tally.count(zip.fact);
  if (zip?.fact.state === 'known') {
    const hash = await hashZipBytes(zip.fact.value);
    integrity.push(judge(modules[0]!, 'module', hash?.ok ? hash.value : undefined, modules[0]!.checksums?.zip, hash));
  }
  return {
    address: shownUrl(address).replace(/\/+$/, ''),
    ...tally.result(),
    zip: zip?.fact.state === 'known' ? { bytes: zip.fact.value.length, milliseconds: zip.milliseconds } : undefined,
    freshness,
    integrity,
  };
}

/** The value below which a share of the values lies, by the nearest rank; undefined for none. */
export function percentile(values: readonly number[], share: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(Math.ceil(share * sorted.length) - 1, 0)];
}

class Tally {
  readonly #times: number[] = [];
  readonly #failures: Record<string, number> = {};
  #requests = 0;
  #answered = 0;
  #absent = 0;

  async timed<T>(ask: () => Promise<Fact<T>>): Promise<Fact<T>> {
    const started = performance.now();
    const fact = await ask();
    if (fact.state === 'known' || fact.state === 'absent') this.#times.push(performance.now() - started);
    this.count(fact);
    return fact;
  }

  count(fact: Fact<unknown>): void {
    this.#requests += 1;
    if (fact.state === 'known') this.#answered += 1;
    else if (fact.state === 'absent') this.#absent += 1;
    else if (fact.state === 'unavailable') this.#failures[fact.why] = (this.#failures[fact.why] ?? 0) + 1;
  }

  result(): Pick<ProxyMeasurement, 'requests' | 'answered' | 'absent' | 'failures' | 'median' | 'p95'> {
    return {
      requests: this.#requests,
      answered: this.#answered,
      absent: this.#absent,
      failures: this.#failures,
      median: percentile(this.#times, 0.5),
      p95: percentile(this.#times, 0.95),
    };
  }
}

function freshnessOf({ path, newest: atOrigin }: SampleModule, newest: string | undefined): Freshness {
  if (atOrigin === undefined) return { path, newest, atOrigin, state: 'unchecked' };
  const isBehind = newest === undefined || compare(newest, atOrigin) < 0;
  return { path, newest, atOrigin, state: isBehind ? 'behind' : 'current' };
}

/** A file that can't be unpacked is not what was signed, whatever its hash would be; one too large is not judged. */
function judge(
  { path, version }: SampleModule,
  of: Integrity['of'],
  hash: string | undefined,
  signed: string | undefined,
  found: Result<string> | undefined = { ok: true, value: '' },
): Integrity {
  const module = { path, version };
  const isJudged = signed !== undefined && found !== undefined;
  return { module, of, hash, signed, state: !isJudged ? 'unchecked' : hash === signed ? 'agrees' : 'disagrees' };
}

async function measureZip(
  address: string,
  { path, version }: ModuleVersion,
  get: HttpGet,
  signal: AbortSignal,
): Promise<{ fact: Fact<Buffer>; milliseconds: number } | undefined> {
  const escapedPath = escapePath(path);
  const escapedVersion = escapeVersion(version);
  if (!escapedPath.ok || !escapedVersion.ok) return undefined;
  const url = `${address.replace(/\/+$/, '')}/${escapedPath.value}/@v/${encodeURIComponent(escapedVersion.value)}.zip`;
  const started = performance.now();
  const fact = parseUrl(address)?.protocol === 'file:' ? await readZip(url) : await getZip(url, address, get, signal);
  return { fact, milliseconds: performance.now() - started };
}

async function getZip(url: string, address: string, get: HttpGet, signal: AbortSignal): Promise<Fact<Buffer>> {
  const from = shownUrl(address).replace(/\/+$/, '');
  const answer = await get(url, { signal, maxBytes: MAX_ZIP, purpose: 'zip', reach: 'configured' });
  if (answer.kind === 'failure') return { state: 'unavailable', why: `proxy ${from}: ${answer.why}` };
  if (answer.status === 200) return { state: 'known', value: Buffer.from(answer.body) };
  if (answer.status === 404 || answer.status === 410) return { state: 'absent', evidence: [{ from, said: answer.statusText }] };
  return { state: 'unavailable', why: `proxy ${from} answered ${answer.statusText}` };
}

async function readZip(url: string): Promise<Fact<Buffer>> {
  try {
    return { state: 'known', value: await readFile(fileURLToPath(url)) };
  } catch (error) {
    return { state: 'unavailable', why: `${shownUrl(url)} can't be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}` };
  }
}
