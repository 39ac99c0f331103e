import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Fact } from '../engine/facts.ts';
import { findProgram } from './program.ts';

/** The most that is read of a go.mod, in bytes; far more than any has. */
const MAX_BYTES = 16 << 20;

/** In milliseconds; git reads one object of the disk. */
const TIMEOUT = 10_000;

/**
 * The text of a directory's go.mod in the commit that is checked out. Git reads it as it is kept: no hook, filter or other
 * program of the repository's configuration has a part in that, and what a partial clone lacks is not fetched.
 */
export async function committedMod(directory: string, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<Fact<string>> {
  if (!(await isInRepository(directory))) return absent('no git repository');
  const git = await findProgram('git', env);
  if (git === undefined) return { state: 'unavailable', why: 'git is not installed' };
  return new Promise((resolve) => {
    const options = { cwd: directory, env: quiet(env), encoding: 'utf8', timeout: TIMEOUT, maxBuffer: MAX_BYTES, signal, windowsHide: true } as const;
    execFile(git, ['cat-file', 'blob', 'HEAD:./go.mod'], options, (error, text) => {
      if (!error) return resolve({ state: 'known', value: text });
      // Nothing is committed yet, or not this file; or git does not trust the owner of the repository.
      return resolve(error.code === 128 ? absent('not in HEAD') : { state: 'unavailable', why: 'git failed to read go.mod of HEAD' });
    });
  });
}

async function isInRepository(directory: string): Promise<boolean> {
  for (let at = directory; ; at = dirname(at)) {
    if (await stat(join(at, '.git')).catch(() => undefined)) return true;
    if (at === dirname(at)) return false;
  }
}

/** Variables that name another repository, as in a hook, are of no concern to this directory. */
function quiet(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = Object.entries(env).filter(([name]) => !/^GIT_(?:DIR|WORK_TREE|INDEX_FILE|NAMESPACE|COMMON_DIR|.*OBJECT_DIRECTOR.*)$/.test(name));
  return { ...Object.fromEntries(own), GIT_ALLOW_PROTOCOL: 'none', GIT_NO_LAZY_FETCH: '1', GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' };
}

function absent(said: string): Fact<never> {
  return { state: 'absent', evidence: [{ from: 'git', said }] };
}
