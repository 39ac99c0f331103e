import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { rules } from '../../server/src/engine/rules/index.ts';
import { parseTxtar } from '../txtar.ts';
import { sumLines, writeModuleProxy } from '../world/module-proxy.ts';
import { openFixture, publishedModules } from './fixture.ts';
import type { Fixture } from './fixture.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');

/** Fixtures name versions of Go up to this one. */
const NEEDED_GO = [1, 26];

/** What the go command is expected to do with a fixture: to fail with these words in what it prints, or to succeed. */
interface Expectation {
  readonly command: string;
  readonly words: string | undefined;
}

interface Case {
  readonly name: string;
  readonly text: string;
  readonly expectations: readonly Expectation[];
}

const cases = readdirSync(FIXTURES).flatMap((rule) =>
  readdirSync(join(FIXTURES, rule)).map((file): Case => {
    const text = readFileSync(join(FIXTURES, rule, file), 'utf8');
    return { name: `${rule}/${file}`, text, expectations: expectationsOf(text) };
  }),
);
const judged = cases.filter(({ expectations }) => expectations.length > 0);

describe('the go command, of the fixtures that name its words', function () {
  this.timeout(60_000);
  let cache: string;

  before(async function () {
    const reason = await reasonToSkip();
    if (reason !== undefined) {
      console.log(`skipped: ${reason}`);
      this.skip();
    }
    cache = await mkdtemp(join(tmpdir(), 'gomod-words-cache-'));
    // Or the go command would leave a process behind that writes here while the directory is removed.
    await write(join(cache, '.config/go/telemetry/mode'), 'off\n');
  });
  after(async () => {
    if (cache) await rm(cache, { recursive: true, force: true });
  });

  for (const { name, text, expectations } of judged) {
    it(`agrees with ${name}`, async () => {
      for (const { command, words } of expectations) {
        const { ok, output } = await ask(text, command, cache);
        if (words === undefined) assert.ok(ok, `${command} was to succeed, but said: ${output}`);
        else assert.ok(!ok && output.includes(words), `${command} was to fail with ${words}, but said: ${output}`);
      }
    });
  }
});

describe('severities', () => {
  for (const { name, text, expectations } of judged) {
    it(`are errors in ${name} exactly if a go command fails`, async () => {
      const fixture = await openFixture(text);
      fixture.close();
      const fails = expectations.some(({ words }) => words !== undefined);
      // Such a line is never an error: the build goes on, though not every command does.
      if (!hasMark(fixture, 'toolchain-below-go')) assert.equal(hasError(fixture), fails);
    });
  }
});

describe('the rules', () => {
  for (const { name, severity, later } of rules) {
    if (severity !== 'error' || later) continue;
    it(`of the text prove their errors by the go command: ${name}`, () => {
      const own = judged.filter((one) => one.name.startsWith(`${name}/`));
      assert.ok(own.some(({ expectations }) => expectations.some(({ words }) => words !== undefined)));
    });
  }
});

function hasError({ marks }: Fixture): boolean {
  return [...marks.values()].flat().some(({ severity }) => severity === 'error');
}

function hasMark({ marks }: Fixture, wanted: string): boolean {
  return [...marks.values()].flat().some(({ rule }) => rule === wanted);
}

function expectationsOf(text: string): Expectation[] {
  const section = parseTxtar(text).files.find(({ name }) => name === 'go')?.data ?? '';
  return section.split('\n').filter((line) => line !== '').map((line) => {
    const at = line.indexOf(': ');
    const words = line.slice(at + 2);
    return { command: line.slice(0, at), words: words === 'ok' ? undefined : words };
  });
}

/** Runs a command in a fresh copy of a fixture, with its modules on a proxy of files. */
async function ask(text: string, command: string, cache: string): Promise<{ ok: boolean; output: string }> {
  const base = await mkdtemp(join(tmpdir(), 'gomod-words-'));
  try {
    const { files } = parseTxtar(text);
    const proxy = join(base, 'proxy');
    const sums = await writeModuleProxy(proxy, publishedModules(files));
    for (const { name, data } of files) {
      if (/^proxy\/.*\.info$/.test(name)) await write(join(base, name), infoOf(data));
    }
    const fixture = await openFixture(text);
    fixture.close();
    const directory = join(base, 'work');
    for (const [name, data] of fixture.files) await write(join(directory, name), data);
    if (!fixture.files.has('go.sum')) await write(join(directory, 'go.sum'), sums.map(sumLines).join(''));
    return await run(command, directory, { GOPROXY: pathToFileURL(proxy).href, GOMODCACHE: join(base, 'cache'), GOCACHE: cache, HOME: cache });
  } finally {
    await rm(base, { recursive: true, force: true });
  }
}

/** A fixture may have the version alone. */
function infoOf(data: string): string {
  return data.startsWith('{') ? data : JSON.stringify({ Version: data.trim(), Time: '2024-01-02T03:04:05Z' });
}

async function write(path: string, data: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, data);
}

function run(command: string, cwd: string, variables: Record<string, string>): Promise<{ ok: boolean; output: string }> {
  const env = {
    PATH: process.env['PATH'],
    HOME: tmpdir(),
    GOENV: 'off',
    GOSUMDB: 'off',
    GOTOOLCHAIN: 'local',
    GOFLAGS: '-modcacherw',
    ...variables,
  };
  return new Promise((resolve) => {
    execFile('sh', ['-c', command], { cwd, env, timeout: 30_000 }, (error, stdout, stderr) => {
      resolve({ ok: error === null, output: stdout + stderr });
    });
  });
}

async function reasonToSkip(): Promise<string | undefined> {
  const { ok, output } = await run('go env GOVERSION', tmpdir(), {});
  if (!ok) return 'the go command is not installed, so it can not judge what the fixtures say of it';
  const [major = 0, minor = 0] = output.replace('go', '').split('.').map((part) => parseInt(part, 10));
  const isNew = major > NEEDED_GO[0]! || (major === NEEDED_GO[0] && minor >= NEEDED_GO[1]!);
  return isNew ? undefined : `${output.trim()} is older than go${NEEDED_GO.join('.')}, whose words the fixtures quote`;
}
