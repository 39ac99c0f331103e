import type { ProxyEntry } from '../../server/src/engine/environment.ts';
import type { Checksums, Evidence, Fact, ModText, OriginTags, Release, VersionList } from '../../server/src/engine/facts.ts';
import type { Network, Route } from '../../server/src/engine/network.ts';
import { tagOfVersion, versionsOfTags } from '../../server/src/engine/origin-version.ts';
import { askChain } from '../../server/src/net/proxy-chain.ts';
import { matchPrefixPatterns } from '../../server/src/syntax/module-path.ts';
import type { ArchiveFile } from '../txtar.ts';

/** The modules that nobody but their own origin may hear of, from the raw variables of a fixture. */
export interface PrivateModules {
  readonly noProxy: string;
  readonly noSumDb: string;
}

/**
 * The world as a fixture describes it. Paths and versions are written unescaped.
 *
 * - `proxy/PATH/@v/list`, `….info`, `….mod`: what the proxy `https://proxy.example.com` has. `mirror/…` is the same for
 *   `https://mirror.example.com`. The info of a branch has just
 *   the version that it stands for. A file with just `403` or another status stands for that answer.
 * - `origin/ROOT`: one tag a line, of the repository whose root import path is ROOT; `unreachable` for one that does not
 *   answer. `TAG refused: WORDS` is a tag whose commit the go command refuses with these words.
 * - `sumdb/PATH@VERSION`: the go.sum lines that the checksum database has signed; `503` or another status for that answer.
 */
export class FixtureNetwork implements Network {
  readonly #files: ReadonlyMap<string, string>;
  readonly #private: PrivateModules;
  /** What was asked of whom, in order. */
  readonly asked: string[] = [];
  /** Requests that named a private module to a server not its own. */
  readonly leaks: string[] = [];

  constructor(files: readonly ArchiveFile[], privateModules: PrivateModules) {
    this.#files = new Map(files.map(({ name, data }) => [name, data]));
    this.#private = privateModules;
  }

  get requests(): number {
    return this.asked.length;
  }

