import { createServer, request as send } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** An HTTP proxy as companies have them: it tunnels (CONNECT) and carries plain requests, for whoever has logged in. */
export interface HttpProxy {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** `METHOD TARGET LOGIN` of every request. */
  readonly requests: string[];
  close(): Promise<void>;
}

/** @param ports where each host name leads to, on loopback; any other host is answered with 502 */
export async function startHttpProxy(login: string, ports: Readonly<Record<string, number>>): Promise<HttpProxy> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const wanted = `Basic ${Buffer.from(login).toString('base64')}`;
  const mayPass = (method: string, target: string, given: string | undefined): boolean => {
    requests.push(`${method} ${target} ${given === undefined ? 'nobody' : given === wanted ? 'known' : 'unknown'}`);
    return given === wanted;
  };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://nowhere.invalid');
    if (!mayPass(request.method!, url.host, request.headers['proxy-authorization'])) {
      response.writeHead(407, { 'proxy-authenticate': 'Basic realm="proxy"' }).end();
      return;
    }
    const port = ports[url.hostname];
    if (port === undefined) {
      response.writeHead(502).end();
      return;
    }
    const onward = send({ host: '127.0.0.1', port, path: url.pathname + url.search, headers: { host: url.host } }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy()).end();
  });
  server.on('connection', (socket) => sockets.add(socket.on('error', () => undefined)));
  server.on('connect', (request, socket: Socket, head: Buffer) => {
    if (!mayPass('CONNECT', request.url!, request.headers['proxy-authorization'])) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="proxy"\r\n\r\n');
      return;
    }
    const port = ports[request.url!.replace(/:\d+$/, '')];
    if (port === undefined) {
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
      return;
    }
    const target = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.write(head);
      target.pipe(socket).pipe(target);
    });
    sockets.add(target.on('error', () => socket.destroy()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
