// `node scripts/test.mjs [types|lint|unit|editor …]`: runs these parts of the tests, or all, and ends with the sum of their counts.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fail, run, SetupError } from './command.mjs';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/**
 * A part's command and its title; a part without mocha's counts is one test, passed or failed.
 * @type {Record<string, { title: string, script: string }>}
 */
const parts = {
  types: { title: 'Type check', script: 'typecheck' },
  lint: { title: 'Lint', script: 'lint' },
  unit: { title: 'Tests without an editor', script: 'test:unit' },
  editor: { title: 'Tests in the editor', script: 'test:editor' },
};

try {
  const names = process.argv.slice(2);
  const unknown = names.filter((name) => !(name in parts));
  if (unknown.length > 0) throw new SetupError(`There is no part ${unknown.join(', ')}; there are ${Object.keys(parts).join(', ')}.`);
  const counts = await runParts(names.length > 0 ? names : Object.keys(parts));
  console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;
} catch (error) {
  fail(error);
}

/** @param {readonly string[]} names */
async function runParts(names) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'gomod-health-counts-'));
  try {
    const all = [];
    for (const name of names) all.push(await runPart(name, path.join(folder, name)));
    return sum(all);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} name
 * @param {string} countsFile
 * @returns {Promise<Counts>}
 */
async function runPart(name, countsFile) {
  const { title, script } = /** @type {{ title: string, script: string }} */ (parts[name]);
  console.log(`\n== ${title}`);
  const env = { ...process.env, GOMOD_HEALTH_TEST_COUNTS: countsFile };
  const code = await run('npm', ['run', '-s', script], { env });
  const counts = readCounts(countsFile);
  if (code === 0) return counts ?? { passed: 1, failed: 0, skipped: 0 };
  console.log(`${title} failed (npm run ${script} ended with ${code}).`);
  // A part that broke off has failed, whatever it counted before.
  return counts !== undefined && counts.failed > 0 ? counts : sum([counts ?? sum([]), { passed: 0, failed: 1, skipped: 0 }]);
}

/**
 * @param {string} file
 * @returns {Counts | undefined}
 */
function readCounts(file) {
  if (!existsSync(file)) return undefined;
  return sum(readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line)));
}

/** @param {readonly Counts[]} all */
function sum(all) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const counts of all) {
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.skipped += counts.skipped;
  }
  return total;
}
