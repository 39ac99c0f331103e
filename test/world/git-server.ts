import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect, createServer as createNetServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** Git's own server programs, on loopback, over a directory of bare repositories. */
export interface GitServer {
  /** The address below which the repositories are, with a slash at its end. */
  readonly url: string;
  /** `METHOD PATH` of every request so far; a daemon has none to tell. */
  readonly requests: string[];
  close(): Promise<void>;
}

export interface GitHttpOptions {
  /** `USER:PASSWORD`, without which nothing is served. */
  readonly login?: string;
  readonly certificate?: { readonly cert: string; readonly key: string };
}

/** Serves repositories by `git http-backend`, a CGI program. */
export async function serveGitHttp(root: string, { login, certificate }: GitHttpOptions = {}): Promise<GitServer> {
  const requests: string[] = [];
  const running = new Set<ChildProcess>();
  const wanted = login && `Basic ${Buffer.from(login).toString('base64')}`;
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    requests.push(`${request.method} ${request.url}`);
    if (wanted === undefined || request.headers.authorization === wanted) {
      running.add(runBackend(root, request, response, (child) => running.delete(child)));
    } else {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end('Sign in\n');
    }
  };
  const server = certificate ? createSecureServer({ ...certificate }, answer) : createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${certificate ? 'https' : 'http'}://127.0.0.1:${port}/`,
    requests,
    close: () =>
      new Promise((resolve) => {
        for (const child of running) child.kill();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Serves repositories by `git daemon`. */
export async function startGitDaemon(root: string): Promise<GitServer> {
  const port = await freePort();
  const program = join(execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim(), 'git-daemon');
  const args = ['--export-all', '--reuseaddr', `--base-path=${root}`, '--listen=127.0.0.1', `--port=${port}`, '--informative-errors', root];
  const child = spawn(program, args, { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await answering(port);
  return {
    url: `git://127.0.0.1:${port}/`,
    requests: [],
    close: () => {
      child.kill();
      return ended;
    },
  };
}

/** One request as CGI has it (RFC 3875). */
function runBackend(root: string, request: IncomingMessage, response: ServerResponse, done: (child: ChildProcess) => void): ChildProcess {
  const { pathname, search } = new URL(request.url ?? '/', 'http://localhost');
  const { headers } = request;
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'], GIT_PROJECT_ROOT: root, GIT_HTTP_EXPORT_ALL: '1', GIT_CONFIG_NOSYSTEM: '1', HOME: root,
      PATH_INFO: decodeURIComponent(pathname), QUERY_STRING: search.slice(1), REQUEST_METHOD: request.method,
      CONTENT_TYPE: headers['content-type'] ?? '', HTTP_CONTENT_ENCODING: headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(headers['git-protocol'] ?? ''), REMOTE_ADDR: '127.0.0.1',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  request.pipe(child.stdin).on('error', () => undefined);
  let head = Buffer.alloc(0);
  child.stdout.on('data', (chunk: Buffer) => {
    if (response.headersSent) {
      response.write(chunk);
      return;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end === -1) return;
    const fields = head.toString('latin1', 0, end).split('\r\n').map((line) => line.split(/: (.*)/) as [string, string]);
    const status = fields.find(([name]) => name === 'Status')?.[1] ?? '200';
    response.writeHead(Number.parseInt(status, 10), Object.fromEntries(fields.filter(([name]) => name !== 'Status')));
    response.write(head.subarray(end + 4));
  });
  child.on('close', () => {
    done(child);
    if (!response.headersSent) response.writeHead(500);
    response.end();
  });
  return child;
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createNetServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Waits until somebody accepts connections at a port, ten seconds at most. */
export async function answering(port: number): Promise<void> {
  for (let look = 0; look < 200; look++) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true));
      socket.on('error', () => resolve(false)).on('connect', () => socket.destroy());
    });
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nobody answers at port ${port}`);
}
