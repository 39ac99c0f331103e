import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import { connect } from 'node:net';
import type { AddressInfo, Server as NetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { isPublicAddress, privateAddressOf } from '../../server/src/net/addresses.ts';
import { parseNetrc, shownUrl } from '../../server/src/net/credentials.ts';
import { createHttp } from '../../server/src/net/http.ts';
import type { HttpAnswer, HttpOptions, HttpRequest, TracedRequest } from '../../server/src/net/http.ts';
import { proxyFor } from '../../server/src/net/http-proxy.ts';

const REQUEST: HttpRequest = { signal: new AbortController().signal, maxBytes: 1000, purpose: 'test', reach: 'configured' };

/** An answer in one line, for comparing. */
function brief(answer: HttpAnswer): string {
  return answer.kind === 'failure' ? `${answer.failure}: ${answer.why}` : `${answer.statusText}: ${Buffer.from(answer.body).toString()}`;
}

async function listen<T extends NetServer>(server: T, host = '127.0.0.1'): Promise<T> {
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return server;
}

function portOf(server: NetServer): number {
  return (server.address() as AddressInfo).port;
}

describe('the HTTP client', () => {
  const closing: (() => unknown)[] = [];

  async function serve(listener: RequestListener, host?: string): Promise<{ url: string; port: number; server: Server }> {
    const server = await listen(createServer(listener), host);
    closing.push(() => {
      server.close();
      server.closeAllConnections();
    });
    return { url: `http://127.0.0.1:${portOf(server)}`, port: portOf(server), server };
  }

  function client(options: Partial<HttpOptions> = {}): ReturnType<typeof createHttp> {
    const http = createHttp({ environment: {}, ...options, bounds: { pause: 5, connect: 1000, headers: 1000, whole: 2000, ...options.bounds } });
    closing.push(() => http.close());
    return http;
  }

  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  it('gets what is there, unpacks gzip and says who it is', async () => {
    let seen: IncomingMessage['headers'] = {};
    const { url } = await serve((request, response) => {
      seen = request.headers;
      response.setHeader('content-encoding', 'gzip');
      response.end(gzipSync('hello'));
    });
    const answer = await client().get(`${url}/a?b=c`, REQUEST);
    assert.equal(brief(answer), '200 OK: hello');
    assert.equal(seen['user-agent'], 'gomod-health');
    assert.equal(seen['authorization'], undefined);
  });

  it('passes over what comes before the answer', async () => {
    const { url } = await serve((_request, response) => {
      response.writeEarlyHints({ link: '</a>; rel=preload' }, () => response.end('late'));
    });
    assert.equal(brief(await client().get(url, REQUEST)), '200 OK: late');
  });

  it('does not unpack more than is wanted', async () => {
    const { url } = await serve((_request, response) => {
      response.setHeader('content-encoding', 'gzip');
      response.end(gzipSync(Buffer.alloc(50_000_000)));
    });
    assert.match(brief(await client().get(url, { ...REQUEST, maxBytes: 1_000_000 })), /^too-large: .* sent more than 1000000 bytes$/);
  });

  it('cuts the body of an answer that is no success, and fails on one that is', async () => {
    const { url } = await serve((request, response) => {
      response.writeHead(request.url === '/200' ? 200 : 404).end('x'.repeat(5000));
    });
    const http = client();
    assert.match(brief(await http.get(`${url}/200`, REQUEST)), /^too-large/);
    assert.equal(brief(await http.get(`${url}/404`, REQUEST)), `404 Not Found: ${'x'.repeat(1000)}`);
  });

  it('shares one request bound between all requests to a host', async () => {
    let open = 0;
    let most = 0;
    const { url } = await serve((_request, response) => {
      open += 1;
      most = Math.max(most, open);
      setTimeout(() => {
        open -= 1;
        response.end();
      }, 10);
    });
    const http = client({ bounds: { perHost: 3 } });
    await Promise.all(Array.from({ length: 20 }, () => http.get(url, REQUEST)));
    assert.equal(most, 3);
    assert.equal(http.requests, 20);
  });

  it('keeps connections', async () => {
    const { url, server } = await serve((_request, response) => response.end());
    let connections = 0;
    server.on('connection', () => (connections += 1));
    const http = client();
    for (let at = 0; at < 5; at += 1) await http.get(url, REQUEST);
    // undici may open a second one while it makes sure that the first is still good.
    assert.ok(connections <= 2, `${connections} connections`);
  });

  describe('retries', () => {
    const healing: [name: string, fail: (response: Parameters<RequestListener>[1]) => void][] = [
      ['503', (response) => response.writeHead(503).end()],
      ['429 with Retry-After', (response) => response.writeHead(429, { 'retry-after': '0' }).end()],
      ['a reset', (response) => response.socket?.resetAndDestroy()],
      ['half a body', (response) => void response.writeHead(200, { 'content-length': '9' }).write('x', () => response.destroy())],
    ];
    for (const [name, fail] of healing) {
      it(`${name} heals`, async () => {
        let asked = 0;
        const { url } = await serve((_request, response) => {
          asked += 1;
          if (asked < 3) fail(response);
          else response.end('well');
        });
        assert.equal(brief(await client().get(url, REQUEST)), '200 OK: well');
      });
    }

    it('waits as long as Retry-After says, within its bound', async () => {
      const times: number[] = [];
      const { url } = await serve((_request, response) => {
        times.push(Date.now());
        response.writeHead(times.length === 1 ? 503 : 200, { 'retry-after': '1' }).end();
      });
      assert.equal(brief(await client().get(url, REQUEST)), '200 OK: ');
      assert.ok(times[1]! - times[0]! >= 1000);
    });

    it('does not wait for what is too far away', async () => {
      const { url } = await serve((_request, response) => {
        response.writeHead(503, { 'retry-after': new Date(Date.now() + 3_600_000).toUTCString() }).end();
      });
      const http = client();
      assert.equal(brief(await http.get(url, REQUEST)), '503 Service Unavailable: ');
      assert.equal(http.requests, 1);
    });

    it('ends a pause when the signal comes', async () => {
      const { url } = await serve((_request, response) => response.writeHead(503, { 'retry-after': '5' }).end());
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 50);
      const started = Date.now();
      assert.equal(brief(await client().get(url, { ...REQUEST, signal: controller.signal })), 'cancelled: cancelled');
      assert.ok(Date.now() - started < 1000);
    });
  });

  it('gives up early on a host that can not be reached, and tries it again later', async () => {
    const { url, server } = await serve((_request, response) => response.end());
    server.close();
    const http = client({ bounds: { perHost: 2 } });
    const answers = await Promise.all(Array.from({ length: 20 }, () => http.get(url, REQUEST)));
    assert.ok(answers.every((answer) => answer.kind === 'failure' && /^connection refused by/.test(answer.why)));
    assert.ok(http.requests <= 2, `${http.requests} requests`);
  });

  it('gives up early on a host that never answers in time', async () => {
    const { url } = await serve(() => undefined);
    const http = client({ bounds: { perHost: 2, whole: 100 } });
    const started = Date.now();
    const answers = await Promise.all(Array.from({ length: 100 }, () => http.get(url, REQUEST)));
    assert.ok(answers.every((answer) => answer.kind === 'failure' && answer.failure === 'timeout'));
    assert.ok(Date.now() - started < 1500);
  });

  describe('credentials', () => {
    it('go to their own host as basic authorization, and nowhere else', async function () {
      needOpenssl(this);
      const seen: Record<string, string | undefined> = {};
      const traced: TracedRequest[] = [];
      const other = await serve((request, response) => {
        seen['other'] = request.headers.authorization ?? 'none';
        response.end('there');
      });
      const authority = makeAuthority();
      const own = await listen(createTlsServer({ key: authority.key, cert: authority.cert }, (request, response) => {
        seen[request.url!] = request.headers.authorization;
        if (request.url === '/away') response.writeHead(302, { location: other.url.replace('http:', 'https:') }).end();
        else if (request.url === '/here') response.writeHead(302, { location: '/there' }).end();
        else if (request.url === '/other-port') response.writeHead(302, { location: `https://localhost:${portOf(second)}/` }).end();
        else response.end('ok');
      }));
      const second = await listen(createTlsServer({ key: authority.key, cert: authority.cert }, (request, response) => {
        seen['second'] = request.headers.authorization ?? 'none';
        response.end('second');
      }));
      closing.push(() => own.close(), () => second.close());
      const http = client({ ca: () => [authority.cert], trace: (request) => traced.push(request) });
      const base = `https://us%40er:p%3Ass@localhost:${portOf(own)}`;
      const basic = `Basic ${Buffer.from('us@er:p:ss').toString('base64')}`;

      assert.equal(brief(await http.get(`${base}/here`, REQUEST)), '200 OK: ok');
      assert.equal(seen['/here'], basic);
      assert.equal(seen['/there'], basic);
      assert.equal(brief(await http.get(`${base}/other-port`, REQUEST)), '200 OK: second');
      assert.equal(seen['second'], 'none');
      const away = await http.get(`${base}/away`, REQUEST);
      assert.equal(away.kind, 'failure');
      assert.doesNotMatch(JSON.stringify([traced, away]), /p%3Ass|p:ss|us%40er|us@er/);
    });

    it('are not sent over http', async () => {
      const { url } = await serve((_request, response) => response.end());
      const http = client();
      const answer = await http.get(url.replace('//', '//user:secret@'), REQUEST);
      assert.equal(brief(answer), `refused: refusing to pass credentials to insecure URL: ${url}/`);
      assert.equal(http.requests, 0);
    });

    const files: [text: string, machines: string[]][] = [
      ['', []],
      ['machine a login b password c', ['a b c']],
      ['machine a\n\tlogin b\n\tpassword c\nmachine d login e password f', ['a b c', 'd e f']],
      ['machine a password c login b', ['a b c']],
      ['machine a login b\nmachine d login e password f', ['d e f']],
      ['macdef init\nmachine a login b password c\n\nmachine d login e password f', ['d e f']],
      ['machine a login b password c\ndefault login x password y\nmachine d login e password f', ['a b c']],
      ['machine a login b password', []],
    ];
    for (const [text, machines] of files) {
      it(`netrc ${JSON.stringify(text)}`, () => {
        assert.deepEqual(parseNetrc(text).map(({ machine, login, password }) => `${machine} ${login} ${password}`), machines);
      });
    }

    it('are left out of what is shown', () => {
      assert.equal(shownUrl('https://a:b@host/p?token=t#f'), 'https://host/p');
      assert.equal(shownUrl('no url'), 'an address that is not a URL');
    });

    it('do not appear when the address is no URL', async () => {
      assert.equal(brief(await client().get('https://user:secret@[', REQUEST)), 'refused: "https://[" is not a URL');
    });
  });

  describe('redirects', () => {
    it('are followed ten times', async () => {
      const { url } = await serve((request, response) => {
        const at = Number(request.url!.slice(1));
        if (at === 10) response.end('end');
        else response.writeHead(302, { location: `/${at + 1}` }).end();
      });
      const answer = await client().get(`${url}/0`, REQUEST);
      assert.equal(brief(answer), '200 OK: end');
      assert.equal(answer.kind === 'answer' && answer.url, `${url}/10`);
      const { url: endless } = await serve((_request, response) => response.writeHead(307, { location: '/' }).end());
      assert.match(brief(await client().get(endless, REQUEST)), /^redirect: .*: stopped after 10 redirects$/);
    });

    it('never lead from https to http', async function () {
      needOpenssl(this);
      const authority = makeAuthority();
      const server = await listen(createTlsServer({ key: authority.key, cert: authority.cert }, (_request, response) => {
        response.writeHead(301, { location: 'http://user:secret@plain.example/x?token=1' }).end();
      }));
      closing.push(() => server.close());
      const url = `https://localhost:${portOf(server)}`;
      assert.equal(
        brief(await client({ ca: () => [authority.cert] }).get(url, REQUEST)),
        `redirect: redirected from secure URL ${url}/ to insecure URL http://plain.example/x`,
      );
    });

    it('without a place are answers', async () => {
      const { url } = await serve((_request, response) => response.writeHead(302).end('where?'));
      assert.equal(brief(await client().get(url, REQUEST)), '302 Found: where?');
    });
  });

  describe('addresses that are not public', () => {
    const addresses: [address: string, isPublic: boolean][] = [
      ['127.0.0.1', false], ['127.9.9.9', false], ['0.0.0.0', false], ['10.1.2.3', false], ['172.16.0.1', false],
      ['172.32.0.1', true], ['192.168.1.1', false], ['169.254.169.254', false], ['100.64.0.1', false], ['100.128.0.1', true],
      ['224.0.0.1', false], ['255.255.255.255', false], ['8.8.8.8', true], ['140.82.121.4', true],
      ['::1', false], ['::', false], ['::ffff:127.0.0.1', false], ['::ffff:10.0.0.1', false], ['::ffff:8.8.8.8', true], ['::7f00:1', false],
      ['fe80::1', false], ['fd00::1', false], ['fc00::1', false], ['ff02::1', false], ['2606:4700::1111', true], ['nonsense', false],
    ];
    for (const [address, isPublic] of addresses) {
      it(`${address}: ${isPublic ? 'public' : 'not'}`, () => assert.equal(isPublicAddress(address), isPublic));
    }

    it('are found out by name', async () => {
      assert.ok(await privateAddressOf('localhost'));
      assert.equal(await privateAddressOf('8.8.8.8'), undefined);
      assert.equal(await privateAddressOf('[::1]'), '::1');
      assert.equal(await privateAddressOf('no-such-host.invalid'), undefined);
    });

    const forms = ['127.0.0.1', 'localhost', 'a.localhost', '127.1', '0x7f.1', '2130706433', '[::1]', '[::ffff:127.0.0.1]', '0.0.0.0'];
    for (const form of forms) {
      it(`${form} is not asked because of what somebody else wrote`, async () => {
        let asked = false;
        const { port } = await serve((_request, response) => {
          asked = true;
          response.end();
        });
        const answer = await client().get(`http://${form}:${port}/`, { ...REQUEST, reach: 'public' });
        assert.equal(answer.kind === 'failure' && answer.failure, 'refused');
        assert.ok(!asked);
      });
    }

    it('are reached by redirects from what the user configured', async () => {
      const inner = await serve((_request, response) => response.end('inner'));
      const outer = await serve((_request, response) => response.writeHead(302, { location: inner.url }).end());
      assert.equal(brief(await client().get(outer.url, REQUEST)), '200 OK: inner');
    });
  });

  describe('TLS', () => {
    it('speaks HTTP/2 where it is offered, over one connection', async function () {
      needOpenssl(this);
      const authority = makeAuthority();
      const versions = new Set<string>();
      let sessions = 0;
      const server = await listen(createSecureServer({ key: authority.key, cert: authority.cert, allowHTTP1: true }, (request, response) => {
        versions.add(request.httpVersion);
        setTimeout(() => response.end('two'), 5);
      }));
      server.on('session', () => (sessions += 1));
      const http = client({ ca: () => [authority.cert] });
      closing.push(() => server.close());
      const answers = await Promise.all(Array.from({ length: 50 }, () => http.get(`https://localhost:${portOf(server)}/`, REQUEST)));
      assert.ok(answers.every((answer) => brief(answer) === '200 OK: two'));
      assert.deepEqual([...versions], ['2.0']);
      assert.equal(sessions, 1);
    });

    it('bounds, writes, loses and leaves answers over HTTP/2 as over HTTP/1.1', async function () {
      needOpenssl(this);
      const authority = makeAuthority();
      const body = Buffer.alloc(1 << 20, 'two');
      const server = await listen(createSecureServer({ key: authority.key, cert: authority.cert }, ({ url }, response) => {
        response.writeHead(url === '/missing' ? 404 : 200);
        response.write(body);
        if (url === '/half') setTimeout(() => response.stream.close(2), 20);
        else if (url !== '/hang') response.end();
      }));
      const http = client({ ca: () => [authority.cert] });
      const directory = mkdtempSync(join(tmpdir(), 'gomod-http2-'));
      closing.push(() => server.close(), () => rmSync(directory, { recursive: true }));
      const ask = (path: string, request: Partial<HttpRequest> = {}): Promise<HttpAnswer> =>
        http.get(`https://localhost:${portOf(server)}${path}`, { ...REQUEST, maxBytes: body.length, ...request });
      const file = join(directory, 'whole');
      assert.equal(brief(await ask('/whole', { file })), '200 OK: ');
      assert.ok(readFileSync(file).equals(body));
      assert.match(brief(await ask('/whole', { file, maxBytes: 100_000 })), /^too-large: .* sent more than 100000 bytes$/);
      assert.match(brief(await ask('/whole', { file: join(directory, 'none', 'x') })), /can't be written to the disk: ENOENT/);
      const missing = await ask('/missing', { file: join(directory, 'missing'), maxBytes: 6 });
      assert.equal(brief(missing), '404 Not Found: twotwo');
      assert.match(brief(await ask('/half')), /^reset: localhost:\d+ closed the connection before its answer was complete/);
      const leaving = new AbortController();
      setTimeout(() => leaving.abort(), 50);
      assert.equal(brief(await ask('/hang', { file, signal: leaving.signal })), 'cancelled: cancelled');
      assert.match(brief(await ask('/hang')), /^timeout: .* did not answer in full within 2 s$/);
      assert.equal(brief(await ask('/whole', { maxBytes: 2 << 20 })).length, '200 OK: '.length + body.length);
    });

    const faults: [name: string, words: RegExp, days: number, trusted: boolean, host: string][] = [
      ['a certificate signed by itself', /signed by itself alone \(x509: certificate signed by unknown authority\)/, 2, false, 'localhost'],
      ['the certificate of another host', /is for another host/, 2, true, '127.0.0.1'],
      ['an expired certificate', /^tls: the certificate of .* has expired/, -1, true, 'localhost'],
    ];
    for (const [name, words, days, trusted, host] of faults) {
      it(`${name} is refused in plain words`, async function () {
        needOpenssl(this);
        const authority = makeAuthority(days);
        const server = await listen(createTlsServer({ key: authority.key, cert: authority.cert }, (_request, response) => response.end('ok')));
        closing.push(() => server.close());
        const url = `https://${host}:${portOf(server)}/`;
        const answer = await client(trusted ? { ca: () => [authority.cert] } : {}).get(url, REQUEST);
        assert.equal(answer.kind === 'failure' && answer.failure, 'tls');
        assert.match(brief(answer), words);
        assert.equal(brief(await client().get(url, { ...REQUEST, insecure: true })), '200 OK: ok');
      });
    }

    it('a server that does not speak it is told apart', async () => {
      const { port } = await serve((_request, response) => response.end());
      assert.match(brief(await client().get(`https://localhost:${port}/`, REQUEST)), /^(tls|reset|garbled): localhost:/);
    });
  });

  it('says that a name can not be found', async () => {
    assert.match(brief(await client().get('http://no-such-host.invalid/', REQUEST)), /^dns: (no such host|Temporary failure in name resolution): .*no-such-host.invalid/);
  });

  it('says that something is not HTTP', async () => {
    const { createServer: createNetServer } = await import('node:net');
    const server = await listen(createNetServer((socket) => socket.on('error', () => undefined).end('220 mail.example ESMTP\r\n')));
    closing.push(() => server.close());
    assert.match(brief(await client().get(`http://127.0.0.1:${portOf(server)}/`, REQUEST)), /^garbled: .* answered something that is not HTTP$/);
  });

  describe('HTTP proxies', () => {
    const settings: [url: string, environment: Record<string, string>, proxy: string | undefined][] = [
      ['https://a.example/', {}, undefined],
      ['https://a.example/', { HTTPS_PROXY: 'http://p:1' }, 'http://p:1/'],
      ['https://a.example/', { https_proxy: 'p:1' }, 'http://p:1/'],
      ['https://a.example/', { HTTP_PROXY: 'http://p:1' }, undefined],
      ['http://a.example/', { HTTP_PROXY: 'http://p:1' }, 'http://p:1/'],
      ['http://10.1.2.3/', { HTTP_PROXY: 'http://p:1', NO_PROXY: 'x,10.0.0.0/8' }, undefined],
      ['http://11.1.2.3/', { HTTP_PROXY: 'http://p:1', NO_PROXY: '10.0.0.0/8, fd00::/8,1.2.3.4/99' }, 'http://p:1/'],
      ['http://[fd00::5]/', { HTTP_PROXY: 'http://p:1', no_proxy: 'fd00::/8' }, undefined],
    ];
    for (const [url, environment, proxy] of settings) {
      it(`for ${url} with ${JSON.stringify(environment)}: ${proxy}`, () => assert.equal(proxyFor(new URL(url), environment), proxy));
    }

    async function startProxy(): Promise<{ port: number; seen: string[] }> {
      const seen: string[] = [];
      const { port, server } = await serve((request, response) => {
        seen.push(`${request.method} ${request.url} ${request.headers['proxy-authorization'] ?? 'nobody'}`);
        if (request.headers['proxy-authorization'] === undefined) response.writeHead(407).end();
        else response.end('through');
      });
      server.on('connect', (request, socket, head) => {
        seen.push(`CONNECT ${request.url} ${request.headers['proxy-authorization'] ?? 'nobody'}`);
        if (request.headers['proxy-authorization'] === undefined) {
          socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
          return;
        }
        const target = connect(Number(request.url!.split(':')[1]), '127.0.0.1', () => {
          socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
          target.write(head);
          target.pipe(socket).pipe(target);
        });
        target.on('error', () => socket.destroy());
        socket.on('error', () => target.destroy());
        closing.unshift(() => target.destroy());
      });
      return { port, seen };
    }

    const login = `Basic ${Buffer.from('me:word').toString('base64')}`;

    it('carry http with the address in full', async () => {
      const proxy = await startProxy();
      const http = client({ environment: { HTTP_PROXY: `http://me:word@127.0.0.1:${proxy.port}` } });
      assert.equal(brief(await http.get('http://mod.example/x', REQUEST)), '200 OK: through');
      assert.deepEqual(proxy.seen, [`GET http://mod.example/x ${login}`]);
    });

    it('carry https in a tunnel', async function () {
      needOpenssl(this);
      const authority = makeAuthority(2, 'mod.example');
      const server = await listen(createTlsServer({ key: authority.key, cert: authority.cert }, (_request, response) => response.end('secret')));
      closing.push(() => server.close());
      const proxy = await startProxy();
      const http = client({ ca: () => [authority.cert], environment: { HTTPS_PROXY: `http://me:word@127.0.0.1:${proxy.port}` } });
      assert.equal(brief(await http.get(`https://mod.example:${portOf(server)}/x`, REQUEST)), '200 OK: secret');
      assert.deepEqual(proxy.seen, [`CONNECT mod.example:${portOf(server)} ${login}`]);
    });

    it('are taken without a certificate that can be verified where the user said so, and what is behind them never', async function () {
      needOpenssl(this);
      const { key, cert } = makeAuthority(2, 'localhost');
      const proxy = await listen(createTlsServer({ key, cert }, (_request, response) => response.end()));
      proxy.on('connect', (_request, socket) => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\nthrough'));
      });
      closing.push(() => proxy.close());
      const address = `https://localhost:${portOf(proxy)}`;
      const environment = { HTTP_PROXY: address, HTTPS_PROXY: address };
      assert.match(brief(await client({ environment }).get('http://mod.example/x', REQUEST)), /^tls: /);
      const http = client({ environment, insecureProxy: true });
      assert.equal(brief(await http.get('http://mod.example/x', REQUEST)), '200 OK: through');
      const behind = client({ insecureProxy: true });
      assert.match(brief(await behind.get(`${address}/x`, REQUEST)), /^tls: /);
    });

    it('that never answer are waited for no longer than others', async () => {
      const proxy = await listen(createServer());
      proxy.on('connect', (_request, socket) => closing.push(() => socket.destroy()));
      closing.push(() => proxy.close());
      const started = performance.now();
      const answer = await client({ environment: { HTTPS_PROXY: `http://127.0.0.1:${portOf(proxy)}` } }).get('https://mod.example/x', REQUEST);
      assert.match(brief(answer), /^timeout: mod\.example did not answer in full within 2 s$/);
      assert.ok(performance.now() - started < 4000);
    });

    it('that refuse are told in plain words, without the password', async () => {
      const proxy = await startProxy();
      const environment = { HTTP_PROXY: `http://127.0.0.1:${proxy.port}`, HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` };
      assert.match(brief(await client({ environment }).get('https://mod.example/x', REQUEST)), /^connect: the HTTP proxy refused .* 407 Proxy Authentication Required; name its user and password in HTTPS_PROXY/);
      assert.match(brief(await client({ environment }).get('http://mod.example/x', REQUEST)), /407 Proxy Authentication Required/);
      const gone = { HTTPS_PROXY: 'http://me:word@127.0.0.1:1' };
      const answer = await client({ environment: gone }).get('https://mod.example/x', REQUEST);
      assert.equal(answer.kind, 'failure');
      assert.doesNotMatch(brief(answer), /word/);
    });

    it('are not used for this machine nor for names in NO_PROXY', async () => {
      const { url } = await serve((_request, response) => response.end('straight'));
      const environment = { HTTP_PROXY: 'http://127.0.0.1:1', NO_PROXY: 'mod.example' };
      assert.equal(brief(await client({ environment }).get(url, REQUEST)), '200 OK: straight');
      assert.match(brief(await client({ environment }).get('http://a.mod.example/', REQUEST)), /^dns: /);
    });
  });

  it('traces every request', async () => {
    const traced: TracedRequest[] = [];
    const { url } = await serve((request, response) => {
      if (request.url === '/gone?x') response.writeHead(410).end('gone');
      else response.socket?.resetAndDestroy();
    });
    const http = client({ trace: (request) => traced.push(request), bounds: { attempts: 2 } });
    await http.get(`${url}/gone?x`, REQUEST);
    await http.get(`${url}/reset`, REQUEST);
    assert.deepEqual(
      traced.map(({ purpose, url: to, status, bytes, cached, why }) => [purpose, to, status, bytes, cached, why === undefined]),
      [
        ['test', `${url}/gone`, 410, 4, false, true],
        ['test', `${url}/reset`, undefined, 0, false, false],
        ['test', `${url}/reset`, undefined, 0, false, false],
      ],
    );
  });
});

/** Skips a test where certificates can't be made. */
function needOpenssl(test: Mocha.Context): void {
  try {
    execFileSync('openssl', ['version'], { stdio: 'pipe' });
  } catch {
    console.log('skipped: openssl is not installed, so no certificate can be made');
    test.skip();
  }
}

/** A key and a certificate that is its own authority, good for some days from now; with less than none it has expired. */
function makeAuthority(days = 2, name = 'localhost'): { key: string; cert: string } {
  const directory = mkdtempSync(join(tmpdir(), 'gomod-tls-'));
  const [key, request, cert] = ['key.pem', 'request.pem', 'cert.pem'].map((file) => join(directory, file)) as [string, string, string];
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { stdio: 'pipe' });
  try {
    const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
    openssl('req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out', request, ...subject);
    openssl('x509', '-req', '-in', request, '-signkey', key, '-days', String(days), '-copy_extensions', 'copy', '-out', cert);
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
