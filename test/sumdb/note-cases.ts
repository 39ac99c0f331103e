import { createHash } from 'node:crypto';
import type { OpenedNote } from '../../server/src/sumdb/signed-note.ts';
import { ChecksumLog } from '../world/checksum-database.ts';

/** Verifier keys that Go refuses, with its reason. */
export function malformedKeys(): readonly { readonly name: string; readonly key: string; readonly why: string }[] {
  const good = new ChecksumLog('example.com').verifierKey;
  const [, hash = '', encoded = ''] = /^example\.com\+([0-9a-f]+)\+(.*)$/.exec(good)!;
  const publicKey = Buffer.from(encoded, 'base64').subarray(1);
  const why = 'malformed verifier id';
  const mismatch = 'invalid verifier hash';
  return [
    { name: 'nothing', key: '', why },
    { name: 'a name alone', key: 'example.com', why },
    { name: 'no name', key: `+${hash}+${encoded}`, why },
    { name: 'a blank in the name', key: `exa mple.com+${hash}+${encoded}`, why },
    { name: 'a no-break space in the name', key: `exa\u00a0mple.com+${hash}+${encoded}`, why },
    { name: 'seven digits', key: `example.com+${hash.slice(1)}+${encoded}`, why },
    { name: 'nine digits', key: `example.com+0${hash}+${encoded}`, why },
    { name: 'digits with 0x', key: `example.com+0x${hash.slice(2)}+${encoded}`, why },
    { name: 'an empty key', key: `example.com+${hash}+`, why },
    { name: 'a plus sign behind the key', key: `example.com+${hash}+${encoded}+`, why },
    { name: 'a key cut short', key: `example.com+${hash}+${encoded.slice(0, -1)}`, why },
    { name: 'a key with a byte too many', key: keyWith(Buffer.of(1, ...publicKey, 0)), why },
    { name: 'an algorithm without a key', key: keyWith(Buffer.of(1)), why },
    { name: 'another algorithm', key: keyWith(Buffer.of(2, ...publicKey)), why: 'unknown verifier algorithm' },
    { name: 'the hash of another name', key: `example.org+${hash}+${encoded}`, why: mismatch },
    { name: 'another hash', key: `example.com+00000000+${encoded}`, why: mismatch },
    {
      name: "sum.golang.org's key with one bit changed",
      key: 'sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn9',
      why: mismatch,
    },
  ];
}

/** A key whose hash is right, whatever its bytes. */
function keyWith(encoded: Buffer): string {
  const hash = createHash('sha256').update('example.com\n').update(encoded).digest('hex').slice(0, 8);
  return `example.com+${hash}+${encoded.toString('base64')}`;
}

/** A note that is not as it was signed, or is so in spite of its looks. */
export interface Mangling {
  readonly name: string;
  /** Makes another note of a good one. */
  readonly mangle: (note: Buffer, log: ChecksumLog) => Buffer;
  readonly kind: OpenedNote['kind'];
}

