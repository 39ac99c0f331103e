/**
 * `npm start`: the main job from end to end, without any network. It lays out the example's service with a world of its
 * own, shows what is wrong with it, fixes a copy of it, and checks that nothing is left.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { layOutExample } from '../test/world/example.ts';
import type { Example } from '../test/world/example.ts';

const PROGRAM = join(import.meta.dirname, '..', 'dist', 'gomod-health.cjs');

const example = await layOutExample(mkdtempSync(join(tmpdir(), 'gomod-health-example-')));
try {
  process.exitCode = (await demonstrate(example)) ? 0 : 1;
} finally {
  await example.close();
}

async function demonstrate(world: Example): Promise<boolean> {
  say(`The service examples/payments, copied to ${world.workspace}, with a module proxy, a checksum database on loopback`);
  say('and git origins of its own. No other network is used.\n');

  say('$ gomod-health check');
  const found = await check(world);
  if (found !== 1) return fails(`the example has faults, so the exit status should be 1, not ${found}`);

  say('$ gomod-health check --unsafe-fixes');
  const fixed = await check(world, '--unsafe-fixes');
  if (fixed !== 0) return fails(`the fixes should leave no error, so the exit status should be 0, not ${fixed}`);

  say('$ gomod-health check --fail-on hint');
  const left = await check(world, '--fail-on', 'hint');
  if (left !== 0) return fails('the fixes left findings');
  say('Nothing is left.');
  return true;
}

async function check(world: Example, ...flags: string[]): Promise<number | null> {
  const child = spawn(process.execPath, [PROGRAM, 'check', ...flags], {
    cwd: world.workspace,
    env: { ...process.env, ...world.env },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function fails(why: string): false {
  process.stderr.write(`npm start: ${why}\n`);
  return false;
}
