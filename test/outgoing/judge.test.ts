import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHttp } from '../../server/src/net/http.ts';
import { leaksOf } from './judge.ts';
import type { Outgoing } from './judge.ts';

const settings = {
  GOPRIVATE: 'corp.example.com,*.hidden.example/team,github.com/acme/secret',
  GOPROXY: 'https://jane:s3cr3t@proxy.example,https://public.example',
  HOME: '/home/jane/work',
};
const base = { pid: 1, directory: '/home/jane/work/project', settings, netrc: 'machine login.example login joe password pa55word\n', headers: '' } as const;
const get = (url: string, more: Partial<Outgoing & { kind: 'http' }> = {}): Outgoing => {
  const { origin, pathname, search } = new URL(url);
  return { ...base, kind: 'http', method: 'GET', origin, path: pathname + search, ...more };
};
const basic = (login: string): string => `authorization: Basic ${Buffer.from(login).toString('base64')}\r\n`;

const LEAKS: readonly (readonly [what: string, outgoing: Outgoing, words: RegExp])[] = [
  ['a private module at a proxy', get('https://public.example/corp.example.com/vault/@v/list'), /public\.example heard of corp\.example\.com\/vault/],
  ['one below a prefix of the proxy', get('https://public.example/goproxy/a.hidden.example/team/x/@latest'), /heard of a\.hidden\.example\/team\/x/],
  ['one in escaped capitals', get('https://public.example/github.com/acme/secret/!x/@v/v1.0.0.info'), /heard of github\.com\/acme\/secret\/X/],
  ['one at a database', get('https://sum.example/lookup/corp.example.com/vault@v1.0.0'), /database heard of corp\.example\.com\/vault/],
  ['one at a database behind a proxy', get('https://public.example/sumdb/sum.example/lookup/corp.example.com@v1.0.0'), /database heard of corp\.example\.com/],
  ['one that was redirected', get('https://elsewhere.example/corp.example.com/vault?go-get=1'), /elsewhere\.example heard of/],
  ['one by an HTTP proxy, in a request of another', get('http://proxy.example/', { path: 'http://public.example/corp.example.com/vault/@v/list' }), /heard of corp/],
  ['one in an address for git', { ...base, kind: 'git', args: ['ls-remote', 'https://github.com/mirror/corp.example.com/vault'] }, /heard of corp/],
  ['a password elsewhere', get('https://public.example/a.example/b/@v/list', { headers: basic('jane:s3cr3t') }), /public\.example got the password for proxy\.example/],
  ['a password of netrc elsewhere', get('https://public.example/a.example/b/@v/list', { headers: basic('joe:pa55word') }), /got the password for login\.example/],
  ['a password in an address', get('https://proxy.example/s3cr3t/@v/list'), /password for proxy\.example is in the address/],
  ['a directory', get('https://public.example/home/jane/work/project/@v/list'), /heard of the directory \/home\/jane\/work\/project/],
  ['a directory in a header', get('https://public.example/a.example/b/@v/list', { headers: 'referer: /home/jane/work\r\n' }), /heard of the directory/],
];

const SOUND: readonly (readonly [what: string, outgoing: Outgoing])[] = [
  ['a public module at a proxy', get('https://public.example/github.com/acme/widget/@v/list')],
  ['a module whose path only begins alike', get('https://public.example/github.com/acme/secretary/@v/list')],
  ['a private module at its own host', get('https://corp.example.com/vault?go-get=1')],
  ['its origin, asked by git', { ...base, kind: 'git', args: ['ls-remote', 'https://github.com/acme/secret'] }],
  ['a password at its own host', get('https://proxy.example/a.example/b/@v/list', { headers: basic('jane:s3cr3t') })],
  ['a tunnel to a private host', get('http://proxy.example/', { method: 'CONNECT', path: 'corp.example.com:443' })],
];

describe('what leaves while the tests run', () => {
  for (const [what, outgoing, words] of LEAKS) {
    it(`is held to have told ${what}`, () => assert.match(leaksOf(outgoing).join('\n'), words));
  }

  for (const [what, outgoing] of SOUND) {
    it(`may tell ${what}`, () => assert.deepEqual(leaksOf(outgoing), []));
  }

  it('is recorded', async function () {
    const file = process.env['GOMOD_HEALTH_OUTGOING'];
    if (file === undefined) {
      console.log('skipped: mocha was started without --require test/outgoing/hooks.ts');
      return this.skip();
    }
    const server = createServer((_request, response) => response.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const http = createHttp({ environment: {} });
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/recorded`;
      await http.get(url, { signal: new AbortController().signal, maxBytes: 10, purpose: 'test', reach: 'configured' });
      assert.ok(existsSync(file) && readFileSync(file, 'utf8').includes('"path":"/recorded"'));
    } finally {
      await http.close();
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
