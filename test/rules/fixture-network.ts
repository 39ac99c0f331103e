import type { Checksums, Fact, ModText, OriginTags, Release, VersionList } from '../../server/src/engine/facts.ts';
import type { Network, Route } from '../../server/src/engine/network.ts';
import { neededTag, versionsOfTags } from '../../server/src/engine/origin-version.ts';
import type { ArchiveFile } from '../txtar.ts';

/**
 * The world as a fixture describes it.
 *
 * - `proxy/PATH/@v/list`, `….info`, `….mod`: what the one proxy has; a file with just `403` or another status stands for
 *   that answer.
 * - `origin/ROOT`: one tag a line, of the repository whose root import path is ROOT; `unreachable` for an origin that does
 *   not answer.
 * - `sumdb/PATH@VERSION`: the go.sum lines that the checksum database has signed.
 */
export class FixtureNetwork implements Network {
  readonly #files: ReadonlyMap<string, string>;
  requests = 0;

  constructor(files: readonly ArchiveFile[]) {
    this.#files = new Map(files.map(({ name, data }) => [name, data]));
  }

  async versions(path: string, route: Route): Promise<Fact<VersionList>> {
    return this.#chain(route, path, '@v/list', 'no such tag', (text, from) => ({ versions: words(text), from }), (origin) => ({
      versions: versionsOfTags(path, origin.root, origin.tags),
      from: origin.repository,
    }));
  }

  async release(path: string, version: string, route: Route): Promise<Fact<Release>> {
    return this.#chain(route, path, `@v/${version}.info`, 'no such tag', (_, from) => ({ version, from }), (origin) => {
      const tag = neededTag(path, origin.root, version);
      return tag !== undefined && origin.tags.includes(tag) ? { version, from: origin.repository } : undefined;
    });
  }

  async mod(path: string, version: string, route: Route): Promise<Fact<ModText>> {
    return this.#chain(route, path, `@v/${version}.mod`, 'no such tag', (text, from) => ({ text, from }), () => undefined);
  }

  async tags(path: string): Promise<Fact<OriginTags>> {
    this.requests++;
    for (const [name, data] of this.#files) {
      const root = name.startsWith('origin/') ? name.slice('origin/'.length) : undefined;
      if (root === undefined || (path !== root && !path.startsWith(`${root}/`))) continue;
      if (data.trim() === 'unreachable') return { state: 'unavailable', why: `https://${root} can't be reached` };
      return { state: 'known', value: { repository: `https://${root}`, root, tags: words(data) } };
    }
    return { state: 'absent', evidence: [{ from: `https://${path}`, said: 'repository not found' }] };
  }

  async checksums(path: string, version: string): Promise<Fact<Checksums>> {
    this.requests++;
    const record = this.#files.get(`sumdb/${path}@${version}`);
    if (record === undefined) return { state: 'absent', evidence: [{ from: 'sum.golang.org', said: '404 Not Found' }] };
    const hashes = new Map(record.trim().split('\n').map((line) => [line.split(' ')[1]!, line.split(' ')[2]!] as const));
    return {
      state: 'known',
      value: { zip: hashes.get(version), mod: hashes.get(`${version}/go.mod`), database: 'sum.golang.org' },
    };
  }

  async #chain<T>(
    route: Route,
    path: string,
    endpoint: string,
    tagless: string,
    fromProxy: (text: string, from: string) => T,
    fromOrigin: (origin: OriginTags) => T | undefined,
  ): Promise<Fact<T>> {
    this.requests++;
    const evidence: { from: string; said: string }[] = [];
    for (const entry of route.entries) {
      if (entry.kind === 'proxy') {
        const text = this.#files.get(`proxy/${path}/${endpoint}`);
        if (text !== undefined && /^[45]\d\d$/.test(text.trim())) {
          return { state: 'unavailable', why: `${entry.url} answered ${text.trim()}` };
        }
        if (text !== undefined) return { state: 'known', value: fromProxy(text, entry.url) };
        evidence.push({ from: entry.url, said: '404 Not Found' });
      } else if (entry.kind === 'direct') {
        const origin = await this.tags(path);
        if (origin.state === 'unavailable') return origin;
        const found = origin.state === 'known' ? fromOrigin(origin.value) : undefined;
        if (found !== undefined) return { state: 'known', value: found };
        if (origin.state === 'known') evidence.push({ from: origin.value.repository, said: tagless });
        if (origin.state === 'absent') evidence.push(...origin.evidence);
      }
    }
    return { state: 'absent', evidence };
  }
}

function words(text: string): string[] {
  return text.split('\n').map((line) => line.trim()).filter((line) => line !== '');
}