  versions(path: string, { entries }: Route): Promise<Fact<VersionList>> {
    return askChain<VersionList>(entries, async (entry) => {
      if (entry.kind === 'proxy') return this.#proxy(entry, path, '@v/list', (text, from) => ({ versions: words(text), from }));
      return this.#origin('versions', path, ({ repository, root, tags }) => {
        return { state: 'known', value: { versions: versionsOfTags(path, root, tags), from: repository } };
      });
    });
  }

  release(path: string, version: string, { entries }: Route): Promise<Fact<Release>> {
    return askChain<Release>(entries, async (entry) => {
      if (entry.kind === 'proxy') return this.#proxy(entry, path, `@v/${version}.info`, (_, from) => ({ version, from }));
      return this.#origin(`release ${version}`, path, ({ repository, root, tags }) => {
        const tag = tagOfVersion(path, root, version, tags);
        const refusal = tag === undefined ? 'no such tag' : this.#refusals(root).get(tag);
        if (refusal !== undefined) return absent(repository, refusal);
        return { state: 'known', value: { version, from: repository } };
      });
    });
  }

  /** The text of a fixture's `.info` is the version alone, or JSON as a proxy has it. */
  query(path: string, query: string, { entries }: Route): Promise<Fact<Release>> {
    return askChain<Release>(entries, async (entry) => {
      if (entry.kind === 'direct') return { state: 'unavailable', why: `the commits of ${path} are not looked at` };
      return this.#proxy(entry, path, `@v/${query}.info`, (text, from) => ({
        version: text.startsWith('{') ? String(JSON.parse(text).Version) : text.trim(),
        from,
      }));
    });
  }

  mod(path: string, version: string, { entries }: Route): Promise<Fact<ModText>> {
    return askChain<ModText>(entries, async (entry) => {
      if (entry.kind === 'proxy') return this.#proxy(entry, path, `@v/${version}.mod`, (text, from) => ({ text, from }));
      return this.#origin(`mod ${version}`, path, ({ repository }) => absent(repository, 'no such tag'));
    });
  }

  zip(): Promise<Fact<string>> {
    return Promise.resolve({ state: 'unavailable', why: 'no zip file is fetched' });
  }

  tags(path: string): Promise<Fact<OriginTags>> {
    return this.#origin('tags', path, (value) => ({ state: 'known', value }));
  }

  async checksums(path: string, version: string): Promise<Fact<Checksums>> {
    this.asked.push(`database ${path}@${version}`);
    if (matchPrefixPatterns(this.#private.noSumDb, path)) this.leaks.push(`${path} to the checksum database`);
    const record = this.#files.get(`sumdb/${path}@${version}`);
    if (record === undefined) return absent('sum.golang.org', '404 Not Found');
    if (isStatus(record)) return { state: 'unavailable', why: `sum.golang.org answered ${record.trim()}` };
    const hashes = new Map(record.trim().split('\n').map((line) => [line.split(' ')[1]!, line.split(' ')[2]!] as const));
    return {
      state: 'known',
      value: { zip: hashes.get(version), mod: hashes.get(`${version}/go.mod`), database: 'sum.golang.org' },
    };
  }

  #proxy<T>(
    { url }: Extract<ProxyEntry, { kind: 'proxy' }>,
    path: string,
    endpoint: string,
    read: (text: string, from: string) => T,
  ): Fact<T> {
    this.asked.push(`${directoryOf(url)} ${path}/${endpoint}`);
    if (matchPrefixPatterns(this.#private.noProxy, path)) this.leaks.push(`${path} to ${url}`);
    const text = this.#files.get(`${directoryOf(url)}/${path}/${endpoint}`) ?? this.#listedInfo(url, path, endpoint);
    if (text === undefined) return absent(url, '404 Not Found');
    if (!isStatus(text)) return { state: 'known', value: read(text, url) };
    const status = text.trim();
    return status === '404' || status === '410' ? absent(url, status) : { state: 'unavailable', why: `${url} answered ${status}` };
  }

  /** What a proxy lists, it also has. */
  #listedInfo(url: string, path: string, endpoint: string): string | undefined {
    const version = /^@v\/(.+)\.info$/.exec(endpoint)?.[1];
    const list = this.#files.get(`${directoryOf(url)}/${path}/@v/list`) ?? '';
    return version !== undefined && words(list).includes(version) ? version : undefined;
  }

  async #origin<T>(question: string, path: string, read: (origin: OriginTags) => Fact<T>): Promise<Fact<T>> {
    this.asked.push(`origin ${path} ${question}`);
    for (const [name, data] of this.#files) {
      const root = name.startsWith('origin/') ? name.slice('origin/'.length) : undefined;
      if (root === undefined || (path !== root && !path.startsWith(`${root}/`))) continue;
      if (data.trim() === 'unreachable') return { state: 'unavailable', why: `https://${root} can't be reached` };
      return read({ repository: `https://${root}`, root, tags: lines(data).map((line) => line.split(REFUSED)[0]!) });
    }
    return absent(`https://${path}`, 'repository not found');
  }

  #refusals(root: string): Map<string, string> {
    const refused = lines(this.#files.get(`origin/${root}`) ?? '').filter((line) => line.includes(REFUSED));
    return new Map(refused.map((line) => line.split(REFUSED) as [string, string]));
  }
}

const REFUSED = ' refused: ';

/** The folder of a fixture that stands for a proxy: the first label of its host. */
export function directoryOf(url: string): string {
  return new URL(url).hostname.split('.')[0]!;
}

export function isStatus(text: string): boolean {
  return /^[45]\d\d$/.test(text.trim());
}

function absent(from: string, said: string): { readonly state: 'absent'; readonly evidence: readonly Evidence[] } {
  return { state: 'absent', evidence: [{ from, said: said === '404' ? '404 Not Found' : said === '410' ? '410 Gone' : said }] };
}

/** A list may have a time after each version. */
function words(text: string): string[] {
  return lines(text).map((line) => line.split(' ')[0]!);
}

function lines(text: string): string[] {
  return text.split('\n').map((line) => line.trim()).filter((line) => line !== '');
}
