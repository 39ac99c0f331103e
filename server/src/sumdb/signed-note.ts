import { decodeBase64 } from './base64.ts';
import { decodeUtf8, encodeUtf8, isWellFormed } from './utf8.ts';

/** The two primitives that everything here rests on; whoever uses this room brings them. */
export interface Cryptography {
  /** The 32 bytes of SHA-256. */
  readonly sha256: (bytes: Uint8Array) => Uint8Array;
  /** Whether this is the Ed25519 signature (RFC 8032) of the message under the 32-byte public key. */
  readonly verifyEd25519: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;
}

/** Whose signature is believed (golang.org/x/mod/sumdb/note.NewVerifier). */
export interface VerifierKey {
  readonly name: string;
  /** The first 32 bits of SHA-256 over the name, a newline, the algorithm's byte and the public key. */
  readonly hash: number;
  readonly publicKey: Uint8Array;
}

/** A verifier key, or why there is none, in Go's words. */
export type ParsedVerifierKey = { readonly key: VerifierKey } | { readonly why: string };

/**
 * Reads `NAME+HASH+BASE64` (note.NewVerifier). The hash must be that of the key; the only algorithm is 1, Ed25519.
 */
export function parseVerifierKey(text: string, sha256: Cryptography['sha256']): ParsedVerifierKey {
  const [name = '', hash = '', ...rest] = text.split('+');
  const encoded = decodeBase64(rest.join('+'));
  if (!isSignerName(name) || !/^[0-9a-fA-F]{8}$/.test(hash) || encoded === undefined || encoded.length === 0) {
    return { why: 'malformed verifier id' };
  }
  if (Number.parseInt(hash, 16) !== keyHash(name, encoded, sha256)) return { why: 'invalid verifier hash' };
  if (encoded[0] !== ED25519) return { why: 'unknown verifier algorithm' };
  if (encoded.length !== 33) return { why: 'malformed verifier id' };
  return { key: { name, hash: Number.parseInt(hash, 16), publicKey: encoded.slice(1) } };
}

/** `NAME+HASH`, which names a key in messages. */
export function keyId(key: { readonly name: string; readonly hash: number }): string {
  return `${key.name}+${key.hash.toString(16).padStart(8, '0')}`;
}

export type OpenedNote =
  /** Signed by the key. The text ends in a newline. */
  | { readonly kind: 'signed'; readonly text: string }
  /** No note at all. */
  | { readonly kind: 'malformed' }
  /** A note that others signed, or nobody of that name with that key: whose signatures it has. */
  | { readonly kind: 'unknown-key'; readonly signers: readonly string[] }
  /** The key's own signature does not fit the text. */
  | { readonly kind: 'forged' };

/**
 * Opens a signed note and verifies the signature of the one key that counts (note.Open). Signatures by others are
 * allowed and ignored.
 */
export function openNote(message: Uint8Array, key: VerifierKey, verify: Cryptography['verifyEd25519']): OpenedNote {
  const whole = decodeUtf8(message);
  if (whole === undefined || CONTROL_CHARACTER.test(whole)) return { kind: 'malformed' };
  const blank = whole.lastIndexOf('\n\n');
  if (blank < 0 || !whole.endsWith('\n')) return { kind: 'malformed' };
  const text = whole.slice(0, blank + 1);
  const signatures = parseSignatures(whole.slice(blank + 2, -1));
  if (signatures === undefined) return { kind: 'malformed' };

  const own = signatures.find((signature) => signature.name === key.name && signature.hash === key.hash);
  if (own === undefined) return { kind: 'unknown-key', signers: signatures.map(keyId) };
  return verify(key.publicKey, encodeUtf8(text), own.bytes) ? { kind: 'signed', text } : { kind: 'forged' };
}

const ED25519 = 1;
const MOST_SIGNATURES = 100;
const CONTROL_CHARACTER = /[\u0000-\u0009\u000b-\u001f]/;
/** unicode.IsSpace or a plus sign. */
const NOT_IN_NAME = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000+]/;

interface Signature {
  readonly name: string;
  readonly hash: number;
  readonly bytes: Uint8Array;
}

function parseSignatures(block: string): readonly Signature[] | undefined {
  const lines = block.split('\n');
  if (lines.length > MOST_SIGNATURES) return undefined;
  const signatures = lines.map(parseSignature);
  return signatures.every((signature) => signature !== undefined) ? signatures : undefined;
}

/** `— NAME BASE64`, where the bytes are the key's hash and then the signature. */
function parseSignature(line: string): Signature | undefined {
  const match = /^— ([^ ]*) (.+)$/u.exec(line);
  if (match === null) return undefined;
  const bytes = decodeBase64(match[2]!);
  if (!isSignerName(match[1]!) || bytes === undefined || bytes.length < 5) return undefined;
  return { name: match[1]!, hash: firstWord(bytes), bytes: bytes.slice(4) };
}

function isSignerName(name: string): boolean {
  return name !== '' && isWellFormed(name) && !NOT_IN_NAME.test(name);
}

function keyHash(name: string, encoded: Uint8Array, sha256: Cryptography['sha256']): number {
  return firstWord(sha256(Uint8Array.from([...encodeUtf8(`${name}\n`), ...encoded])));
}

/** Four bytes as a big-endian number, unsigned. */
function firstWord(bytes: Uint8Array): number {
  return ((bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!) >>> 0;
}
