import assert from 'node:assert/strict';
import type { GoEnvironment, ProxyEntry } from '../../server/src/engine/environment.ts';
import type { Fact, Question } from '../../server/src/engine/facts.ts';
import type { Network, Route } from '../../server/src/engine/network.ts';
import { factSource } from '../../server/src/host/fact-source.ts';
import type { FactSourceOptions, Reach } from '../../server/src/host/fact-source.ts';
import type { ModuleCache } from '../../server/src/host/module-cache.ts';

const PROXY: ProxyEntry = { kind: 'proxy', url: 'https://proxy.example.com', fallBackOn: 'absent' };
const DIRECT: ProxyEntry = { kind: 'direct' };
const OFF: ProxyEntry = { kind: 'off' };

const NEVER = new AbortController().signal;

function environment(changes: Partial<GoEnvironment> = {}): GoEnvironment {
  return {
    proxies: [PROXY, DIRECT],
    noProxy: 'corp.example',
    noSumDb: 'corp.example',
    private: 'corp.example',
    insecure: '',
    vcs: '',
    sumDb: 'sum.example.com',
    moduleCache: undefined,
    goFlags: [],
    work: '',
    ...changes,
  };
}

/** A world that writes down what it is asked, as `METHOD PATH via ROUTE`, and knows nothing. */
class Recorder implements Network {
  readonly asked: string[] = [];
  readonly requests = 0;
  readonly offline?: boolean;

  constructor(offline?: boolean) {
    if (offline) this.offline = true;
  }

  readonly versions = (path: string, route: Route) => this.#note('versions', path, route);
  readonly release = (path: string, version: string, route: Route) => this.#note('release', `${path} ${version}`, route);
  readonly query = (path: string, query: string, route: Route) => this.#note('query', `${path} ${query}`, route);
  readonly mod = (path: string, version: string, route: Route) => this.#note('mod', `${path} ${version}`, route);
  readonly zip = (path: string, version: string, route: Route) => this.#note('zip', `${path} ${version}`, route);
  readonly tags = (path: string) => this.#note('tags', path);
  readonly checksums = (path: string, version: string, route: Route) => this.#note('checksums', `${path} ${version}`, route);

  async #note(method: string, subject: string, route?: Route): Promise<Fact<never>> {
    const via = route && ` via ${route.entries.map((entry) => (entry.kind === 'proxy' ? 'proxy' : entry.kind)).join(',')}`;
    const vouched = route && (route.sumDb === undefined ? ', unvouched' : `, ${route.sumDb}`);
    this.asked.push(`${method} ${subject}${via ?? ''}${vouched ?? ''}`);
    return { state: 'absent', evidence: [] };
  }
}

function ask(question: Question, options: Partial<FactSourceOptions>): Promise<Fact<unknown>> {
  const source = factSource({
    environment: environment(),
    reach: 'on',
    network: new Recorder(),
    cache: undefined,
    scan: { imports: async () => ({ state: 'known', value: { imports: [], packages: [], sources: new Map() } }) },
    files: { read: async () => ({ kind: 'absent' }) },
    ...options,
  });
  return source(question, NEVER);
}

function everyQuestion(path: string): Question[] {
  return [
    { kind: 'versions', path },
    { kind: 'release', path, version: 'v1.0.0' },
    { kind: 'query', path, query: 'main' },
    { kind: 'remote-mod', path, version: 'v1.0.0' },
    { kind: 'tags', path },
    { kind: 'checksums', path, version: 'v1.0.0' },
  ];
}

/** What is asked of the network for all questions about a module. */
async function asked(path: string, changes: Partial<GoEnvironment>): Promise<string[]> {
  const network = new Recorder();
  for (const question of everyQuestion(path)) await ask(question, { network, environment: environment(changes) });
  return network.asked;
}

