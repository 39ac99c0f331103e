import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tls from 'node:tls';

/**
 * The certificates whose signatures count, PEM: Node's own; those of the machine, where the go command would look for them
 * (crypto/x509/root_unix.go: SSL_CERT_FILE and SSL_CERT_DIR, else the file that the system is known to have); and those of
 * NODE_EXTRA_CA_CERTS. An authority that a company has installed is then trusted here as it is by the go command. What can't
 * be read is left out, as Go leaves it out.
 */
export function certificateAuthorities(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): readonly string[] {
  const extra = environment['NODE_EXTRA_CA_CERTS'];
  const texts = [...(extra ? [read(extra)] : []), ...machineTexts(environment, platform)];
  const found = texts.flatMap((text) => text.match(CERTIFICATE) ?? []);
  return [...new Set([...tls.rootCertificates, ...found].map((certificate) => certificate.trim()))];
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Where systems keep the one file with all authorities. */
const SYSTEM_FILES: readonly string[] = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

function machineTexts(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): string[] {
  // Go asks these systems themselves, and so does a Node that knows how.
  if (platform === 'darwin' || platform === 'win32') return [...(systemCertificates?.('system') ?? [])];
  const { SSL_CERT_FILE: file, SSL_CERT_DIR: directories } = environment;
  const one = (file ? [file] : SYSTEM_FILES).map(read).find((text) => text !== '');
  const others = directories ? directories.split(':').filter(Boolean).flatMap(readAll) : [];
  return [...(one === undefined ? [] : [one]), ...others];
}

/** Since Node 22.15 and 23.10. */
const { getCACertificates: systemCertificates } = tls as { getCACertificates?: (type: 'system') => readonly string[] };

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function readAll(directory: string): string[] {
  try {
    return readdirSync(directory).map((name) => read(join(directory, name)));
  } catch {
    return [];
  }
}
