import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { certificateAuthorities } from '../../server/src/net/certificate-authorities.ts';

const pem = (text: string): string => `-----BEGIN CERTIFICATE-----\n${Buffer.from(text).toString('base64')}\n-----END CERTIFICATE-----`;

describe('The certificate authorities that are trusted', () => {
  let directory: string;

  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'gomod-health-authorities-'));
    mkdirSync(join(directory, 'more'));
    writeFileSync(join(directory, 'file.pem'), `# corp\n${pem('one')}\n\n${pem('two')}\n${pem('one')}\n`);
    writeFileSync(join(directory, 'more/three.pem'), pem('three'));
    writeFileSync(join(directory, 'more/readme'), 'no certificate\n');
    writeFileSync(join(directory, 'extra.pem'), pem('extra'));
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  /** Those beside Node's own. */
  const added = (environment: Record<string, string>, platform: NodeJS.Platform = 'linux'): string[] => {
    const own = new Set(rootCertificates.map((certificate) => certificate.trim()));
    const all = certificateAuthorities(environment, platform);
    assert.ok(all.length >= own.size && all.slice(0, own.size).every((certificate) => own.has(certificate)), "Node's own stay");
    return all.slice(own.size);
  };

  const cases: [name: string, environment: () => Record<string, string>, names: string[]][] = [
    ['of SSL_CERT_FILE, in place of the system\'s', () => ({ SSL_CERT_FILE: join(directory, 'file.pem') }), ['one', 'two']],
    ['of every directory of SSL_CERT_DIR', () => ({ SSL_CERT_FILE: join(directory, 'nowhere'), SSL_CERT_DIR: `/nowhere:${directory}/more:${directory}` }), ['three', 'extra', 'one', 'two']],
    ['of NODE_EXTRA_CA_CERTS too', () => ({ NODE_EXTRA_CA_CERTS: join(directory, 'extra.pem'), SSL_CERT_FILE: join(directory, 'file.pem') }), ['extra', 'one', 'two']],
    ['none where nothing can be read', () => ({ NODE_EXTRA_CA_CERTS: directory, SSL_CERT_FILE: directory, SSL_CERT_DIR: join(directory, 'file.pem') }), []],
  ];
  for (const [name, environment, names] of cases) {
    it(name, () => assert.deepEqual(added(environment()), names.map(pem)));
  }

  it('leave out what the variables name where Go asks the system itself', () => {
    assert.ok(!added({ SSL_CERT_FILE: join(directory, 'file.pem') }, 'darwin').includes(pem('one')));
  });
});
