import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import { hashFiles, hashGoMod } from '../../server/src/net/dirhash.ts';
import { escapePath, escapeVersion } from '../../server/src/syntax/module-path.ts';
import { autoQuote } from '../../server/src/syntax/quote.ts';
import type { Result } from '../../server/src/syntax/result.ts';
import { isPseudoVersion } from '../../server/src/syntax/pseudo-version.ts';
import { sort } from '../../server/src/syntax/semver.ts';

/** One published version of a module. */
export interface PublishedModule {
  readonly path: string;
  readonly version: string;
  /** By name below the module's root; without a go.mod the proxy makes one, as Go has it. */
  readonly files: Readonly<Record<string, string>>;
  /** RFC 3339. */
  readonly time?: string;
}

/** What go.sum has for a version. */
export interface ModuleSums {
  readonly path: string;
  readonly version: string;
  /** Of the whole module. */
  readonly zip: string;
  /** Of its go.mod alone. */
  readonly mod: string;
}

/** Writes a GOPROXY tree, which serves as a `file://` proxy as it is, and gives the right hashes of its modules. */
export async function writeModuleProxy(directory: string, modules: readonly PublishedModule[]): Promise<ModuleSums[]> {
  const sums: ModuleSums[] = [];
  for (const module of modules) sums.push(await writeModule(directory, module));
  for (const path of new Set(modules.map((module) => module.path))) {
    const versions = modules.filter((module) => module.path === path).map((module) => module.version);
    const listed = sort(versions.filter((version) => !isPseudoVersion(version)));
    const file = join(directory, valueOf(escapePath(path)), '@v', 'list');
    await writeFile(file, listed.map((version) => `${version}\n`).join(''));
  }
  return sums;
}

/** The two lines of go.sum for a version. */
export function sumLines({ path, version, zip, mod }: ModuleSums): string {
  return `${path} ${version} ${zip}\n${path} ${version}/go.mod ${mod}\n`;
}

/** What a server does instead of answering as it should. */
export type Fault =
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** A page of HTML with 200. */
  | { readonly kind: 'html' }
  /** Bytes that are neither text nor anything else, with 200. */
  | { readonly kind: 'garbage' }
  /** 200 and no body at all. */
  | { readonly kind: 'empty' }
  /** Other content than the tree's, with 200. */
  | { readonly kind: 'content'; readonly body: string }
  /** The right length is promised and half of it sent. */
  | { readonly kind: 'half' }
  /** No answer at all until the client gives up. */
  | { readonly kind: 'hang' }
  /** The headers come, and then nothing. */
  | { readonly kind: 'stall' }
  /** One byte now and then, for ever. */
  | { readonly kind: 'drip' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'redirect'; readonly to: string }
  /** A body without an end. */
  | { readonly kind: 'oversized' };

export interface ProxyRequest {
  /** Escaped as it came, without the leading slash. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

export interface ModuleProxyServer {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** By path without the leading slash, or `*` for every path; may be changed at any time. */
  readonly faults: Map<string, Fault>;
  /** Every request so far. */
  readonly requests: ProxyRequest[];
  close(): Promise<void>;
}

/** Serves a GOPROXY tree on loopback, with faults. */
export async function serveModuleProxy(directory: string): Promise<ModuleProxyServer> {
  const faults = new Map<string, Fault>();
  const requests: ProxyRequest[] = [];
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname.slice(1);
    requests.push({ path, headers: request.headers });
    const fault = faults.get(path) ?? faults.get('*');
    void readTree(directory, path).then((content) => {
      if (fault) misbehave(fault, content, response);
      else serve(content, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    faults,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function writeModule(directory: string, { path, version, files, time }: PublishedModule): Promise<ModuleSums> {
  const base = join(directory, valueOf(escapePath(path)), '@v', valueOf(escapeVersion(version)));
  const mod = files['go.mod'] ?? `module ${autoQuote(path)}\n`;
  const named = Object.entries(files).map(([name, content]) => ({ name: `${path}@${version}/${name}`, content }));
  await mkdir(dirname(base), { recursive: true });
  await writeFile(`${base}.info`, `${JSON.stringify({ Version: version, Time: time ?? '2024-01-02T03:04:05Z' })}\n`);
  await writeFile(`${base}.mod`, mod);
  await writeFile(`${base}.zip`, await zipOf(named));
  const hashed = named.map(({ name, content }) => ({ name, sha256: sha256(content) }));
  return { path, version, zip: valueOf(hashFiles(hashed)), mod: hashGoMod(Buffer.from(mod)) };
}

function sha256(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}

/** The same files always give the same bytes. */
function zipOf(files: readonly { readonly name: string; readonly content: string }[]): Promise<Buffer> {
  const zip = new ZipFile();
  const mtime = new Date(1980, 0, 1);
  for (const { name, content } of files) zip.addBuffer(Buffer.from(content), name, { mtime, mode: 0o100644 });
  zip.end();
  return buffer(zip.outputStream);
}

async function readTree(directory: string, path: string): Promise<Buffer | undefined> {
  const segments = decodeURIComponent(path).split('/');
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) return undefined;
  return readFile(join(directory, ...segments)).catch(() => undefined);
}

function serve(content: Buffer | undefined, response: ServerResponse): void {
  if (content) response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(content);
  else response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('not found\n');
}

function misbehave(fault: Fault, content: Buffer | undefined, response: ServerResponse): void {
  const body = content ?? Buffer.from('v1.0.0\nv1.1.0\n');
  switch (fault.kind) {
    case 'status':
      response.writeHead(fault.status, fault.headers).end(fault.body ?? '');
      return;
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<!doctype html><html><body><h1>Sign in</h1></body></html>\n');
      return;
    case 'garbage':
      response.writeHead(200).end(Buffer.from([0, 255, 1, 254, 10, 13, 128, 0, 200, 201]));
      return;
    case 'empty':
      response.writeHead(200, { 'content-length': '0' }).end();
      return;
    case 'content':
      response.writeHead(200).end(fault.body);
      return;
    case 'half':
      response.writeHead(200, { 'content-length': String(body.length) });
      response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy());
      return;
    case 'hang':
      return;
    case 'stall':
      response.writeHead(200, { 'content-length': String(body.length) });
      response.flushHeaders();
      return;
    case 'drip':
      drip(response.writeHead(200));
      return;
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    case 'redirect':
      response.writeHead(302, { location: fault.to }).end();
      return;
    case 'oversized':
      flood(response.writeHead(200));
  }
}

function drip(response: ServerResponse): void {
  const timer = setInterval(() => response.write('v'), 20);
  response.on('close', () => clearInterval(timer));
}

function flood(response: ServerResponse): void {
  const chunk = Buffer.alloc(1 << 20, 'v1.0.0\n');
  const write = (): void => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', write);
  write();
}

function valueOf<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.error);
  return result.value;
}
