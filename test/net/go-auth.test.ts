import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGoAuth } from '../../server/src/net/go-auth.ts';
import type { AuthHeaders, GoAuth } from '../../server/src/net/go-auth.ts';
import { createHttp } from '../../server/src/net/http.ts';
import type { HttpAnswer, TracedRequest } from '../../server/src/net/http.ts';
import { makeCertificate, serveSecurely } from '../privacy/secure-server.ts';
import type { Certificate, SecureServer } from '../privacy/secure-server.ts';

const { signal } = new AbortController();
const REFUSED = { statusText: '401 Unauthorized', headers: { 'www-authenticate': 'Basic realm="x"', 'content-length': '0' } };

function basicOf(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

/**
 * A command for GOAUTH: it notes its arguments and what it reads in `ran`, and writes the file `first`, or the file
 * `after` when it is given an address.
 */
const COMMAND = `
import { appendFileSync, readFileSync } from 'node:fs';
const directory = process.argv[2];
const [, , , ...args] = process.argv;
const input = readFileSync(0, 'utf8');
appendFileSync(directory + '/ran', JSON.stringify({ args, input }) + '\\n');
process.stderr.write('token s3cr3t');
process.stdout.write(readFileSync(directory + '/' + (args.length > 0 ? 'after' : 'first'), 'utf8'));
`;

describe('GOAUTH', function () {
  this.timeout(60_000);
  let directory: string;
  let environment: NodeJS.ProcessEnv;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'gomod-auth-'));
    environment = { PATH: process.env['PATH'], HOME: directory, GIT_CONFIG_NOSYSTEM: '1' };
    for (const [name, text] of [['command.mjs', COMMAND], ['first', ''], ['after', '']] as const) {
      await writeFile(join(directory, name), text);
    }
  });
  // The go command's telemetry may still write when it has ended.
  afterEach(() => rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));

  const command = (): string => `${process.execPath} ${directory}/command.mjs ${directory}`;
  const ran = async (): Promise<{ args: string[]; input: string }[]> => {
    const text = await readFile(join(directory, 'ran'), 'utf8').catch(() => '');
    return text.split('\n').filter(Boolean).map((line) => JSON.parse(line) as { args: string[]; input: string });
  };
  const knownOf = (auth: GoAuth, url: string): Promise<AuthHeaders | undefined> => auth.headersFor(new URL(url), signal);
  const renewedOf = (auth: GoAuth, url: string): Promise<AuthHeaders | undefined> => auth.headersAfter(new URL(url), REFUSED, signal);

  it('netrc gives what the file has, for https and the same host only', async () => {
    const file = join(directory, 'netrc');
    await writeFile(file, 'machine proxy.example login me password word\nmachine proxy.example login later password word\n');
    const header = { authorization: basicOf('me', 'word') };
    for (const value of [undefined, 'netrc', ` git ${directory} ; netrc `]) {
      const auth = createGoAuth({ ...environment, NETRC: file }, value);
      assert.deepEqual(await knownOf(auth, 'https://proxy.example/x'), header);
      for (const url of ['http://proxy.example/', 'https://proxy.example:8443/', 'https://other.example/', 'https://a.proxy.example/']) {
        assert.equal(await knownOf(auth, url), undefined, url);
      }
    }
    await writeFile(join(directory, '.netrc'), 'machine home.example login me password word\n');
    assert.deepEqual(await knownOf(createGoAuth(environment), 'https://home.example/'), header);
    assert.equal(await knownOf(createGoAuth({ ...environment, NETRC: join(directory, 'none') }), 'https://home.example/'), undefined);
  });

  it('off gives nothing', async () => {
    await writeFile(join(directory, '.netrc'), 'machine home.example login me password word\n');
    assert.equal(await knownOf(createGoAuth(environment, 'off'), 'https://home.example/'), undefined);
  });

  const faults: [value: string, fault: string][] = [
    ['', 'GOAUTH encountered an empty command'],
    ['netrc;', 'GOAUTH encountered an empty command'],
    ['off;netrc', 'GOAUTH=off cannot be combined with other authentication commands'],
    ['git', 'GOAUTH=git dir method requires an absolute path to the git working directory'],
    ['git a b', 'GOAUTH=git dir method requires an absolute path to the git working directory'],
    ['git a', 'GOAUTH=git dir method requires an absolute path to the git working directory, dir is not absolute'],
    ['git /nonexistent/x', 'GOAUTH=git encountered an error; cannot stat its directory: no such file or directory'],
    ['git /dev/null', 'GOAUTH=git dir method requires an absolute path to the git working directory, dir is not a directory'],
    ['helper "a', 'cannot parse GOAUTH command: unterminated string'],
  ];
  for (const [value, fault] of faults) {
    it(`${JSON.stringify(value)} is refused, and nothing is sent`, async () => {
      const http = createHttp({ environment: {}, auth: createGoAuth(environment, value) });
      const answer = await http.get('https://127.0.0.1:1/', { signal, maxBytes: 1, purpose: 'test', reach: 'configured' });
      assert.deepEqual(answer, { kind: 'failure', failure: 'refused', why: fault });
      assert.equal(http.requests, 0);
      await http.close();
    });
  }

  it('a command is run once before, and with address and answer after a failure', async () => {
    await writeFile(join(directory, 'first'), 'https://a.example\nhttps://b.example/deep/\n\nX-Token: one\nx-token: two\n\n');
    await writeFile(join(directory, 'after'), 'https://a.example/new\n\nAuthorization: Bearer t\n\n');
    const auth = createGoAuth(environment, command());
    const known = { 'x-token': 'one, two' };
    assert.deepEqual(await Promise.all(['https://a.example/x?y=z', 'https://a.example', 'https://b.example/deep/x', 'https://b.example/deeper', 'https://b.example', 'https://a.example.org/', 'http://a.example/'].map((url) => knownOf(auth, url))),
      [known, known, known, undefined, undefined, undefined, undefined]);
    assert.deepEqual(await ran(), [{ args: [], input: '' }]);
    assert.deepEqual(await renewedOf(auth, 'https://user:secret@a.example/new/@v/list'), { authorization: 'Bearer t' });
    assert.deepEqual((await ran())[1], {
      args: ['https://a.example/new/@v/list'],
      input: 'HTTP/1.1 401 Unauthorized\nWww-Authenticate: Basic realm="x"\nContent-Length: 0\n\n',
    });
    assert.deepEqual(await knownOf(auth, 'https://a.example/old'), known);
    assert.deepEqual(auth.failures, []);
  });

  it('of several methods the first that knows an address wins; empty headers take credentials back', async () => {
    await writeFile(join(directory, '.netrc'), 'machine a.example login me password word\nmachine b.example login me password word\n');
    await writeFile(join(directory, 'first'), 'https://a.example\n\nX-Token: t\n\n');
    assert.deepEqual(await knownOf(createGoAuth(environment, `netrc; ${command()}`), 'https://a.example/'), { authorization: basicOf('me', 'word') });
    const auth = createGoAuth(environment, `${command()};netrc`);
    assert.deepEqual(await knownOf(auth, 'https://a.example/'), { 'x-token': 't' });
    assert.deepEqual(await knownOf(auth, 'https://b.example/'), { authorization: basicOf('me', 'word') });
    const quoted = `'${process.execPath}' "${directory}/command.mjs" ${directory}`;
    assert.deepEqual(await knownOf(createGoAuth(environment, quoted), 'https://a.example/'), { 'x-token': 't' });
  });

  const outputs: [text: string, failure: RegExp | undefined][] = [
    ['', undefined],
    ['https://a.example\n\nX: y\n\n', undefined],
    ['https://a.example\n\nX: y\n', /cannot parse output of GOAUTH command: invalid format$/],
    ['https://a.example\n\n', /invalid format$/],
    ['https://a.example', /invalid format$/],
    ['http://a.example\n\nX: y\n\n', /invalid format$/],
    ['a.example\n\nX: y\n\n', /invalid format$/],
    ['https://a.example\n\nX y\n\n', /invalid format$/],
    ['https://a.example\n\nX: a\u0000b\n\n', /invalid format$/],
    ['https://a.example\n\nX : y\n\n', /invalid format$/],
  ];
  for (const [text, failure] of outputs) {
    it(`a command that writes ${JSON.stringify(text)} ${failure ? 'gives nothing' : 'is understood'}`, async () => {
      await writeFile(join(directory, 'first'), text);
      const auth = createGoAuth(environment, command());
      assert.equal((await knownOf(auth, 'https://a.example/')) !== undefined, text !== '' && !failure);
      assert.equal(auth.failures.length, failure ? 1 : 0);
      if (failure) assert.match(auth.failures[0]!, failure);
      assert.doesNotMatch(auth.failures.join(), /s3cr3t|command\.mjs/);
    });
  }

  it('commands that fail, hang, flood or lie in the open directory hold nothing up, and say nothing secret', async () => {
    const cases: [value: string, failure: RegExp][] = [
      ['gomod-health-no-such-command --token s3cr3t', /^GOAUTH=gomod-health-no-such-command: could not run command: executable file not found$/],
      ['./command.mjs s3cr3t', /cannot run executable found relative to current directory$/],
      [`${process.execPath} -e process.exit(3) s3cr3t`, /could not run command: exit status 3$/],
      [`${process.execPath} -e setInterval(()=>0,1000) s3cr3t`, /it did not end within 0\.7 s$/],
      [`${process.execPath} -e 'while(1)require("fs").writeSync(1,"x".repeat(1<<16))' s3cr3t`, /it wrote more than 1048576 bytes$/],
    ];
    for (const [value, failure] of cases) {
      const auth = createGoAuth(environment, value, value.includes('setInterval') ? 700 : 20_000);
      assert.equal(await knownOf(auth, 'https://a.example/'), undefined);
      assert.match(auth.failures.join(), failure);
      assert.doesNotMatch(auth.failures.join(), /s3cr3t/);
    }
  });

  it('a caller who stops waiting hears at once', async () => {
    const controller = new AbortController();
    const auth = createGoAuth(environment, `${process.execPath} -e setTimeout(()=>0,1500)`);
    const waiting = auth.headersFor(new URL('https://a.example/'), controller.signal);
    const started = performance.now();
    controller.abort();
    assert.equal(await waiting, undefined);
    assert.ok(performance.now() - started < 1000);
  });

  describe('at a server', () => {
    let certificate: Certificate;
    let server: SecureServer;
    let answer: (request: IncomingMessage, response: ServerResponse) => void;

    before(function () {
      const made = makeCertificate();
      if (!made) {
        console.log('skipped: openssl is not installed, so no certificate can be made');
        return this.skip();
      }
      certificate = made;
    });
    after(() => certificate?.dispose());
    beforeEach(async () => {
      answer = guard;
      server = await serveSecurely(certificate, (request, response) => answer(request, response));
    });
    afterEach(() => server.close());

    const WANTED = basicOf('me', 's3cr3t');

    function guard({ headers }: IncomingMessage, response: ServerResponse): void {
      if (headers.authorization === WANTED) response.end('v1.0.0\n');
      else response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
    }

    async function get(value: string, path = '/m/@v/list', traced: TracedRequest[] = []): Promise<HttpAnswer> {
      const auth = createGoAuth(environment, value);
      const http = createHttp({ environment: {}, auth, ca: () => [certificate.cert], trace: (request) => traced.push(request) });
      try {
        return await http.get(`https://${server.host}${path}`, { signal, maxBytes: 1000, purpose: 'test', reach: 'configured' });
      } finally {
        await http.close();
      }
    }

    const statusOf = (found: HttpAnswer): string => (found.kind === 'answer' ? found.statusText : found.why);

    async function withStore(text: string): Promise<string> {
      await writeFile(join(directory, 'store'), text);
      await mkdir(join(directory, 'work'), { recursive: true });
      await writeFile(join(directory, '.gitconfig'), `[credential]\n\thelper = store --file ${directory}/store\n`);
      return `git ${directory}/work`;
    }

    it('git DIR gives what git has, after the server refused, and keeps it', async () => {
      const value = await withStore(`https://me:s3cr3t@${server.host}\n`);
      const traced: TracedRequest[] = [];
      assert.equal(statusOf(await get(value, '/m/@v/list', traced)), '200 OK');
      assert.deepEqual(server.requests.map(({ authorization }) => authorization), [undefined, WANTED]);
      assert.doesNotMatch(JSON.stringify(traced), /s3cr3t|bWU6/);
      assert.equal(await readFile(join(directory, 'store'), 'utf8'), `https://me:s3cr3t@${server.host}\n`);
    });

    it('git DIR that has nothing asks nobody, and the refusal says so', async () => {
      const value = await withStore('https://me:s3cr3t@other.example\n');
      assert.equal(statusOf(await get(value)), "401 Unauthorized (GOAUTH=git: 'git credential fill' failed: exit status 128)");
      assert.equal(server.requests.length, 1);
    });

    it('git credentials that the server refuses are not taken out of its store', async () => {
      const value = await withStore(`https://me:wrong@${server.host}\n`);
      assert.equal(statusOf(await get(value)), '401 Unauthorized');
      assert.equal(await readFile(join(directory, 'store'), 'utf8'), `https://me:wrong@${server.host}\n`);
    });

    it('a command gives its headers at once, or after a 404 too', async () => {
      await writeFile(join(directory, 'first'), `https://${server.host}\n\nAuthorization: ${WANTED}\n\n`);
      assert.equal(statusOf(await get(command())), '200 OK');
      assert.deepEqual(server.requests.map(({ authorization }) => authorization), [WANTED]);
      await writeFile(join(directory, 'after'), await readFile(join(directory, 'first')));
      await writeFile(join(directory, 'first'), '');
      answer = (request, response) => {
        if (request.headers.authorization === WANTED) response.end('v1.0.0\n');
        else response.writeHead(404).end();
      };
      assert.equal(statusOf(await get(command())), '200 OK');
    });

    it('a server that goes on refusing is asked once more at most, and never with what it has seen', async () => {
      answer = (_request, response) => void response.writeHead(403).end();
      await writeFile(join(directory, 'first'), `https://${server.host}\n\nAuthorization: a\n\n`);
      await writeFile(join(directory, 'after'), `https://${server.host}\n\nAuthorization: a\n\n`);
      assert.equal(statusOf(await get(command())), '403 Forbidden');
      assert.equal(server.requests.length, 1);
      await writeFile(join(directory, 'after'), `https://${server.host}\n\nAuthorization: b\n\n`);
      assert.equal(statusOf(await get(command())), '403 Forbidden');
      assert.deepEqual(server.requests.slice(1).map(({ authorization }) => authorization), ['a', 'b']);
    });

    it('no header of a command follows a redirect to another host, not even one that it has something for', async () => {
      const seen: unknown[] = [];
      const other = await serveSecurely(certificate, ({ headers }, response) => {
        seen.push(headers.authorization, headers['private-token']);
        response.end('there');
      });
      try {
        await writeFile(join(directory, 'first'), `https://${server.host}\nhttps://${other.host}\n\nAuthorization: ${WANTED}\nPrivate-Token: s3cr3t\n\n`);
        answer = (_request, response) => void response.writeHead(302, { location: `https://${other.host}/` }).end();
        assert.equal(statusOf(await get(command())), '200 OK');
        assert.deepEqual(seen, [undefined, undefined]);
        assert.deepEqual(server.requests.map(({ authorization }) => authorization), [WANTED]);
      } finally {
        await other.close();
      }
    });

    describe('as the go command', () => {
      before(async function () {
        const isThere = await new Promise<boolean>((resolve) => execFile('go', ['version'], (error) => resolve(error === null)));
        if (isThere) return;
        console.log('skipped: the go command is not installed, so it can not judge');
        this.skip();
      });

      /** Whether go gets the list, and the last Authorization that it sent for it. */
      async function go(value: string): Promise<{ ok: boolean; sent: string | undefined }> {
        const env = {
          ...environment, GOAUTH: value, GOPROXY: `https://${server.host}`, GOSUMDB: 'off', GOENV: 'off', GOTOOLCHAIN: 'local', GOFLAGS: '-modcacherw',
          GOPATH: join(directory, 'gopath'), SSL_CERT_FILE: certificate.file, NO_PROXY: '*',
        };
        await mkdir(join(directory, 'project'), { recursive: true });
        await writeFile(join(directory, 'project', 'go.mod'), 'module example.com/m\n\ngo 1.21\n');
        const ok = await new Promise<boolean>((resolve) => {
          execFile('go', ['list', '-m', '-versions', 'example.com/m2'], { cwd: join(directory, 'project'), env, timeout: 60_000 }, (error) => resolve(error === null));
        });
        return { ok, sent: server.requests.filter(({ path }) => path.endsWith('/list')).at(-1)?.authorization };
      }

      const values: [name: string, value: () => Promise<string>][] = [
        ['netrc', async () => {
          await writeFile(join(directory, '.netrc'), `machine ${server.host} login me password s3cr3t\n`);
          return 'netrc';
        }],
        ['netrc without an entry', () => Promise.resolve('netrc')],
        ['off', async () => {
          await writeFile(join(directory, '.netrc'), `machine ${server.host} login me password s3cr3t\n`);
          return 'off';
        }],
        ['git', () => withStore(`https://me:s3cr3t@${server.host}\n`)],
        ['a command that knows before', async () => {
          await writeFile(join(directory, 'first'), `https://${server.host}/example.com\n\nAuthorization: ${WANTED}\n\n`);
          return command();
        }],
        ['a command that knows after', async () => {
          await writeFile(join(directory, 'after'), `https://${server.host}/\n\nAuthorization: ${WANTED}\n\n`);
          return command();
        }],
        ['a command with nonsense, then netrc', async () => {
          await writeFile(join(directory, '.netrc'), `machine ${server.host} login me password s3cr3t\n`);
          await writeFile(join(directory, 'first'), 'nonsense');
          return `${command()};netrc`;
        }],
        ['off with another', () => Promise.resolve('off;netrc')],
        ['an empty command', () => Promise.resolve('netrc;;')],
      ];
      for (const [name, make] of values) {
        it(`${name} is answered alike`, async () => {
          answer = (request, response) => {
            if (request.url?.endsWith('/list')) guard(request, response);
            else if (request.url?.endsWith('.mod')) response.end('module example.com/m2\n');
            else if (request.url?.endsWith('.info')) response.end('{"Version":"v1.0.0"}');
            else response.writeHead(404).end();
          };
          const value = await make();
          const judged = await go(value);
          server.requests.length = 0;
          const own = await get(value, '/example.com/m2/@v/list');
          const sent = server.requests.at(-1)?.authorization;
          assert.deepEqual({ ok: own.kind === 'answer' && own.status === 200, sent }, judged);
        });
      }
    });
  });
});
