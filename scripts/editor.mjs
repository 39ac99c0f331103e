// The editor that the tests and `npm run vscode` open where no desktop VS Code can be downloaded: VS Code's own server, as the
// npm package code-server carries it, in Debian's Chromium. Plain Node without dependencies: it runs during the set-up.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { machineEnvironment, root, run, SetupError } from './command.mjs';

const codeServerVersion = '4.139.1';
// code-server 4.139.1 is made for Node 24. This package carries its headers too, which native modules are built against.
const nodeVersion = '24.21.0';
const nodePackage = `node-linux-${process.arch}`;

const editorFolder = path.join(root, '.vscode-test');
const nodeFolder = path.join(editorFolder, `node-${nodeVersion}`);
const codeServerFolder = path.join(editorFolder, `code-server-${codeServerVersion}`);

/** The parts of the served editor. */
export const servedEditor = {
  node: path.join(nodeFolder, 'node_modules', nodePackage, 'bin', 'node'),
  serverMain: path.join(codeServerFolder, 'node_modules/code-server/lib/vscode/out/server-main.js'),
  chromium: '/usr/bin/chromium',
};

/** Whether the served editor is the one to use: elsewhere @vscode/test-electron downloads a desktop VS Code. */
export const usesServedEditor = process.platform === 'linux';

/** What code-server's native modules are compiled with. */
const buildPackages = ['libkrb5-dev', 'g++', 'make', 'python3'];

/**
 * A desktop VS Code's command on PATH, for people; the tests don't use it.
 * @returns {string | undefined}
 */
export function findDesktopEditor() {
  const names = process.platform === 'win32' ? ['code.cmd'] : ['code'];
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '');
  return folders.flatMap((folder) => names.map((name) => path.join(folder, name))).find((file) => existsSync(file));
}

/**
 * Installs what is missing of the served editor. It is kept between runs.
 * @param {{ browser: boolean }} options With `browser`, the browser that the tests drive too.
 */
export async function setUpEditor({ browser }) {
  if (!usesServedEditor) return;
  await installDebianPackages(missingDebianPackages(browser));
  await installFromNpm(nodeFolder, nodePackage, nodeVersion, machineEnvironment(process.env));
  await installFromNpm(codeServerFolder, 'code-server', codeServerVersion, codeServerEnvironment());
  removeOtherVersions();
}

/** @param {boolean} browser */
function missingDebianPackages(browser) {
  const missing = !browser || existsSync(servedEditor.chromium) ? [] : ['chromium'];
  if (!isInstalled(codeServerFolder)) missing.push(...buildPackages.filter((name) => !isDebianPackageInstalled(name)));
  return missing;
}

/** @param {string} name */
function isDebianPackageInstalled(name) {
  const answer = spawnSync('dpkg-query', ['--show', '--showformat=${db:Status-Status}', name], { encoding: 'utf8' });
  return answer.status === 0 && answer.stdout === 'installed';
}

/** @param {readonly string[]} names */
async function installDebianPackages(names) {
  if (names.length === 0) return;
  const list = names.join(' ');
  if (process.getuid?.() !== 0) {
    throw new SetupError(
      `The editor needs the Debian packages ${list}. Install them and start again:\n` +
        `  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${list}`,
    );
  }
  console.log(`Set-up: installing the Debian packages ${list} (apt-get) …`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const install = ['install', '-y', '--no-install-recommends', ...names];
  for (const args of [['update'], install]) {
    const code = await run('apt-get', args, { env, quiet: true });
    if (code !== 0) throw new SetupError(`apt-get ${args.join(' ')} failed with exit code ${code}; its own words are above.`);
  }
}

/** @param {string} folder */
function isInstalled(folder) {
  return existsSync(path.join(folder, 'installed'));
}

/**
 * Installs one pinned npm package into a folder of its own. The mark is written last, so a broken-off install starts afresh.
 * @param {string} folder
 * @param {string} name
 * @param {string} version
 * @param {NodeJS.ProcessEnv} env
 */
async function installFromNpm(folder, name, version, env) {
  if (isInstalled(folder)) return;
  console.log(`Set-up: installing ${name} ${version} into ${path.relative(root, folder)} …`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const manifest = { private: true, dependencies: { [name]: version }, allowScripts: { [name]: true } };
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
  const args = ['install', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
  const code = await run('npm', args, { cwd: folder, env: withoutNpmRun(env), quiet: true });
  if (code !== 0) throw new SetupError(`npm install ${name}@${version} failed with exit code ${code}; its own words are above.`);
  writeFileSync(path.join(folder, 'installed'), '');
}

/** The environment in which code-server is built: its own Node first on PATH, and that Node's headers. */
function codeServerEnvironment() {
  const env = machineEnvironment(process.env);
  return {
    ...env,
    PATH: `${path.dirname(servedEditor.node)}${path.delimiter}${env['PATH'] ?? ''}`,
    npm_config_nodedir: path.join(nodeFolder, 'node_modules', nodePackage),
  };
}

/**
 * The environment without what an `npm run` around this script says of itself: its project, and the Node that it runs on.
 * What the user has set for npm (a registry, a proxy, a cache) stays.
 * @param {NodeJS.ProcessEnv} env
 */
function withoutNpmRun(env) {
  const own = /^(NODE|INIT_CWD|npm_(package|lifecycle|command|execpath|node_execpath).*|npm_config_(user_agent|local_prefix|npm_version|node_gyp|omit_.*))$/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !own.test(name)));
}

/** Each takes 600 MB; the ones that an older checkout pinned are of no use. */
function removeOtherVersions() {
  const kept = [nodeFolder, codeServerFolder].map((folder) => path.basename(folder));
  for (const name of readdirSync(editorFolder)) {
    if (/^(node|code-server)-\d/.test(name) && !kept.includes(name)) {
      rmSync(path.join(editorFolder, name), { recursive: true, force: true });
    }
  }
}
