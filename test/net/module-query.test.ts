import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createModuleProxy } from '../../server/src/net/module-proxy.ts';

const PSEUDO = 'v1.2.4-0.20240102030405-0123456789ab';

/** What a proxy of files has under `@v/NAME.info`, and what a query for NAME tells. */
const CASES: readonly { readonly query: string; readonly info?: string; readonly state: string; readonly version?: string }[] = [
  { query: 'main', info: JSON.stringify({ Version: PSEUDO, Time: '2024-01-02T03:04:05Z' }), state: 'known', version: PSEUDO },
  { query: 'v1.2.3+meta', info: '{"Version":"v1.2.3"}', state: 'known', version: 'v1.2.3' },
  { query: 'short', info: '{"Version":"v1.2"}', state: 'unavailable' },
  { query: 'branch', info: '{"Version":"main"}', state: 'unavailable' },
  { query: 'html', info: '<html>', state: 'unavailable' },
  { query: 'nowhere', state: 'absent' },
  { query: 'feature/log', state: 'unavailable' },
];

describe('a query for a revision', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'gomod-query-'));
    const versions = join(directory, 'example.com', 'a', '@v');
    await mkdir(versions, { recursive: true });
    for (const { query, info } of CASES) if (info !== undefined) await writeFile(join(versions, `${query}.info`), info);
  });
  after(() => rm(directory, { recursive: true, force: true }));

  for (const { query, state, version } of CASES) {
    it(`${query} is ${state}${version === undefined ? '' : `: ${version}`}`, async () => {
      const refuse = () => Promise.reject(new Error('a proxy of files needs no network'));
      const proxy = createModuleProxy(pathToFileURL(directory).href, refuse);
      const fact = await proxy.query('example.com/a', query, new AbortController().signal);
      assert.equal(fact.state, state);
      if (fact.state === 'known') assert.equal(fact.value.version, version);
    });
  }
});
