#!/usr/bin/env node
// The set-up that every command runs first: `node scripts/setup.mjs [--editor|--vscode]`. It does only what is missing,
// says what it does, and is silent when nothing is. Plain Node (20.18.1 or newer) without dependencies: it runs before `npm ci`.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isBundleStale } from './bundle-stamp.mjs';
import { fail, machineEnvironment, root, run, SetupError } from './command.mjs';
import { findDesktopEditor, setUpEditor, usesServedEditor } from './editor.mjs';
import { withLock } from './lock.mjs';

/** What each flag sets up besides the packages and the bundles. */
const flags = {
  /** The editor and the browser of the tests. */
  '--editor': () => setUpEditor({ browser: true }),
  /** An editor for a person: the desktop's where there is one. */
  '--vscode': () => setUpVSCode(),
};

const oldestNode = [20, 18, 1];

try {
  const wanted = process.argv.slice(2);
  const unknown = wanted.filter((flag) => !(flag in flags));
  if (unknown.length > 0) throw new SetupError(`The set-up knows ${Object.keys(flags).join(' and ')}, not ${unknown.join(' ')}.`);
  requireNode(process.versions.node);
  await withLock(path.join(root, '.build', 'setup.lock'), async () => {
    await installPackages();
    await buildBundles();
    for (const flag of wanted) await flags[/** @type {keyof typeof flags} */ (flag)]();
  });
} catch (error) {
  fail(error);
}

/** @param {string} version */
function requireNode(version) {
  const parts = version.split('.').map(Number);
  const difference = oldestNode.map((oldest, at) => (parts[at] ?? 0) - oldest).find((delta) => delta !== 0) ?? 0;
  if (difference < 0) throw new SetupError(`Node ${oldestNode.join('.')} or newer is needed; this is ${version}.`);
}

async function installPackages() {
  if (packagesAreInstalled()) return;
  console.log('Set-up: installing the npm packages of package-lock.json (npm ci) …');
  const code = await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    env: machineEnvironment(process.env),
    quiet: true,
  });
  if (code !== 0) throw new SetupError(`npm ci failed with exit code ${code}; its own words are above.`);
}

/**
 * Whether node_modules holds what package-lock.json names. npm writes node_modules/.package-lock.json at the end of every
 * successful install, so it is the stamp, and an install by hand is recognised too.
 */
function packagesAreInstalled() {
  const stamp = path.join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(stamp)) return false;
  const wanted = lockedPackages(path.join(root, 'package-lock.json'));
  const present = lockedPackages(stamp);
  for (const [place, entry] of Object.entries(wanted)) {
    const installed = present[place];
    // The package of another platform is optional and absent here.
    if (installed === undefined && !entry.optional) return false;
    if (installed !== undefined && installed.integrity !== entry.integrity) return false;
  }
  return Object.keys(present).every((place) => place in wanted);
}

/**
 * @param {string} file
 * @returns {Record<string, { integrity?: string, optional?: boolean }>} The packages by their place, without the project itself.
 */
function lockedPackages(file) {
  try {
    const { '': _project, ...packages } = JSON.parse(readFileSync(file, 'utf8')).packages;
    return packages;
  } catch (error) {
    throw new SetupError(`${path.relative(root, file)} can't be read: ${error instanceof Error ? error.message : error}.`);
  }
}

async function buildBundles() {
  if (!isBundleStale()) return;
  console.log('Set-up: building dist/ …');
  // A new npm run, so that the Node 24 that was just installed comes first on PATH.
  const code = await run('npm', ['run', '-s', 'build'], { env: machineEnvironment(process.env) });
  if (code !== 0) throw new SetupError('The build failed; its own words are above.');
}

async function setUpVSCode() {
  if (findDesktopEditor() !== undefined) return;
  if (!usesServedEditor) {
    throw new SetupError("No VS Code was found: install it, with its command `code` on PATH (the palette's “Install 'code' command”).");
  }
  await setUpEditor({ browser: false });
}
