// Preloaded into mocha and into every Node process that the tests start: it writes down each HTTP request that leaves, and
// each call of git, one JSON line each (judge.ts has their shape), into the file that GOMOD_HEALTH_OUTGOING names.
import childProcess from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync, readFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';

const FILE = process.env['GOMOD_HEALTH_OUTGOING'];
const PRELOAD = `--import=${import.meta.url}`;
const SETTINGS = [
  'GOPRIVATE', 'GONOPROXY', 'GONOSUMDB', 'GOPROXY', 'GOSUMDB', 'HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy', 'HOME',
];

if (FILE !== undefined) {
  subscribe('undici:client:sendHeaders', (message) => {
    const { request, headers } = /** @type {{ request: { origin: unknown, path: string, method: string }, headers: string }} */ (message);
    record({ kind: 'http', origin: String(request.origin), path: request.path, method: request.method, headers });
  });
  for (const name of /** @type {const} */ (['spawn', 'spawnSync', 'execFile', 'execFileSync', 'fork'])) watch(name);
  syncBuiltinESMExports();
}

/** @param {object} what */
function record(what) {
  const settings = Object.fromEntries(SETTINGS.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
  const line = { ...what, pid: process.pid, directory: process.cwd(), settings, netrc: netrc() };
  appendFileSync(/** @type {string} */ (FILE), `${JSON.stringify(line)}\n`);
}

/** The text of a netrc file that a test has made, and never of the user's own. */
function netrc() {
  const file = process.env['NETRC'] ?? path.join(process.env['HOME'] ?? '', '.netrc');
  try {
    return file.startsWith(tmpdir()) ? readFileSync(file, 'utf8') : '';
  } catch {
    return '';
  }
}

/**
 * Has a function that starts programs tell of git, and give Node programs this file, whatever environment they get.
 * @param {'spawn' | 'spawnSync' | 'execFile' | 'execFileSync' | 'fork'} name
 */
function watch(name) {
  const original = /** @type {(...args: unknown[]) => unknown} */ (childProcess[name]);
  /** @param {unknown[]} args */
  const watched = (...args) => {
    if (args[0] === 'git' && Array.isArray(args[1])) record({ kind: 'git', args: args[1] });
    const isNode = name === 'fork' || args[0] === process.execPath;
    return original(...(isNode ? args.map(withPreload) : args));
  };
  Object.defineProperties(watched, Object.getOwnPropertyDescriptors(original));
  Object.assign(childProcess, { [name]: watched });
}

/** @param {unknown} argument */
function withPreload(argument) {
  if (typeof argument !== 'object' || argument === null || Array.isArray(argument) || !('env' in argument)) return argument;
  const { env } = argument;
  if (typeof env !== 'object' || env === null || 'NODE_OPTIONS' in env) return argument;
  return { ...argument, env: { ...env, NODE_OPTIONS: PRELOAD, GOMOD_HEALTH_OUTGOING: FILE } };
}
