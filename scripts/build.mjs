// `node scripts/build.mjs [NAME…]`: makes these bundles with esbuild into dist/, all when none is named.
import { chmodSync, existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { bundles, sourceHash, writeBundleStamp } from './bundle-stamp.mjs';
import { fail, root, SetupError } from './command.mjs';

/** @type {import('esbuild').BuildOptions} */
const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  sourcemap: true,
  // The sources ship with neither the extension nor the command; file names and lines are enough for a stack.
  sourcesContent: false,
  logLevel: 'warning',
  absWorkingDir: root,
  // Some packages offer an ESM and a CommonJS build; the ESM one can be trimmed to what is used.
  mainFields: ['module', 'main'],
};

/**
 * The largest packages, by the names that they are imported by, and the program itself. They are files beside the one that
 * starts, loaded when they are needed: Node takes longer to compile them than a command without network takes in all.
 * @type {Record<string, string>}
 */
const beside = { undici: bundles.undici, 'vscode-languageserver/node': bundles.protocol, './main.ts': bundles.server };

/** @type {import('esbuild').Plugin} */
const leaveBeside = {
  name: 'leave-beside',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^(undici|vscode-languageserver\/node|\.\/main\.ts)$/ }, ({ path: name, importer }) => {
      return importer.includes('node_modules') ? undefined : { path: `./${path.basename(beside[name] ?? '')}`, external: true };
    });
  },
};

/**
 * What is imported later is required later, too.
 * @type {import('esbuild').BuildOptions}
 */
const later = { plugins: [leaveBeside], supported: { 'dynamic-import': false } };

/** @type {Record<string, import('esbuild').BuildOptions>} */
const options = {
  start: {
    ...common,
    ...later,
    entryPoints: ['server/src/cli/start.ts'],
    outfile: bundles.start,
    banner: { js: '#!/usr/bin/env node' },
  },
  server: {
    ...common,
    ...later,
    entryPoints: ['server/src/cli/main.ts'],
    outfile: bundles.server,
    // What `gomod-health explain` prints; run from the sources, it reads the files.
    define: { RULE_PAGES: JSON.stringify(rulePages()) },
  },
  hashWorker: {
    ...common,
    entryPoints: ['server/src/net/hash-worker.ts'],
    outfile: bundles.hashWorker,
  },
  undici: { ...common, entryPoints: ['undici'], outfile: bundles.undici },
  protocol: { ...common, entryPoints: ['vscode-languageserver/node'], outfile: bundles.protocol },
  client: {
    ...common,
    entryPoints: ['client/src/extension.ts'],
    outfile: bundles.client,
    external: ['vscode'],
  },
};

try {
  const names = process.argv.slice(2);
  const unknown = names.filter((name) => !(name in options));
  if (unknown.length > 0) throw new SetupError(`There is no bundle ${unknown.join(', ')}; there are ${Object.keys(options).join(', ')}.`);
  await buildAll(names.length > 0 ? names : Object.keys(options));
} catch (error) {
  fail(error);
}

/** The pages of docs/rules, by the name of their rule. */
function rulePages() {
  const directory = path.join(root, 'docs/rules');
  const names = readdirSync(directory).filter((name) => name.endsWith('.md') && name !== 'README.md');
  return Object.fromEntries(names.map((name) => [path.basename(name, '.md'), readFileSync(path.join(directory, name), 'utf8')]));
}

/** @param {readonly string[]} names */
async function buildAll(names) {
  const hash = sourceHash();
  for (const name of names) await buildOne(options[name] ?? {});
  if (names.length === Object.keys(options).length) writeBundleStamp(hash);
}

/** @param {import('esbuild').BuildOptions} bundle */
async function buildOne(bundle) {
  const file = path.join(root, bundle.outfile ?? '');
  try {
    await build(bundle);
  } catch {
    // esbuild has printed what is wrong. A bundle of older sources must not pass for the new one.
    rmSync(file, { force: true });
    throw new SetupError(`${bundle.outfile} could not be built.`);
  }
  if (existsSync(file) && bundle.banner !== undefined) chmodSync(file, 0o755);
}