describe('The privacy policy', () => {
  const all = (path: string, via: string, sumDb: string) => [
    `versions ${path} via ${via}, ${sumDb}`,
    `release ${path} v1.0.0 via ${via}, ${sumDb}`,
    `query ${path} main via ${via}, ${sumDb}`,
    `mod ${path} v1.0.0 via ${via}, ${sumDb}`,
  ];

  it('asks the chain and the database about a public module', async () => {
    assert.deepEqual(await asked('example.com/a', {}), [
      ...all('example.com/a', 'proxy,direct', 'sum.example.com'),
      'tags example.com/a',
      'checksums example.com/a v1.0.0 via proxy,direct, sum.example.com',
    ]);
  });

  it('asks nobody but its origin about a private one', async () => {
    for (const path of ['corp.example', 'corp.example/a', 'corp.example/a/b/v2']) {
      assert.deepEqual(await asked(path, {}), [...all(path, 'direct', 'unvouched'), `tags ${path}`]);
    }
    assert.notDeepEqual(await asked('corp.example.com/a', {}), [...all('corp.example.com/a', 'direct', 'unvouched'), 'tags corp.example.com/a']);
  });

  it('asks a private module\'s origin even with GOPROXY=off, as the go command does', async () => {
    assert.deepEqual(await asked('corp.example/a', { proxies: [OFF] }), [...all('corp.example/a', 'direct', 'unvouched'), 'tags corp.example/a']);
    assert.deepEqual(await asked('example.com/a', { proxies: [OFF] }), []);
  });

  it('asks no origin where the chain ends in off', async () => {
    const route = 'proxy,off';
    assert.deepEqual(await asked('example.com/a', { proxies: [PROXY, OFF] }), [
      ...all('example.com/a', route, 'sum.example.com'),
      `checksums example.com/a v1.0.0 via ${route}, sum.example.com`,
    ]);
  });

  it('keeps GONOPROXY and GONOSUMDB apart', async () => {
    const path = 'example.com/a';
    assert.deepEqual(await asked(path, { noProxy: '', noSumDb: 'example.com' }), [...all(path, 'proxy,direct', 'unvouched'), `tags ${path}`]);
    assert.deepEqual(await asked(path, { noProxy: 'example.com', noSumDb: '' }), [
      ...all(path, 'direct', 'sum.example.com'),
      `tags ${path}`,
      `checksums ${path} v1.0.0 via direct, sum.example.com`,
    ]);
  });

  it('asks no database with GOSUMDB=off', async () => {
    assert.deepEqual(await asked('example.com/a', { sumDb: 'off' }), [...all('example.com/a', 'proxy,direct', 'unvouched'), 'tags example.com/a']);
  });

  it('asks nobody where GOPROXY can not be read', async () => {
    assert.deepEqual(await asked('example.com/a', { proxies: [] }), []);
  });

  it('fetches zip files only where that is wanted, and by the same rules', async () => {
    const zip = (path: string): Question => ({ kind: 'package-source', path, version: 'v1.0.0', importedAs: path, importPath: path });
    const route = async (question: Question, options: Partial<FactSourceOptions>) => {
      const network = new Recorder();
      await ask(question, { network, ...options });
      return network.asked;
    };
    assert.deepEqual(await route(zip('example.com/a'), {}), []);
    assert.deepEqual(await route(zip('example.com/a'), { fetchZips: true }), ['zip example.com/a v1.0.0 via proxy,direct, sum.example.com']);
    assert.deepEqual(await route(zip('corp.example/a'), { fetchZips: true }), ['zip corp.example/a v1.0.0 via direct, unvouched']);
    assert.deepEqual(await route(zip('example.com/a'), { fetchZips: true, reach: 'cacheOnly' }), []);
    assert.deepEqual(await route(zip('example.com/a'), { fetchZips: true, environment: environment({ proxies: [OFF] }) }), []);
    const ofWorkspace = { ...zip('example.com/a'), cacheOnly: true } as Question;
    assert.deepEqual(await route(ofWorkspace, { fetchZips: true }), []);
  });

  for (const reach of ['off', 'cacheOnly'] satisfies Reach[]) {
    it(`asks nobody at all with the network ${reach}, and says why`, async () => {
      const network = new Recorder();
      for (const path of ['example.com/a', 'corp.example/a']) {
        for (const question of everyQuestion(path)) {
          const fact = await ask(question, { network, reach, reachReason: 'the user said so' });
          assert.deepEqual(fact, { state: 'unavailable', why: 'the user said so' });
        }
      }
      assert.deepEqual(network.asked, []);
    });
  }

  it('takes kept answers with the network cacheOnly, still by the same rules', async () => {
    const network = new Recorder(true);
    for (const question of everyQuestion('corp.example/a')) await ask(question, { network, reach: 'cacheOnly' });
    assert.deepEqual(network.asked, [...all('corp.example/a', 'direct', 'unvouched'), 'tags corp.example/a']);
    const off = new Recorder(true);
    for (const question of everyQuestion('example.com/a')) {
      await ask(question, { network: off, reach: 'cacheOnly', environment: environment({ proxies: [OFF] }) });
    }
    assert.deepEqual(off.asked, []);
  });
});

