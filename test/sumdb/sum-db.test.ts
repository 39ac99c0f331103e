import assert from 'node:assert/strict';
import { nodeCryptography } from '../../server/src/net/checksum-database.ts';
import { keyId } from '../../server/src/sumdb/signed-note.ts';
import { KNOWN_KEYS, parseSumDb } from '../../server/src/sumdb/sum-db.ts';
import { ChecksumLog } from '../world/checksum-database.ts';

const own = new ChecksumLog('checksums.example.com').verifierKey;
const atPath = new ChecksumLog('localhost.localdev:8080/sum//db').verifierKey;
const known = KNOWN_KEYS.get('sum.golang.org')!;

/** GOSUMDB → the database's name and URL. */
const databases: readonly (readonly [value: string, name: string, url: string | undefined])[] = [
  ['sum.golang.org', 'sum.golang.org', undefined],
  ['  sum.golang.org\t', 'sum.golang.org', undefined],
  ['sum.golang.org https://sums.example.com', 'sum.golang.org', 'https://sums.example.com'],
  ['sum.golang.google.cn', 'sum.golang.org', 'https://sum.golang.google.cn'],
  [known, 'sum.golang.org', undefined],
  [`${known} https://sums.example.com/a`, 'sum.golang.org', 'https://sums.example.com/a'],
  [own, 'checksums.example.com', undefined],
  [`${own}  http://127.0.0.1:1`, 'checksums.example.com', 'http://127.0.0.1:1'],
  [atPath, 'localhost.localdev:8080/sum//db', undefined],
];

/** GOSUMDB → the go command's words. */
const refused: readonly (readonly [value: string, kind: 'off' | 'invalid', why: string])[] = [
  ['off', 'off', 'checksum database disabled by GOSUMDB=off'],
  ['', 'invalid', 'missing GOSUMDB'],
  [' \n', 'invalid', 'missing GOSUMDB'],
  ['off off', 'invalid', 'invalid GOSUMDB: malformed verifier id'],
  ['OFF', 'invalid', 'invalid GOSUMDB: malformed verifier id'],
  ['sum.golang.org a b', 'invalid', 'invalid GOSUMDB: too many fields'],
  ['sum.golang.google.cn https://example.com', 'invalid', 'invalid GOSUMDB: malformed verifier id'],
  ['sums.example.com', 'invalid', 'invalid GOSUMDB: malformed verifier id'],
  [own.replace('checksums', 'sums'), 'invalid', 'invalid GOSUMDB: invalid verifier hash'],
  ...['a.example/', '/a', 'user@a.example', 'a.example?q', 'a.example#f', 'a.example:x/y'].map(
    (name) =>
      [new ChecksumLog(name).verifierKey, 'invalid', `invalid sumdb name (must be host[/path]): ${name}`] as const,
  ),
];

/** Without keys, which are new in every run. */
function shown(value: string): string {
  return JSON.stringify(value.replace(/\+[0-9a-f]{8}\+[A-Za-z0-9+/=]{20,}/, '+KEY'));
}

describe('GOSUMDB', () => {
  for (const [value, name, url] of databases) {
    it(`${shown(value)} is ${name}${url === undefined ? '' : ` at ${url}`}`, () => {
      const parsed = parseSumDb(value, nodeCryptography.sha256);
      assert.ok(parsed.kind === 'database');
      assert.equal(parsed.key.name, name);
      assert.equal(parsed.url, url);
      assert.match(keyId(parsed.key), /\+[0-9a-f]{8}$/);
    });
  }

  for (const [value, kind, why] of refused) {
    it(`${shown(value)}: ${why}`, () => {
      assert.deepEqual(parseSumDb(value, nodeCryptography.sha256), { kind, why });
    });
  }
});
