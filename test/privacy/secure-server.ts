import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate for 127.0.0.1, which is its own authority. */
export interface Certificate {
  /** The path of a file that NODE_EXTRA_CA_CERTS and git's http.sslCAInfo may name. */
  readonly file: string;
  readonly cert: string;
  readonly key: string;
  dispose(): void;
}

/** Makes a certificate with openssl; undefined where there is none. */
export function makeCertificate(): Certificate | undefined {
  const directory = mkdtempSync(join(tmpdir(), 'gomod-health-certificate-'));
  const [key, file] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1'];
  const dispose = (): void => rmSync(directory, { recursive: true, force: true });
  try {
    execFileSync('openssl', [...request, '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', file], { stdio: 'pipe' });
  } catch {
    dispose();
    return undefined;
  }
  return { file, cert: readFileSync(file, 'utf8'), key: readFileSync(key, 'utf8'), dispose };
}

export interface SecureRequest {
  readonly path: string;
  /** The Authorization header. */
  readonly authorization: string | undefined;
}

export interface SecureServer {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  readonly requests: SecureRequest[];
  close(): Promise<void>;
}

/** Serves https on loopback. */
export async function serveSecurely(
  { cert, key }: Certificate,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<SecureServer> {
  const requests: SecureRequest[] = [];
  const server = createServer({ cert, key }, (request, response) => {
    requests.push({ path: request.url ?? '', authorization: request.headers.authorization });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
