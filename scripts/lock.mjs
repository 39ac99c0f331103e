// One set-up at a time in one checkout: two would write the same folders.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SetupError } from './command.mjs';

const patienceMilliseconds = 20 * 60_000;

/**
 * Runs `work` while no other process holds the lock, waiting for it if need be. A lock whose process has ended is taken over.
 * @param {string} file
 * @param {() => Promise<void>} work
 */
export async function withLock(file, work) {
  await takeLock(file);
  const release = () => rmSync(file, { force: true });
  process.once('exit', release);
  try {
    await work();
  } finally {
    process.off('exit', release);
    release();
  }
}

/** @param {string} file */
async function takeLock(file) {
  mkdirSync(path.dirname(file), { recursive: true });
  const end = Date.now() + patienceMilliseconds;
  for (let said = false; Date.now() < end; said = true) {
    const holder = tryLock(file);
    if (holder === undefined) return;
    if (!said) console.log(`Set-up: waiting for the one that process ${holder} runs (${path.relative(process.cwd(), file)}) …`);
    await sleep(500);
  }
  throw new SetupError(`Another set-up holds ${file} for too long; end it, or remove that file.`);
}

/**
 * @param {string} file
 * @returns {number | undefined} The process that holds the lock; undefined once it is ours.
 */
function tryLock(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return undefined;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
  }
  const holder = readHolder(file);
  if (holder === undefined || isAlive(holder)) return holder ?? 0;
  rmSync(file, { force: true });
  return tryLock(file);
}

/** @param {string} file */
function readHolder(file) {
  try {
    // Between its creation and its first byte the file is empty: 0 is then no process, and the caller asks again.
    return Number(readFileSync(file, 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}