describe('Facts from the disk', () => {
  const cache: ModuleCache = {
    hasVersion: async () => ({ state: 'known', value: true }),
    modText: () => ({ state: 'known', value: { text: 'module m\n\ngo 1.20\n\nrequire a v1.0.0\nunknown x\n', from: 'module cache' } }),
    hasPackage: async () => ({ state: 'known', value: false }),
    zipHash: async () => ({ state: 'absent', evidence: [] }),
    listedVersions: async () => ({ state: 'absent', evidence: [] }),
    source: async () => ({ state: 'known', value: { kind: 'directory', directory: '/nowhere' } }),
  };
  const local: readonly Question[] = [
    { kind: 'cached', path: 'a', version: 'v1.0.0' },
    { kind: 'package', path: 'a', version: 'v1.0.0', importPath: 'a/b' },
    { kind: 'imports', directory: '/m' },
    { kind: 'directory-mod', directory: '/m' },
    { kind: 'mod', path: 'a', version: 'v1.0.0' },
    { kind: 'package-source', path: 'a', version: 'v1.0.0', importedAs: 'a', importPath: 'a/b' },
    { kind: 'directory-source', directory: '/m', importedAs: 'm', importPath: 'm/b' },
  ];

  it('are read with the network on and cacheOnly, and never with it off', async () => {
    const files: FactSourceOptions['files'] = { read: async () => ({ kind: 'text', text: 'module m\n', editable: true }) };
    for (const question of local) {
      for (const reach of ['on', 'cacheOnly'] satisfies Reach[]) assert.equal((await ask(question, { cache, files, reach })).state, 'known', `${question.kind} ${reach}`);
      assert.equal((await ask(question, { cache, files, reach: 'off' })).state, 'unavailable', question.kind);
    }
  });

  it('are absent without a module cache', async () => {
    for (const kind of ['cached', 'package', 'mod'] as const) {
      assert.equal((await ask({ kind, path: 'a', version: 'v1.0.0', importPath: 'a' } as Question, {})).state, 'absent');
    }
  });

  it('read a dependency\'s go.mod as the go command does', async () => {
    const fact = await ask({ kind: 'mod', path: 'a', version: 'v1.0.0' }, { cache });
    assert.equal(fact.state, 'known');
    const { path, go, requires, from } = (fact as Extract<typeof fact, { state: 'known' }>).value as Record<string, unknown>;
    assert.deepEqual({ path, go, requires, from }, { path: 'm', go: '1.20', requires: [{ path: 'a', version: 'v1.0.0' }], from: 'module cache' });
  });

  it('tell a directory without a go.mod from one that can not be read', async () => {
    const question: Question = { kind: 'directory-mod', directory: '/nowhere' };
    assert.equal((await ask(question, {})).state, 'absent');
    const files: FactSourceOptions['files'] = { read: async () => ({ kind: 'failure', why: 'permission denied', isFile: true }) };
    assert.deepEqual(await ask(question, { files }), { state: 'unavailable', why: 'permission denied' });
  });

  it('are unavailable when something breaks', async () => {
    const broken: ModuleCache = { ...cache, hasVersion: () => Promise.reject(new Error('broken')) };
    assert.deepEqual(await ask({ kind: 'cached', path: 'a', version: 'v1' }, { cache: broken }), {
      state: 'unavailable',
      why: 'an unexpected fault: broken',
    });
  });
});
