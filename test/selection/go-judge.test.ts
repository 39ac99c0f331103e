import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { goCommand, goInstalled } from '../live/go-command.ts';
import type { GoCommand } from '../live/go-command.ts';
import { openFixture } from '../rules/fixture.ts';
import { writeModuleProxy } from '../world/module-proxy.ts';
import { fixtureText, mainMod, presentSum, publishedModules, wholeSum } from './judged-world.ts';
import type { JudgedCase } from './judged-world.ts';
import { judgedCases } from './judged-cases.ts';
import { randomCases } from './random-cases.ts';

const RANDOM_CASES = 25;

describe('what go list -m all stops on', function () {
  this.timeout(120_000);

  before(async function () {
    if ((await goInstalled()) !== undefined) return;
    console.log('skipped: the go command is not installed, so that nobody judges the rules of selection');
    this.skip();
  });

  for (const judged of judgedCases) it(judged.name, () => judge(judged));

  it(`is told in ${RANDOM_CASES} random worlds`, async () => {
    for (const judged of randomCases(RANDOM_CASES)) await judge(judged);
  });
});

async function judge(judged: JudgedCase): Promise<void> {
  const [said, wanted] = await Promise.all([findings(judged), verdict(judged)]);
  assert.deepEqual(said, wanted, `${judged.name}\n${mainMod(judged)}\n${JSON.stringify(judged, undefined, 2)}`);
}

/** What makes `go list -m all` stop. */
interface Verdict {
  /** `PATH VERSION/go.mod` of each line that go.sum lacks, sorted. */
  readonly missing: readonly string[];
}

async function findings(judged: JudgedCase): Promise<Verdict> {
  const fixture = await openFixture(fixtureText(judged, await wholeSum(publishedModules(judged))));
  try {
    const { analysis } = await fixture.run();
    const missing = analysis.findings.filter(({ rule }) => rule === 'missing-checksum').map(({ module, severity }) => {
      assert.equal(severity, 'error');
      return `${module!.path} ${module!.version}`;
    });
    return { missing: missing.sort() };
  } finally {
    fixture.close();
  }
}

/** Gives the go command each line that it asks for, until it asks for none. */
async function verdict(judged: JudgedCase): Promise<Verdict> {
  const base = mkdtempSync(join(tmpdir(), 'gomod-health-judge-'));
  const modules = publishedModules(judged);
  const sum = await wholeSum(modules);
  await writeModuleProxy(join(base, 'proxy'), modules);
  const directory = join(base, 'm');
  for (const [name, data] of Object.entries({ ...judged.files, 'go.mod': mainMod(judged) })) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), data);
  }
  const go = goCommand({
    GOPROXY: pathToFileURL(join(base, 'proxy')).href,
    GOSUMDB: 'off',
    GOWORK: 'off',
    GOFLAGS: `-modcacherw ${judged.goFlags ?? ''}`,
  });
  try {
    return await ask(go, directory, presentSum(judged, sum), sum);
  } finally {
    go.dispose();
    rmSync(base, { recursive: true, force: true });
  }
}

async function ask(go: GoCommand, directory: string, present: string, sum: ReadonlyMap<string, string>): Promise<Verdict> {
  const missing: string[] = [];
  for (let text = present; ; ) {
    writeFileSync(join(directory, 'go.sum'), text);
    const { code, stderr } = await go.run(['list', '-m', 'all'], { directory });
    const asked = /(\S+)@([^\s)]+)\)?: missing go\.sum entry for go\.mod file; to add it:\n\tgo mod download/.exec(stderr);
    if (!asked) {
      assert.ok(code === 0 || EXPECTED_STOPS.test(stderr), stderr);
      return { missing: missing.sort() };
    }
    const key = `${asked[1]} ${asked[2]}/go.mod`;
    const line = sum.get(key);
    assert.ok(line !== undefined && !missing.includes(key), `the go command asks for ${key}`);
    missing.push(key);
    text += `${line}\n`;
  }
}

/** What else may stop it in these worlds. */
const EXPECTED_STOPS = /updates to go\.mod needed|can't compute 'all' using the vendor directory|inconsistent vendoring/;
