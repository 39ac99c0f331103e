import assert from 'node:assert/strict';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { Sandbox, library } from '../cli/sandbox.ts';
import { LspClient } from '../lsp/client.ts';
import { configEnvironment } from '../world/git-origin.ts';
import { makeCertificate, serveSecurely } from './secure-server.ts';
import type { Certificate, SecureServer } from './secure-server.ts';

const USER = 'jane.doe';
const PASSWORD = 's3cr3t';
const AUTHORIZATION = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}`;

/** What nobody but the server may see. */
const SECRET = new RegExp(`${PASSWORD}|${USER}|${AUTHORIZATION.slice('Basic '.length)}`);

const MOD = 'module example.com/m\n\ngo 1.21\n\nrequire (\n\tgithub.com/acme/widget v1.9.0\n\tgithub.com/acme/queue v2.1.0\n)\n';

describe('Credentials', () => {
  let certificate: Certificate;
  let sandbox: Sandbox;
  let server: SecureServer;
  let answer: (response: ServerResponse) => void;

  before(function () {
    const made = makeCertificate();
    if (made) {
      certificate = made;
      return;
    }
    console.log('skipped: openssl is not installed, so no certificate can be made');
    this.skip();
  });
  after(() => certificate?.dispose());

  beforeEach(async () => {
    sandbox = await Sandbox.open({ modules: [library('github.com/acme/widget', 'v1.0.0'), library('github.com/acme/queue', 'v1.0.0')] });
    await sandbox.write({ 'go.mod': MOD, 'go.sum': sandbox.lines('github.com/acme/queue', 'v1.0.0') });
    answer = (response) => void response.writeHead(404).end('not found\n');
    server = await serveSecurely(certificate, (_request, response) => answer(response));
  });
  afterEach(async () => {
    await server.close();
    await sandbox.close();
  });

  const trusting = (): Record<string, string> => ({ NODE_EXTRA_CA_CERTS: certificate.file, GIT_SSL_CAINFO: certificate.file });
  const withLogin = (host: string): string => `https://${USER}:${PASSWORD}@${host}`;

  /** Everything that the command lets a person or a file see. */
  async function shownByCommand(env: Record<string, string>): Promise<string> {
    const trace = join(sandbox.directory, 'trace.jsonl');
    const parts: string[] = [];
    for (const more of [['--format', 'json'], ['--unsafe-fixes']]) {
      const { stdout, stderr } = await sandbox.run(['check', '--timeout', '0.5', '--trace', trace, ...more], { env });
      parts.push(stdout, stderr, await readFile(trace, 'utf8'), await sandbox.read('go.mod'), await sandbox.read('go.sum'));
    }
    await sandbox.write({ 'go.mod': MOD });
    return [...parts, ...(await kept(join(sandbox.directory, 'cache')))].join('\n');
  }

  /** The same of the command and the language server. */
  async function shown(env: Record<string, string>): Promise<string> {
    const parts = [await shownByCommand(env)];
    const client = await LspClient.start({ env: { ...sandbox.env, ...env }, folders: [sandbox.project] });
    await client.open(sandbox.path('go.mod'));
    await client.until('the finding', () => client.faults(sandbox.path('go.mod')).length > 0);
    const view = client.connection.sendRequest('workspace/executeCommand', { command: 'gomodHealth.verifyModuleTags' });
    const actions = client.codeActions(sandbox.path('go.mod'), client.rangeOf(sandbox.path('go.mod'), 'v1.9.0'));
    const reports = ['gomodHealth.showGoEnvironment', 'gomodHealth.compareProxies'].map((command) =>
      client.connection.sendRequest('workspace/executeCommand', { command }).catch(String),
    );
    parts.push(JSON.stringify([await view, await actions, await Promise.all(reports), client.published, client.statuses, client.log]));
    await client.stop();
    return parts.join('\n');
  }

  const answers: readonly (readonly [name: string, answer: (response: ServerResponse) => void])[] = [
    ['404', (response) => void response.writeHead(404).end('not found\n')],
    ['401', (response) => void response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()],
    ['403', (response) => void response.writeHead(403).end('<html>no</html>')],
    ['500', (response) => void response.writeHead(500).end()],
    ['nonsense', (response) => void response.writeHead(200).end('<html>hello</html>')],
    ['an end', (response) => void response.destroy()],
    ['a redirect within', (response) => void response.writeHead(302, { location: '/elsewhere' }).end()],
    ['a redirect with a login', (response) => void response.writeHead(302, { location: `http://${USER}:${PASSWORD}@127.0.0.1:1/` }).end()],
  ];
  for (const [name, respond] of answers) {
    it(`in GOPROXY reach the proxy and are shown nowhere when it answers with ${name}`, async () => {
      answer = respond;
      const text = await shown({ ...trusting(), GOPROXY: withLogin(server.host) });
      assert.doesNotMatch(text, SECRET);
      assert.ok(text.includes(server.host), 'the host itself is shown');
      assert.ok(server.requests.length > 0);
      for (const { path, authorization } of server.requests) assert.equal(authorization, AUTHORIZATION, path);
      assert.doesNotMatch(server.requests.map(({ path }) => path).join('\n'), SECRET);
    });
  }

  it('in GOPROXY are shown nowhere when it answers nothing', async () => {
    answer = () => undefined;
    const text = await shownByCommand({ ...trusting(), GOPROXY: withLogin(server.host) });
    assert.doesNotMatch(text, SECRET);
    assert.match(text, /did not answer in full within 0\.5 s/);
  });

  it('in GOPROXY go to no other host, the next proxy, the database and a redirect\'s target included', async () => {
    const other = await serveSecurely(certificate, (_request, response) => void response.writeHead(404).end('not found\n'));
    try {
      answer = (response) => void response.writeHead(302, { location: `https://${other.host}/mirror` }).end();
      await shown({ ...trusting(), GOPROXY: `${withLogin(server.host)}|https://${other.host}|${sandbox.proxy.url}` });
      assert.ok(other.requests.some(({ path }) => path === '/mirror') && other.requests.some(({ path }) => path !== '/mirror'));
      assert.deepEqual([...new Set(other.requests.map(({ authorization }) => authorization))], [undefined]);
      for (const { headers } of sandbox.proxy.requests) assert.equal(headers.authorization, undefined);
    } finally {
      await other.close();
    }
  });

  it('in GOPROXY are not sent without encryption', async () => {
    const host = new URL(sandbox.proxy.url).host;
    const text = await shown({ GOPROXY: `http://${USER}:${PASSWORD}@${host}` });
    assert.doesNotMatch(text, SECRET);
    assert.match(text, /refusing to pass credentials to insecure URL/);
    assert.deepEqual(sandbox.proxy.requests, []);
  });

  for (const proxy of ['ftp://jane.doe:s3cr3t@127.0.0.1', 'https://jane.doe:s3c%zzs3cr3t@127.0.0.1', 'https://jane.doe:s3cr3t@', '://jane.doe:s3cr3t@x', 'https://jane.doe:a/s3cr3t@127.0.0.1', 'jane.doe:s3cr3t@ 127.0.0.1']) {
    it(`in a GOPROXY that can not be read are shown nowhere: ${proxy.replace(/s3cr3t|jane\.doe/g, '…')}`, async () => {
      const text = await shown({ GOPROXY: proxy });
      assert.doesNotMatch(text, SECRET);
      assert.match(text, /gomod-health: [^\n]*(proxy URL|parse)/, 'what is wrong is said');
    });
  }

  it('in GOSUMDB reach the database and are shown nowhere', async () => {
    const text = await shown({ ...trusting(), GOSUMDB: `${sandbox.database.verifierKey} ${withLogin(server.host)}` });
    assert.doesNotMatch(text, SECRET);
    assert.ok(server.requests.length > 0);
    for (const { authorization } of server.requests) assert.equal(authorization, AUTHORIZATION);
    for (const { headers } of sandbox.proxy.requests) assert.equal(headers.authorization, undefined);
  });

  it('of a netrc file reach their host alone and are shown nowhere', async () => {
    await writeFile(join(sandbox.directory, '.netrc'), `machine ${server.host}\nlogin ${USER}\npassword ${PASSWORD}\n`);
    const text = await shown({ ...trusting(), GOPROXY: `https://${server.host},${sandbox.proxy.url}` });
    assert.doesNotMatch(text, SECRET);
    assert.ok(server.requests.length > 0);
    for (const { authorization } of server.requests) assert.equal(authorization, AUTHORIZATION);
    for (const { headers } of sandbox.proxy.requests) assert.equal(headers.authorization, undefined);
  });

  /** A command for GOAUTH that has a login for the server, and notes each time that it is started. */
  async function writeCommand(): Promise<string> {
    const file = join(sandbox.directory, 'auth.mjs');
    const output = `https://${server.host}/\n\nAuthorization: ${AUTHORIZATION}\nPrivate-Token: ${PASSWORD}\n\n`;
    await writeFile(file, [
      "import { appendFileSync } from 'node:fs';",
      `appendFileSync(${JSON.stringify(`${file}.started`)}, process.argv.slice(2).join(' ') + '\\n');`,
      `process.stdout.write(${JSON.stringify(output)});`,
    ].join('\n'));
    return `${process.execPath} ${file} ${PASSWORD}`;
  }

  it('of a command in GOAUTH reach their host alone, across no redirect, and are shown nowhere', async () => {
    const seen: unknown[] = [];
    const other = await serveSecurely(certificate, ({ headers }, response) => {
      seen.push(headers.authorization, headers['private-token']);
      response.writeHead(404).end('not found\n');
    });
    try {
      answer = (response) => void response.writeHead(302, { location: `https://${other.host}/mirror` }).end();
      const text = await shown({ ...trusting(), GOAUTH: await writeCommand(), GOPROXY: `https://${server.host},https://${other.host},${sandbox.proxy.url}` });
      assert.doesNotMatch(text, SECRET);
      assert.ok(server.requests.length > 0);
      for (const { authorization } of server.requests) assert.equal(authorization, AUTHORIZATION);
      assert.ok(seen.length > 0);
      assert.deepEqual([...new Set(seen)], [undefined]);
      for (const { headers } of sandbox.proxy.requests) assert.equal(headers.authorization, undefined);
      const started = await readFile(join(sandbox.directory, 'auth.mjs.started'), 'utf8');
      for (const address of started.match(/https:\/\/\S+/g) ?? []) assert.doesNotMatch(address, SECRET);
    } finally {
      await other.close();
    }
  });

  it('of a command in GOAUTH that fails are shown nowhere, but the command is named', async () => {
    answer = answers[1]![1];
    const text = await shownByCommand({ ...trusting(), GOAUTH: `${process.execPath} /nonexistent/${PASSWORD}`, GOPROXY: `https://${server.host}` });
    assert.doesNotMatch(text, SECRET);
    assert.match(text, /401 Unauthorized \(GOAUTH=\S+: could not run command: exit status 1\)/);
  });

  it('are asked of no command while the workspace is not trusted', async () => {
    const env = { ...sandbox.env, ...trusting(), GOAUTH: await writeCommand(), GOPROXY: `https://${server.host}` };
    const client = await LspClient.start({ env, folders: [sandbox.project], initializationOptions: { trusted: false } });
    await client.open(sandbox.path('go.mod'));
    await client.until('the server is done', () => client.statuses.some(({ busy }) => !busy) && client.published.length > 0);
    await client.stop();
    assert.deepEqual(server.requests, []);
    await assert.rejects(readFile(join(sandbox.directory, 'auth.mjs.started')), 'the command was started');
  });

  it('in HTTPS_PROXY are shown nowhere when there is nobody', async () => {
    const text = await shown({ ...trusting(), GOPROXY: 'https://proxy.example.com', HTTPS_PROXY: `http://${USER}:${PASSWORD}@127.0.0.1:1` });
    assert.doesNotMatch(text, SECRET);
    assert.deepEqual(server.requests, []);
  });

  it('in git\'s own configuration are shown nowhere when the origin fails', async () => {
    const origin = `${withLogin(server.host)}/origin/`;
    const rewriting = configEnvironment([{ key: `url.${origin}.insteadOf`, value: 'https://github.com/' }]);
    for (const respond of [answers[0]![1], answers[2]![1], answers[4]![1]]) {
      answer = respond;
      const text = await shown({ ...trusting(), ...rewriting, GOPROXY: `${sandbox.proxy.url},direct` });
      assert.doesNotMatch(text, SECRET);
    }
    assert.ok(server.requests.some(({ path }) => path.startsWith('/origin/acme/')), 'git went there');
  });
});

/** The names and texts of all that is kept on the disk for later. */
async function kept(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(files.map(async (file) => `${file}\n${await readFile(file, 'latin1')}`));
}
