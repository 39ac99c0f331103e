import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ReportedFinding } from '../../server/src/engine/analysis.ts';
import type { Project } from '../../server/src/engine/project.ts';
import { namesOtherFiles } from '../../server/src/engine/readonly-module.ts';
import { isMember, moduleOf, namesTag } from '../../server/src/engine/requirements.ts';
import { hashGoMod } from '../../server/src/net/dirhash.ts';
import { checkPath } from '../../server/src/syntax/module-path.ts';
import { goInstalled } from '../live/go-command.ts';
import { openFixture, publishedModules } from '../rules/fixture.ts';
import type { Fixture, Run } from '../rules/fixture.ts';
import { parseTxtar } from '../txtar.ts';
import type { ModuleSums, PublishedModule } from '../world/module-proxy.ts';
import { openFixtureWorld } from './fixture-world.ts';
import type { FixtureWorld, FixtureWorldOptions } from './fixture-world.ts';

const FIXTURES = join(import.meta.dirname, '..', 'rules', 'fixtures');

describe('the go command on the fixtures', function () {
  this.timeout(60_000);

  before(async function () {
    if ((await goInstalled()) !== undefined) return;
    console.log('skipped: the go command is not installed, so that nobody judges the fixtures');
    this.skip();
  });

  forEach('missing-tag', async (fixture, run, text) => {
    await inWorld(text, {}, (world) => holdVersions(fixture, run, text, world));
  });

  forEach('major-path-mismatch', async (fixture, run, text) => {
    await inWorld(text, {}, async (world) => {
      await holdRefusedLines(run, world);
      await holdVersions(fixture, run, text, world);
    });
  });

  forEach('checksum-mismatch', async (_, run, text) => {
    const modules = signedModules(text);
    const rewrite = (name: string, file: string, sums: readonly ModuleSums[]) =>
      name.endsWith('.sum') ? withTrueHashes(file, sums, signedHashes(text)) : file;
    await inWorld(text, { modules, rewrite }, (world) => holdDownload(run, text, world));
  });

  forEach('stale-checksum', async (_, run, text, test) => {
    const rewrite = (name: string, file: string, sums: readonly ModuleSums[]) =>
      name.endsWith('.sum') ? withTrueHashes(file, [...sums, ...modSums(text)]) : file;
    const judged = await inWorld(text, { serveCached: true, rewrite }, (world) => holdTidy(run, world));
    if (judged) return;
    console.log(`skipped: go mod tidy fails on ${test.test?.parent?.title ?? ''}/${test.test?.title ?? ''}, as it lacks modules or has another fault`);
    test.skip();
  });
});

function forEach(
  rule: string,
  judge: (fixture: Fixture, run: Run, text: string, test: Mocha.Context) => Promise<void>,
): void {
  describe(rule, () => {
    for (const file of readdirSync(join(FIXTURES, rule)).sort()) {
      it(file, async function () {
        const text = readFileSync(join(FIXTURES, rule, file), 'utf8');
        const fixture = await openFixture(text);
        try {
          await judge(fixture, await fixture.run(), text, this);
        } finally {
          fixture.close();
        }
      });
    }
  });
}

async function inWorld<T>(text: string, options: FixtureWorldOptions, action: (world: FixtureWorld) => Promise<T>): Promise<T> {
  const world = await openFixtureWorld(text, options);
  try {
    return await action(world);
  } finally {
    await world.close();
  }
}

