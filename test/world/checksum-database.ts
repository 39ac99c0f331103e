import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseTilePath } from '../../server/src/sumdb/tile.ts';

/** What the database says about one version. */
export interface ChecksumRecord {
  /** Unescaped. */
  readonly path: string;
  readonly version: string;
  /** `h1:…` of the zip. */
  readonly zip: string;
  /** `h1:…` of the go.mod file. */
  readonly mod: string;
}

export interface RunningChecksumDatabase {
  /** `http://127.0.0.1:PORT`. It serves as an entry of GOPROXY too, for the database only. */
  readonly url: string;
  readonly name: string;
  /** `NAME+HASH+KEY`. */
  readonly verifierKey: string;
  /** A value for GOSUMDB: `NAME+HASH+KEY URL`. */
  readonly goSumDb: string;
  /** The log itself, to which records may be added while it is served. */
  readonly log: ChecksumLog;
  /** The path of every request so far. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/** Serves a checksum database on loopback, with a key of its own that is made anew each time. */
export async function startChecksumDatabase(options: {
  readonly name?: string;
  readonly records: readonly ChecksumRecord[];
}): Promise<RunningChecksumDatabase> {
  const log = new ChecksumLog(options.name, options.records);
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '/');
    requests.push(path);
    const { status, body } = log.answer(path.replace(`/sumdb/${log.name}/`, '/'));
    response.writeHead(status, { 'content-type': contentType(path), 'content-length': body.length });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    name: log.name,
    verifierKey: log.verifierKey,
    goSumDb: `${log.verifierKey} ${url}`,
    log,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * The log of a checksum database and what its server answers (`go doc golang.org/x/mod/sumdb`). The hashes are worked
 * out here, apart from the client's, so that the one can judge the other.
 */
export class ChecksumLog {
  readonly name: string;
  readonly verifierKey: string;
  readonly #signingKey: KeyObject;
  readonly #keyHash: Buffer;
  readonly #texts: string[] = [];
  readonly #places = new Map<string, number>();
  /** For every level of the log the hashes of its complete subtrees; level 0 are the records. */
  readonly #levels: Buffer[][] = [];

  constructor(name = 'checksums.example.com', records: readonly ChecksumRecord[] = [], key = generateSigningKey()) {
    this.name = name;
    this.#signingKey = key.privateKey;
    const encoded = Buffer.concat([Buffer.of(1), key.publicKey]);
    this.#keyHash = sha256(`${name}\n`, encoded).subarray(0, 4);
    this.verifierKey = `${name}+${this.#keyHash.toString('hex')}+${encoded.toString('base64')}`;
    for (const record of records) this.add(record);
  }

  get size(): number {
    return this.#texts.length;
  }

  /** Appends a record; the tree grows by it. */
  add({ path, version, zip, mod }: ChecksumRecord): void {
    this.addText(`${path}@${version}`, `${path} ${version} ${zip}\n${path} ${version}/go.mod ${mod}\n`);
  }

  /** Appends a record of any text, which a lookup of `PATH@VERSION` finds. */
  addText(subject: string, text: string): void {
    this.#places.set(subject, this.size);
    this.#texts.push(text);
    let node = sha256(Buffer.of(0), text);
    for (let level = 0; ; level++) {
      const hashes = (this.#levels[level] ??= []);
      hashes.push(node);
      if (hashes.length % 2 === 1) return;
      node = sha256(Buffer.of(1), ...hashes.slice(-2));
    }
  }

  /** The hash over the first `size` records. */
  treeHash(size = this.size): Buffer {
    const roots: Buffer[] = [];
    let start = 0;
    for (let level = this.#levels.length - 1; level >= 0; level--) {
      if (start + 2 ** level > size) continue;
      roots.push(this.#levels[level]![start / 2 ** level]!);
      start += 2 ** level;
    }
    return roots.length === 0 ? sha256() : roots.reduceRight((right, left) => sha256(Buffer.of(1), left, right));
  }

  /** The signed head of the tree of the first `size` records. */
  signedHead(size = this.size): Buffer {
    return this.sign(`go.sum database tree\n${size}\n${this.treeHash(size).toString('base64')}\n`);
  }

  /** A note with the database's signature. */
  sign(text: string): Buffer {
    const signature = Buffer.concat([this.#keyHash, sign(null, Buffer.from(text), this.#signingKey)]);
    return Buffer.from(`${text}\n— ${this.name} ${signature.toString('base64')}\n`);
  }

  /** What the server answers for a path: `/supported`, `/latest`, `/lookup/P@V` or `/tile/8/L/N`. */
  answer(path: string): { readonly status: number; readonly body: Buffer } {
    if (path === '/supported') return found('');
    if (path === '/latest') return found(this.signedHead());
    if (path.startsWith('/lookup/')) return this.#lookup(path.slice('/lookup/'.length));
    return path.startsWith('/tile/') ? this.#tile(path.slice(1)) : NOT_FOUND;
  }

  #lookup(escaped: string): { status: number; body: Buffer } {
    const id = this.#places.get(escaped.replace(/!([a-z])/g, (_, letter: string) => letter.toUpperCase()));
    return id === undefined ? NOT_FOUND : found(`${id}\n${this.#texts[id]}\n`, this.signedHead());
  }

  #tile(path: string): { status: number; body: Buffer } {
    const tile = parseTilePath(path);
    if (tile === undefined) return { status: 400, body: Buffer.from('invalid tile syntax\n') };
    const start = 256 * tile.index;
    const end = start + tile.width;
    if (tile.level < 0) {
      const texts = this.#texts.slice(start, end);
      return texts.length === tile.width ? found(texts.map((text) => `${text}\n`).join('')) : NOT_FOUND;
    }
    const hashes = this.#levels[8 * tile.level]?.slice(start, end) ?? [];
    return hashes.length === tile.width ? found(...hashes) : NOT_FOUND;
  }
}

/** An Ed25519 key pair for signing tree heads. */
export interface SigningKey {
  readonly privateKey: KeyObject;
  /** 32 bytes. */
  readonly publicKey: Buffer;
}

export function generateSigningKey(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { privateKey, publicKey: publicKey.export({ type: 'spki', format: 'der' }).subarray(-32) };
}

const NOT_FOUND = { status: 404, body: Buffer.from('not found\n') };

function found(...parts: readonly (string | Buffer)[]): { status: number; body: Buffer } {
  return { status: 200, body: Buffer.concat(parts.map((part) => Buffer.from(part))) };
}

function sha256(...parts: readonly (string | Uint8Array)[]): Buffer {
  const digest = createHash('sha256');
  for (const part of parts) digest.update(part);
  return digest.digest();
}

function contentType(path: string): string {
  return /\/tile\/8\/[0-9]/.test(path) ? 'application/octet-stream' : 'text/plain; charset=UTF-8';
}
