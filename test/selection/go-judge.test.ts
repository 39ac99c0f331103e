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
  const told = `${judged.name}\n${mainMod(judged)}\n${JSON.stringify(judged, undefined, 2)}`;
  const { outbid, ...stops } = said;
  const { selected, ...wantedStops } = wanted;
  assert.deepEqual(stops, wantedStops, told);
  for (const version of outbid) assert.ok(selected?.includes(version), `${version} is not selected: ${told}`);
}

/** What `go list -m all` says. */
interface Verdict {
  /** `PATH VERSION/go.mod` of each line that go.sum lacks, sorted. */
  readonly missing: readonly string[];
  /** It stops with `updates to go.mod needed`. */
  readonly inconsistent: boolean;
}

interface Findings extends Verdict {
  /** `PATH VERSION` of each version that is said to be selected in place of the required one. */
  readonly outbid: readonly string[];
}

interface Answer extends Verdict {
  /** `PATH VERSION` of what it selects, when it may write go.mod; undefined where it can't tell. */
  readonly selected: readonly string[] | undefined;
}

async function findings(judged: JudgedCase): Promise<Findings> {
  const fixture = await openFixture(fixtureText(judged, await wholeSum(publishedModules(judged))));
  try {
    const { findings } = (await fixture.run()).analysis;
    const missing = findings.filter(({ rule }) => rule === 'missing-checksum');
    for (const { severity } of missing) assert.equal(severity, 'error');
    const outbid = findings.filter(({ rule }) => rule === 'inconsistent-requirements' || rule === 'version-not-selected');
    return {
      missing: missing.map(({ module }) => `${module!.path} ${module!.version}`).sort(),
      inconsistent: findings.some(({ severity, message }) => severity === 'error' && message.includes(UPDATES_NEEDED)),
      outbid: outbid.map(({ module, fixes }) => {
        return `${module!.path} ${/^Use (\S+), the selected version/.exec(fixes![0]!.title)![1]}`;
      }),
    };
  } finally {
    fixture.close();
  }
}

const UPDATES_NEEDED = 'updates to go.mod needed';

/** Gives the go command each line that it asks for, until it asks for none. */
async function verdict(judged: JudgedCase): Promise<Answer> {
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

async function ask(go: GoCommand, directory: string, present: string, sum: ReadonlyMap<string, string>): Promise<Answer> {
  const missing: string[] = [];
  for (let text = present; ; ) {
    writeFileSync(join(directory, 'go.sum'), text);
    const { code, stderr } = await go.run(['list', '-m', 'all'], { directory });
    const asked = /(\S+)@([^\s)]+)\)?: missing go\.sum entry for go\.mod file; to add it:\n\tgo mod download/.exec(stderr);
    if (!asked) {
      assert.ok(code === 0 || EXPECTED_STOPS.test(stderr), stderr);
      const inconsistent = stderr.includes(UPDATES_NEEDED);
      const list = await go.run(['list', '-mod=mod', '-m', 'all'], { directory });
      const selected = list.code === 0 ? list.stdout.split('\n').map((line) => line.split(' => ')[0]!) : undefined;
      return { missing: missing.sort(), inconsistent, selected };
    }
    const key = `${asked[1]} ${asked[2]}/go.mod`;
    const line = sum.get(key);
    assert.ok(line !== undefined && !missing.includes(key), `the go command asks for ${key}`);
    missing.push(key);
    text += `${line}\n`;
  }
}

/** What else may stop it in these worlds. */
const EXPECTED_STOPS = /updates to go\.mod needed|can't compute 'all' using the vendor directory|inconsistent vendoring|example\.com\/a@v1\.0\.0: parsing go\.mod: go\.mod:7: usage: require/;
