import type { Fact } from '../engine/facts.ts';
import { escapePath, escapeVersion } from '../syntax/module-path.ts';
import type { AnswerKind } from './answer-cache-files.ts';
import type { AnswerCache, StoredAnswer } from './answer-cache.ts';
import { parseUrl, shownUrl } from './credentials.ts';
import type { Trace } from './http.ts';
import { decode } from './module-proxy.ts';
import type { ModBytes, ModuleProxy } from './module-proxy.ts';

/** For how long answers from the disk count, in milliseconds; what can't change counts for ever. */
export const COUNTS_FOR = { changing: 5 * 60_000, absent: 60_000 };

export interface RememberingProxyOptions {
  /** The proxy's address; user and password in it are no part of what is kept. */
  readonly address: string;
  readonly cache: AnswerCache;
  /** Nobody can be asked: lists count however old they are, as what they have stays true. */
  readonly offline: boolean;
  readonly trace?: Trace | undefined;
  /** The clock, in milliseconds since 1970. */
  readonly now?: () => number;
}

/** A proxy whose answers are kept on disk. */
export interface RememberingProxy extends ModuleProxy {
  /**
   * Says that a go.mod which the proxy gave is the right one, as far as anybody vouches for it: from now on it is kept.
   * One that is not is never kept, and `refuseMod` drops it where it was.
   */
  confirmMod(path: string, version: string, mod: ModBytes): void;
  /** True when the answer came from the disk, so that the proxy may have a better one. */
  refuseMod(path: string, version: string, mod: ModBytes): Promise<boolean>;
}

/**
 * Puts the cache before a proxy: `.info` and `.mod` of versions are kept for ever, lists and queries for five minutes,
 * and for one what was not there. Failures are not kept. A `file://` proxy is on the disk already.
 */
export function createRememberingProxy(proxy: ModuleProxy, options: RememberingProxyOptions): RememberingProxy {
  const { address, cache, offline, trace, now = Date.now } = options;
  const identity = identityOf(address);
  const isLocal = parseUrl(address)?.protocol === 'file:';
  const fromDisk = new WeakSet<ModBytes>();

  function keyOf(path: string, what: string): string {
    return JSON.stringify([identity, path, what]);
  }

  async function remembered<T>(
    kind: AnswerKind,
    path: string,
    what: string,
    value: (answer: StoredAnswer, fact: Fact<T>) => Fact<T>,
  ): Promise<Fact<T> | undefined> {
    if (isLocal) return undefined;
    const started = performance.now();
    const answer = await cache.read(kind, keyOf(path, what));
    if (answer === undefined) return undefined;
    const fact = answer.value as Fact<T>;
    const age = now() - answer.at;
    if (!counts(kind, fact.state, age, offline)) return undefined;
    trace?.({
      purpose: kind,
      url: shownAddress(address, path, kind, what),
      status: fact.state === 'known' ? 200 : 404,
      why: undefined,
      milliseconds: performance.now() - started,
      bytes: answer.body.length,
      cached: true,
    });
    return value(answer, fact);
  }

  async function ask<T>(kind: AnswerKind, path: string, what: string, asking: () => Promise<Fact<T>>): Promise<Fact<T>> {
    const known = await remembered<T>(kind, path, what, (_, fact) => fact);
    if (known) return known;
    const fact = await asking();
    if (!isLocal && (fact.state === 'known' || fact.state === 'absent')) cache.write(kind, keyOf(path, what), fact);
    return fact;
  }

  return {
    list: (path, signal) => ask('list', path, '', () => proxy.list(path, signal)),
    info: (path, version, signal) => ask('info', path, version, () => proxy.info(path, version, signal)),
    query: (path, query, signal) => ask('query', path, query, () => proxy.query(path, query, signal)),
    // Zip files are too large for this cache; what is kept of them is kept whole (module-zips.ts).
    zip: (path, version, file, signal) => proxy.zip(path, version, file, signal),

    async mod(path, version, signal) {
      const known = await remembered<ModBytes>('mod', path, version, ({ body }, fact) => {
        if (fact.state !== 'known') return fact;
        const mod = { bytes: body, text: decode(body), from: fact.value.from };
        fromDisk.add(mod);
        return { state: 'known', value: mod };
      });
      if (known) return known;
      const fact = await proxy.mod(path, version, signal);
      if (!isLocal && fact.state === 'absent') cache.write('mod', keyOf(path, version), fact);
      return fact;
    },

    confirmMod(path, version, mod) {
      if (isLocal || fromDisk.has(mod)) return;
      cache.write('mod', keyOf(path, version), { state: 'known', value: { from: mod.from } }, mod.bytes);
    },

    async refuseMod(path, version, mod) {
      if (!fromDisk.has(mod)) return false;
      await cache.drop('mod', keyOf(path, version));
      return true;
    },
  };
}

/** Whether an answer of an age, in milliseconds, still counts. An age below zero is that of a clock set back. */
function counts(kind: AnswerKind, state: Fact<unknown>['state'], age: number, offline: boolean): boolean {
  if (state === 'absent') return age >= 0 && age < COUNTS_FOR.absent;
  if (kind === 'info' || kind === 'mod' || (kind === 'list' && offline)) return true;
  return age >= 0 && age < COUNTS_FOR.changing;
}

/** What tells one server from another. Credentials are none of it, so that not even their hash is written. */
export function identityOf(address: string): string {
  const url = parseUrl(address);
  if (!url) return address;
  url.username = '';
  url.password = '';
  return url.href.replace(/\/+$/, '');
}

function shownAddress(address: string, path: string, kind: AnswerKind, what: string): string {
  const escaped = escapePath(path);
  const version = escapeVersion(what);
  const file = kind === 'list' ? 'list' : `${version.ok ? version.value : what}.${kind === 'mod' ? 'mod' : 'info'}`;
  return `${shownUrl(address).replace(/\/+$/, '')}/${escaped.ok ? escaped.value : path}/@v/${file}`;
}
