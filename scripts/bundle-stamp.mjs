// Whether dist/ was made from the sources as they are now.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './command.mjs';

/** The files that `npm run build` writes. */
export const bundles = {
  start: 'dist/gomod-health.cjs',
  server: 'dist/program.cjs',
  hashWorker: 'dist/hash-worker.cjs',
  undici: 'dist/undici.cjs',
  protocol: 'dist/vscode-languageserver.cjs',
  client: 'dist/client.cjs',
};

const stamp = path.join(root, '.build', 'bundle-stamp');
const sources = ['server/src', 'client/src', 'docs/rules', 'scripts/build.mjs', 'package.json', 'package-lock.json'];

export function isBundleStale() {
  if (!Object.values(bundles).every((file) => existsSync(path.join(root, file)))) return true;
  return !existsSync(stamp) || readFileSync(stamp, 'utf8') !== sourceHash();
}

/**
 * Notes that dist/ belongs to these sources.
 * @param {string} hash What sourceHash gave before the build read them.
 */
export function writeBundleStamp(hash) {
  mkdirSync(path.dirname(stamp), { recursive: true });
  writeFileSync(stamp, hash);
}

/** A hash over the names and contents of everything that the bundles are made from. */
export function sourceHash() {
  const hash = createHash('sha256');
  for (const file of sources.flatMap(filesBelow).sort()) {
    hash.update(`${file}\0`).update(readFileSync(path.join(root, file))).update('\0');
  }
  return hash.digest('hex');
}

/** @param {string} source A file or a folder, relative to the checkout. */
function filesBelow(source) {
  if (path.extname(source) !== '') return [source];
  if (!existsSync(path.join(root, source))) return [];
  return readdirSync(path.join(root, source), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)));
}
