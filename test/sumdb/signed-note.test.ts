import assert from 'node:assert/strict';
import { nodeCryptography } from '../../server/src/net/checksum-database.ts';
import { keyId, openNote, parseVerifierKey } from '../../server/src/sumdb/signed-note.ts';
import type { VerifierKey } from '../../server/src/sumdb/signed-note.ts';
import { KNOWN_KEYS } from '../../server/src/sumdb/sum-db.ts';
import { ChecksumLog } from '../world/checksum-database.ts';
import { malformedKeys, manglings } from './note-cases.ts';

const { sha256, verifyEd25519 } = nodeCryptography;

function keyOf(text: string): VerifierKey {
  const parsed = parseVerifierKey(text, sha256);
  assert.ok('key' in parsed);
  return parsed.key;
}

describe('verifier keys', () => {
  it('reads the key of sum.golang.org', () => {
    const key = keyOf(KNOWN_KEYS.get('sum.golang.org')!);
    assert.equal(key.name, 'sum.golang.org');
    assert.equal(key.hash, 0x033de0ae);
    assert.equal(keyId(key), 'sum.golang.org+033de0ae');
    assert.equal(key.publicKey.length, 32);
  });

  for (const { name, key, why } of malformedKeys()) {
    it(`refuses ${name}: ${why}`, () => assert.deepEqual(parseVerifierKey(key, sha256), { why }));
  }
});

describe('signed notes', () => {
  const log = new ChecksumLog('checksums.example.com');
  const key = keyOf(log.verifierKey);
  const note = log.sign('some text\n\nof two parts\n');

  it('opens a note that the key signed', () => {
    assert.deepEqual(openNote(note, key, verifyEd25519), { kind: 'signed', text: 'some text\n\nof two parts\n' });
  });

  for (const { name, mangle, kind } of manglings()) {
    it(`finds a note ${kind}: ${name}`, () => {
      assert.equal(openNote(mangle(note, log), key, verifyEd25519).kind, kind);
    });
  }

  it('says who signed instead', () => {
    const other = new ChecksumLog('other.example.com');
    const opened = openNote(other.sign('text\n'), key, verifyEd25519);
    assert.deepEqual(opened, { kind: 'unknown-key', signers: [keyId(keyOf(other.verifierKey))] });
  });
});
