import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Checksums, Fact } from '../engine/facts.ts';
import type { ModuleVersion } from '../engine/module-version.ts';
import { latestVersion } from '../engine/version-choice.ts';
import { compare } from '../syntax/semver.ts';
import { shownUrl } from './credentials.ts';
import { hashGoMod } from './dirhash.ts';
import type { HttpGet } from './http.ts';
import { createModuleProxy } from './module-proxy.ts';
import type { HashZip } from './module-zips.ts';

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
  /** What the proxy gives. */
  readonly hash: string;
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
  hashZip: HashZip,
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
  const zip = modules[0] && (await measureZip(address, modules[0], get, hashZip, signal));
  if (zip) tally.count(zip.fact);
  if (zip?.fact.state === 'known') integrity.push(judge(modules[0]!, 'module', zip.fact.value.hash, modules[0]!.checksums?.zip));
  return {
    address: shownUrl(address).replace(/\/+$/, ''),
    ...tally.result(),
    zip: zip?.fact.state === 'known' ? { bytes: zip.fact.value.bytes, milliseconds: zip.milliseconds } : undefined,
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

function judge({ path, version }: SampleModule, of: Integrity['of'], hash: string, signed: string | undefined): Integrity {
  const state = signed === undefined ? 'unchecked' : hash === signed ? 'agrees' : 'disagrees';
  return { module: { path, version }, of, hash, signed, state };
}

interface MeasuredZip {
  readonly bytes: number;
  readonly hash: string;
}

/** What is no zip file at all, such as a page of HTML, is a failure of the proxy and no forgery. */
async function measureZip(
  address: string,
  { path, version }: ModuleVersion,
  get: HttpGet,
  hashZip: HashZip,
  signal: AbortSignal,
): Promise<{ fact: Fact<MeasuredZip>; milliseconds: number }> {
  const proxy = createModuleProxy(address, (url, request) => get(url, { ...request, maxBytes: MAX_ZIP }));
  const directory = await mkdtemp(join(tmpdir(), 'gomod-health-'));
  try {
    const file = join(directory, 'module.zip');
    const started = performance.now();
    const fact = await proxy.zip(path, version, file, signal);
    const milliseconds = performance.now() - started;
    if (fact.state !== 'known') return { fact, milliseconds };
    const { size: bytes } = await stat(file);
    const hash = await hashZip(file);
    if (hash.ok) return { fact: { state: 'known', value: { bytes, hash: hash.value } }, milliseconds };
    return { fact: { state: 'unavailable', why: `proxy ${fact.value.from} gave no usable zip file: ${hash.error}` }, milliseconds };
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  }
}
