import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseMod } from '../../server/src/syntax/mod-file.ts';
import { goInstalled } from '../live/go-command.ts';
import { runEngine } from './engine-run.ts';
import { describeWorld, layOutWorld } from './laid-out-world.ts';
import { tidyWorlds } from './tidy-worlds.ts';
import type { TidyWorld } from './tidy-worlds.ts';

/** How many worlds are drawn, and from where; a longer run says so itself. */
const WORLDS = Number(process.env['GOMOD_HEALTH_REQUIREMENT_WORLDS'] ?? 60);
const SEED = Number(process.env['GOMOD_HEALTH_REQUIREMENT_SEED'] ?? 20260103);

const RULES = ['missing-indirect-comment', 'missing-requirement', 'superfluous-indirect-comment', 'unused-requirement'] as const;

/** Paths of modules by rule. */
type Told = ReadonlyMap<string, readonly string[]>;

/** What is said of requirements is what `go mod tidy` does to them. */
describe('the rules of requirements in random worlds', function () {
  this.timeout(WORLDS * 10_000);

  before(async function () {
    if ((await goInstalled()) !== undefined) return;
    console.log('skipped: the go command is not installed, so that nobody says what go mod tidy does to requirements');
    this.skip();
  });

  it('say nothing that go mod tidy does not do', async () => {
    const done = new Map<string, number>();
    const said = new Map<string, number>();
    for (const drawn of tidyWorlds(WORLDS, SEED)) {
      const world = withComments(drawn);
      const { told, tidied } = await judge(world);
      if (!tidied) continue;
      for (const rule of RULES) {
        const wrong: string[] = told.get(rule)!.filter((path) => !tidied.get(rule)!.includes(path));
        assert.deepEqual(wrong, [], `${rule} ${describeWorld(world)}`);
        done.set(rule, (done.get(rule) ?? 0) + tidied.get(rule)!.length);
        said.set(rule, (said.get(rule) ?? 0) + told.get(rule)!.length);
      }
    }
    for (const rule of RULES) {
      console.log(`      ${rule}: ${said.get(rule)} of ${done.get(rule)} changes that go mod tidy makes in ${WORLDS} worlds`);
      assert.ok(said.get(rule)! > 0, `${rule} said nothing at all`);
    }
  });
});

/** Every second requirement is marked // indirect, whether or not it is. */
function withComments({ modules, files }: TidyWorld): TidyWorld {
  let count = 0;
  const mod = files['go.mod']!.replace(/^require .*$/gm, (line) => (count++ % 2 === 0 ? `${line} // indirect` : line));
  return { modules, files: { ...files, 'go.mod': mod } };
}

interface Verdict {
  readonly told: Told;
  /** Undefined where tidy fails. */
  readonly tidied: Told | undefined;
}

async function judge(world: TidyWorld): Promise<Verdict> {
  const { sum, go, main, dispose } = await layOutWorld(world);
  try {
    const copy = main({ 'go.sum': sum });
    const { code } = await go.run(['mod', 'tidy'], { directory: copy });
    const { analysis } = await runEngine(main({ 'go.sum': sum }), { ...go.env });
    const pathsOf = (rule: string) => {
      return analysis.findings.filter((finding) => finding.rule === rule).map(({ module }) => module!.path);
    };
    const told = new Map(RULES.map((rule) => [rule, pathsOf(rule)]));
    const after = readFileSync(join(copy, 'go.mod'), 'utf8');
    return { told, tidied: code === 0 ? changes(world.files['go.mod']!, after) : undefined };
  } finally {
    dispose();
  }
}

function changes(before: string, after: string): Told {
  const marks = (text: string) => new Map(parseMod(text).require.map(({ path, indirect }) => [path.value, indirect] as const));
  const [was, is] = [marks(before), marks(after)];
  return new Map([
    ['missing-indirect-comment', [...was.keys()].filter((path) => was.get(path) === false && is.get(path) === true)],
    ['superfluous-indirect-comment', [...was.keys()].filter((path) => was.get(path) === true && is.get(path) === false)],
    ['unused-requirement', [...was.keys()].filter((path) => !is.has(path))],
    ['missing-requirement', [...is.keys()].filter((path) => !was.has(path))],
  ]);
}
