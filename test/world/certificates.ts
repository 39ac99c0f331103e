import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** Certificates for `proxy.test`, each wrong in a way of its own but one. */
export interface Certificates {
  /** The path of a file with the private authority's certificate, as NODE_EXTRA_CA_CERTS takes it. */
  readonly authority: string;
  /** Signed by the authority. */
  readonly good: KeyPair;
  /** Signed by the authority, and over since yesterday. */
  readonly expired: KeyPair;
  /** Signed by the authority, for another host. */
  readonly otherHost: KeyPair;
  /** Signed by nobody but itself. */
  readonly selfSigned: KeyPair;
  dispose(): void;
}

/** Makes them with openssl; undefined where there is none. */
export function makeCertificates(): Certificates | undefined {
  const directory = mkdtempSync(join(tmpdir(), 'gomod-certificates-'));
  const dispose = (): void => rmSync(directory, { recursive: true, force: true });
  const path = (name: string): string => join(directory, name);
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { stdio: 'pipe', cwd: directory });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const read = (name: string): KeyPair => ({ cert: readFileSync(path(`${name}.pem`), 'utf8'), key: readFileSync(path(`${name}.key`), 'utf8') });

  function request(name: string, host: string): void {
    openssl('req', '-new', ...newKey, '-subj', `/CN=${host}`, '-keyout', `${name}.key`, '-out', `${name}.csr`);
    writeFileSync(path(`${name}.ext`), `subjectAltName=DNS:${host}\nbasicConstraints=CA:FALSE\n`);
  }

  function signed(name: string, host: string, days: number): KeyPair {
    request(name, host);
    const authority = ['-CA', 'authority.pem', '-CAkey', 'authority.key', '-CAcreateserial'];
    openssl('x509', '-req', '-in', `${name}.csr`, ...authority, '-days', String(days), '-extfile', `${name}.ext`, '-out', `${name}.pem`);
    return read(name);
  }

  try {
    openssl('req', '-x509', ...newKey, '-days', '3', '-subj', '/CN=A private authority', '-keyout', 'authority.key', '-out', 'authority.pem');
    const [good, expired, otherHost] = [signed('good', 'proxy.test', 2), signed('expired', 'proxy.test', -1), signed('other', 'other.test', 2)];
    request('self', 'proxy.test');
    openssl('x509', '-req', '-in', 'self.csr', '-signkey', 'self.key', '-days', '2', '-extfile', 'self.ext', '-out', 'self.pem');
    return { authority: path('authority.pem'), good, expired, otherHost, selfSigned: read('self'), dispose };
  } catch (error) {
    dispose();
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