/** For notes of a log that is named `checksums.example.com`, whose text begins with `some`. */
export function manglings(): readonly Mangling[] {
  const text =
    (change: (note: string) => string): Mangling['mangle'] =>
    (note) =>
      Buffer.from(change(note.toString()));
  const other = new ChecksumLog('checksums.example.com');
  const signatureOf = (note: string): string => note.slice(note.lastIndexOf('— '));
  const othersSignature = (at: number): string => `— n${at}.example.com ${Buffer.alloc(68, at).toString('base64')}\n`;
  const others = (count: number): string => Array.from({ length: count }, (_, at) => othersSignature(at)).join('');
  return [
    { name: 'untouched', mangle: (note) => note, kind: 'signed' },
    { name: 'signed by another before', kind: 'signed', mangle: text((n) => n.replace('\n\n— ', `\n\n${others(1)}— `)) },
    { name: 'signed by another after', kind: 'signed', mangle: text((n) => n + others(1)) },
    { name: 'signed twice by the key', kind: 'signed', mangle: text((n) => n + signatureOf(n)) },
    { name: '100 signatures', kind: 'signed', mangle: text((n) => n + others(99)) },
    { name: '101 signatures', kind: 'malformed', mangle: text((n) => n + others(100)) },
    { name: 'text altered', kind: 'forged', mangle: text((n) => n.replace('some', 'same')) },
    { name: 'text with another newline', kind: 'forged', mangle: text((n) => n.replace('\n\n— ', '\n\n\n— ')) },
    { name: 'signature altered', kind: 'forged', mangle: (note) => flipSignature(note, 10) },
    { name: 'signature of another text', kind: 'forged', mangle: (note, log) => graft(note, log.sign('other\n')) },
    { name: 'signature too short', kind: 'forged', mangle: (note) => cutSignature(note, 60) },
    { name: 'a right, then a wrong signature', kind: 'signed', mangle: (n) => join(n, tail(flipSignature(n, 20))) },
    { name: 'a wrong, then a right signature', kind: 'forged', mangle: (n) => join(flipSignature(n, 20), tail(n)) },
    { name: 'key hash altered', kind: 'unknown-key', mangle: (note) => flipSignature(note, 0) },
    { name: 'name altered', kind: 'unknown-key', mangle: text((n) => n.replace('— checksums', '— shecksums')) },
    { name: 'another key of that name', kind: 'unknown-key', mangle: () => other.sign('some text\n') },
    { name: 'signature shorter than a key hash', kind: 'malformed', mangle: (note) => cutSignature(note, 4) },
    { name: 'no signature', kind: 'malformed', mangle: text((n) => n.slice(0, n.lastIndexOf('— '))) },
    { name: 'no blank line', kind: 'malformed', mangle: text(() => 'text\n— a AAAAAAAA\n') },
    { name: 'no newline at the end', kind: 'malformed', mangle: text((n) => n.slice(0, -1)) },
    { name: 'a blank line at the end', kind: 'malformed', mangle: text((n) => `${n}\n`) },
    { name: 'text behind the signatures', kind: 'malformed', mangle: text((n) => `${n}more\n`) },
    { name: 'a hyphen in place of the dash', kind: 'malformed', mangle: text((n) => n.replace('— ', '- ')) },
    { name: 'a plus sign in the name', kind: 'malformed', mangle: text((n) => n.replace('— check', '— +heck')) },
    { name: 'white space in the name', kind: 'malformed', mangle: text((n) => n.replace('— check', '— \u2003heck')) },
    { name: 'no name', kind: 'malformed', mangle: text((n) => n.replace(/— \S+/, '— ')) },
    { name: 'two blanks', kind: 'malformed', mangle: text((n) => n.replace(/(— \S+) /, '$1  ')) },
    { name: 'a carriage return', kind: 'malformed', mangle: text((n) => n.replace('some', 'so\rme')) },
    { name: 'a tab', kind: 'malformed', mangle: text((n) => n.replace('some', 'so\tme')) },
    { name: 'a delete character', kind: 'forged', mangle: text((n) => n.replace('some', 'so\u007fme')) },
    { name: 'bytes that are not UTF-8', kind: 'malformed', mangle: (n) => join(Buffer.of(0xff), n) },
    { name: 'nothing', kind: 'malformed', mangle: () => Buffer.alloc(0) },
    { name: 'a newline', kind: 'malformed', mangle: text(() => '\n') },
    { name: 'a web page', kind: 'malformed', mangle: text(() => '<!doctype html>\n\n<p>Log in</p>\n') },
  ];
}

function join(...parts: readonly Buffer[]): Buffer {
  return Buffer.concat(parts);
}

function tail(note: Buffer): Buffer {
  return note.subarray(note.lastIndexOf('— '));
}

function withSignature(note: Buffer, change: (bytes: Buffer) => Buffer): Buffer {
  const text = note.toString();
  const start = text.lastIndexOf(' ') + 1;
  const bytes = change(Buffer.from(text.slice(start), 'base64'));
  return Buffer.from(`${text.slice(0, start)}${bytes.toString('base64')}\n`);
}

function flipSignature(note: Buffer, at: number): Buffer {
  return withSignature(note, (bytes) => Buffer.from(bytes.map((byte, place) => (place === at ? byte ^ 1 : byte))));
}

function cutSignature(note: Buffer, length: number): Buffer {
  return withSignature(note, (bytes) => bytes.subarray(0, length));
}

function graft(note: Buffer, from: Buffer): Buffer {
  return join(note.subarray(0, note.lastIndexOf('— ')), tail(from));
}