/** Each version that is reported can't be had, with the words that are quoted; each other one that is judged can. */
async function holdVersions(
  { unchecked = [] }: Fixture,
  { project, analysis }: Run,
  text: string,
  world: FixtureWorld,
): Promise<void> {
  for (const main of project.modules) {
    for (const requirement of main.mod.parsed.require) {
      const module = moduleOf(requirement);
      const found = analysis.findings.find(
        ({ rule, at }) => VERSION_RULES.has(rule) && at.file === main.mod.path && at.span.start === requirement.version.start,
      );
      const name = `${module.path}@${module.version}`;
      if (found && !isTextOf(found)) {
        const { code, stderr } = await world.go(['list', '-m', name], world.outside);
        assert.notEqual(code, 0, `${name} is reported, but the go command has it`);
        for (const words of quotedWords(found.message, text)) assert.ok(stderr.includes(words), `${words}\nis not in\n${stderr}`);
      }
      if (!found && unchecked.length === 0 && isLookedUp(project, module)) {
        const { code, stderr } = await world.go(['list', '-m', name], world.outside);
        assert.equal(code, 0, stderr);
      }
    }
  }
}

const VERSION_RULES: ReadonlySet<string> = new Set(['missing-tag', 'major-path-mismatch']);

/** The text alone shows it; the go command says so when it reads the file. */
function isTextOf({ rule, message }: ReportedFinding): boolean {
  return rule === 'major-path-mismatch' && /The go command (?:says `|refuses)/.test(message);
}

function isLookedUp(project: Project, module: { path: string; version: string }): boolean {
  const replaced = [...project.modules.map(({ mod }) => mod), ...(project.workspace ? [project.workspace.work] : [])]
    .flatMap(({ parsed }) => parsed.replace)
    .some(({ oldPath, oldVersion }) => oldPath.value === module.path && [undefined, module.version].includes(oldVersion?.value));
  const excluded = project.modules.some(({ mod }) => mod.parsed.exclude.some(({ path }) => path.value === module.path));
  return checkPath(module.path) === undefined && namesTag(module.version) && !replaced && !excluded && !isMember(project, module.path);
}

/** What a message says that the go command says, of this world. */
function quotedWords(message: string, text: string): string[] {
  const said = /The go command says "(.+)"\.$/.exec(message)?.[1];
  const refusals = [...text.matchAll(/^\S+ refused: (.*)$/gm)].map(([, words]) => words!);
  return [...(said === undefined ? [] : [said]), ...refusals.filter((words) => message.includes(words))];
}

/** The go command stops at each line that the text alone shows to be wrong. */
async function holdRefusedLines({ project, analysis }: Run, world: FixtureWorld): Promise<void> {
  for (const { message } of analysis.findings.filter(isTextOf)) {
    const words = /The go command says `(.+)`\./.exec(message)?.[1] ?? /refuses this line: (.+)\.$/.exec(message)![1]!;
    const directory = project.workspace ? world.work : join(world.work, '');
    const results = [await world.go(['list', '-m'], directory)];
    for (const member of project.workspace ? project.modules : []) {
      const below = member.directory.slice(project.workspace!.directory.length + 1);
      results.push(await world.go(['list', '-m'], join(world.work, below), { GOWORK: 'off' }));
    }
    assert.ok(results.some(({ code, stderr }) => code !== 0 && stderr.includes(words)), `${words}\nis not in\n${results[0]!.stderr}`);
  }
}

/** go mod download stops with a mismatch exactly where an error is reported, as far as the database has signed something. */
async function holdDownload({ project, analysis }: Run, text: string, world: FixtureWorld): Promise<void> {
  const signed = signedHashes(text);
  for (const main of project.modules) {
    if (main.mod.parsed.require.length === 0) continue;
    const below = project.workspace ? main.directory.slice(project.workspace.directory.length + 1) : '';
    const { stderr } = await world.go(['mod', 'download'], join(world.work, below), { GOWORK: 'off' });
    const labels = analysis.findings
      .filter(({ rule, severity, at }) => rule === 'checksum-mismatch' && severity === 'error' && at.file === main.sum?.path)
      .map(({ message }) => /"verifying (.+): checksum mismatch"/.exec(message)![1]!);
    const stopped = /verifying (\S+): checksum mismatch/.exec(stderr)?.[1];
    const isSaid = stopped !== undefined && (labels.includes(stopped) || !signed.has(stopped.replace('@', ' ')));
    if (labels.length > 0) assert.ok(isSaid, `${labels.join()}\nis not in\n${stderr}`);
    // Where the database was not asked or had no answer, a wrong hash stays unsaid.
    else if (analysis.unchecked.length === 0 && isVouchedFor(project)) assert.ok(stopped === undefined || isSaid, stderr);
  }
}

function isVouchedFor({ environment }: Project): boolean {
  return environment.sumDb !== 'off' && environment.noSumDb === '' && !namesOtherFiles(environment);
}

/** go mod tidy removes every line that is called stale; false when it fails and so says nothing. */
async function holdTidy({ project, analysis }: Run, world: FixtureWorld): Promise<boolean> {
  let judged = true;
  for (const main of project.modules) {
    const { sum } = main;
    if (!sum) continue;
    const below = project.workspace ? main.directory.slice(project.workspace.directory.length + 1) : '';
    const file = join(world.work, below, 'go.sum');
    const before = readFileSync(file, 'utf8').split('\n');
    const { code } = await world.go(['mod', 'tidy'], join(world.work, below));
    if (code !== 0) {
      judged = false;
      continue;
    }
    const after = new Set(existsSync(file) ? readFileSync(file, 'utf8').split('\n').map(normalized) : []);
    for (const { rule, at } of analysis.findings) {
      if (rule !== 'stale-checksum' || at.file !== sum.path) continue;
      const line = before[sum.text.slice(0, at.span.start).split('\n').length - 1]!;
      assert.ok(!after.has(normalized(line)), `go mod tidy keeps a line that is called stale: ${line}`);
    }
  }
  return judged;
}

function normalized(line: string): string {
  return line.trim().split(/\s+/).join(' ');
}

/** The fixture's modules, and content for those others of which its database has records. */
function signedModules(text: string): PublishedModule[] {
  const { files } = parseTxtar(text);
  const own = publishedModules(files);
  const others = files.flatMap(({ name }) => {
    const [, path, version] = /^sumdb\/([^@]+)@(.+)$/.exec(name) ?? [];
    if (path === undefined || version === undefined) return [];
    if (own.some((module) => module.path === path && module.version === version)) return [];
    const mod: Record<string, string> = version.endsWith('+incompatible') ? {} : { 'go.mod': `module ${path}\n` };
    return [{ path, version, files: { ...mod, 'p.go': 'package p\n' } }];
  });
  return [...own, ...others];
}

/** The placeholders that a fixture's database has signed, by `PATH VERSION`. */
function signedHashes(text: string): Map<string, string> {
  const lines = parseTxtar(text).files.filter(({ name }) => name.startsWith('sumdb/')).flatMap(({ data }) => data.trim().split('\n'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), line.slice(line.lastIndexOf(' ') + 1)]));
}

/** Puts true hashes in the place of placeholders: of all, or of those that are as signed. */
function withTrueHashes(text: string, sums: readonly ModuleSums[], signed?: ReadonlyMap<string, string>): string {
  return text.split('\n').map((line) => {
    const [path, version, hash] = line.split(/\s+/);
    const sum = sums.find((candidate) => candidate.path === path && candidate.version === version?.replace(/\/go\.mod$/, ''));
    if (!sum || !hash?.startsWith('h1:') || (signed && signed.get(`${path} ${version}`) !== hash)) return line;
    return line.replace(hash, version!.endsWith('/go.mod') ? sum.mod : sum.zip);
  }).join('\n');
}

/** The hashes of go.mod files that only the fixture's proxy has. */
function modSums(text: string): ModuleSums[] {
  return parseTxtar(text).files.flatMap(({ name, data }) => {
    const [, path, version] = /^proxy\/(.+)\/@v\/(.+)\.mod$/.exec(name) ?? [];
    return path === undefined || version === undefined ? [] : [{ path, version, zip: 'h1:', mod: hashGoMod(Buffer.from(data)) }];
  });
}
