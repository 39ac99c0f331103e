import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Analysis, ReportedFinding } from '../../server/src/engine/analysis.ts';
import type { Fix, Place } from '../../server/src/engine/rule.ts';
import { rules } from '../../server/src/engine/rules/index.ts';
import type { AnyFact } from '../../server/src/host/fact-store.ts';
import { LineIndex, applyEdits } from '../../server/src/syntax/span.ts';
import { analyzeWith, filesOf, labelledFixes, openFixture, shownMessage } from './fixture.ts';
import type { Fixture, Run } from './fixture.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');

/** How many random subsets of the facts are tried for each fixture. */
const SUBSETS = 40;

describe('rules', () => {
  it('have a fixture folder each, and no folder is without its rule', () => {
    assert.deepEqual(readdirSync(FIXTURES).sort(), rules.map(({ name }) => name).sort());
  });

  for (const rule of readdirSync(FIXTURES).sort()) {
    describe(rule, () => {
      for (const file of readdirSync(join(FIXTURES, rule)).sort()) {
        describe(file, () => describeFixture(readFileSync(join(FIXTURES, rule, file), 'utf8')));
      }
    });
  }
});

function describeFixture(text: string): void {
  let fixture: Fixture;
  let run: Run;
  before(async () => {
    fixture = await openFixture(text);
    run = await fixture.run();
  });
  after(() => fixture.close());

  it('says what it shows', () => assert.match(fixture.comment, /\S/));

  it('has exactly the findings that are marked', () => {
    assert.deepEqual(shownFindings(fixture, run.analysis), expectedFindings(fixture));
  });

  it('leaves unchecked exactly what it names', () => {
    assert.deepEqual([...run.unchecked].sort(), [...(fixture.unchecked ?? [])].sort());
  });

  it('names no private module to a server that is not its own', () => assert.deepEqual(run.leaks, []));

  it('asks what it says, in this order', () => {
    if (fixture.asked) assert.deepEqual(run.asked, fixture.asked);
  });

  it('has fixes that give the named results, are parsed again and silence their finding', async () => {
    const named: string[] = [];
    for (const { finding, fix, label } of labelledFixes(run.analysis)) {
      const changed = applyFixes(fixture, [fix]);
      for (const file of filesOf(fixture, fix)) {
        const name = `${label}/${file}`;
        assert.ok(fixture.fixed.has(name), `no result is named for the fix: ${name}`);
        assert.equal(changed.get(file), fixture.fixed.get(name), `after "${label}", ${file}`);
        named.push(name);
      }
      const again = await fixture.run(changed);
      const count = ({ analysis }: Run) => analysis.findings.filter((other) => isSame(other, finding)).length;
      assert.ok(count(again) < count(run), `"${label}" leaves its finding`);
      assert.ok(problemCount(again) <= problemCount(run), `"${label}" leaves a file that Go refuses`);
      assert.deepEqual(again.leaks, []);
    }
    assert.deepEqual(named.sort(), [...fixture.fixed.keys()].sort(), 'every named result has its fix');
  });

  it('has safe fixes that can all be applied at once, and then nothing of their rule is left', async () => {
    for (const { name } of rules.filter(({ fixAllTitle }) => fixAllTitle)) {
      const found = run.analysis.findings.filter(({ rule }) => rule === name);
      const fixes = found.flatMap((finding) => finding.fixes?.find(({ safety }) => safety === 'safe') ?? []);
      if (fixes.length === 0 || fixes.length < found.length) continue;
      const again = await fixture.run(applyFixes(fixture, fixes));
      assert.deepEqual(again.analysis.findings.filter(({ rule }) => rule === name), []);
    }
  });

  it('has the same findings with CRLF line ends', async () => {
    const crlf = new Map([...fixture.files].map(([name, data]) => [name, data.replaceAll('\n', '\r\n')]));
    const { analysis } = await fixture.run(crlf);
    assert.deepEqual(places(fixture, analysis, crlf), places(fixture, run.analysis, fixture.files));
  });

  it('has fixes that keep CRLF line ends', async () => {
    const crlf = new Map([...fixture.files].map(([name, data]) => [name, data.replaceAll('\n', '\r\n')]));
    const { analysis } = await fixture.run(crlf);
    for (const { fix, label } of labelledFixes(analysis)) {
      const changed = applyFixes(fixture, [fix], crlf);
      for (const file of filesOf(fixture, fix)) {
        const result = fixture.fixed.get(`${label}/${file}`);
        // A file that is made anew has the go command's own line ends.
        const expected = crlf.has(file) ? result?.replaceAll('\n', '\r\n') : result;
        assert.equal(changed.get(file), expected, `after "${label}" with CRLF, ${file}`);
      }
    }
  });

  it('has no finding that knowing less would bring', () => {
    const all = new Set(run.analysis.findings.map(key));
    const lines = new Set(places(fixture, run.analysis, fixture.files).map(lineKey));
    for (const mask of masks([...run.facts.keys()])) {
      const pending = analyzeWith(run.project, without(run.facts, mask, undefined), fixture.settings);
      for (const finding of pending.findings) assert.ok(all.has(key(finding)), `with pending facts: ${finding.message}`);
      const unavailable = analyzeWith(run.project, without(run.facts, mask, { state: 'unavailable', why: 'masked' }), fixture.settings);
      for (const place of places(fixture, unavailable, fixture.files)) {
        assert.ok(lines.has(lineKey(place)), `with unavailable facts: ${JSON.stringify(place)}`);
      }
    }
  });
}

interface ShownFinding {
  readonly file: string;
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly severity: string;
  readonly rule: string;
  readonly message: string;
}

function shownFindings(fixture: Fixture, analysis: Analysis): string[] {
  return [...places(fixture, analysis, fixture.files), ...relatedPlaces(fixture, analysis)].map(show).sort();
}

function expectedFindings(fixture: Fixture): string[] {
  return [...fixture.marks]
    .flatMap(([file, marks]) =>
      marks.map(({ span, severity, rule, message }) => {
        const { start, end } = new LineIndex(fixture.files.get(file)!).range(span);
        return show({ file, line: start.line, start: start.character, end: end.character, severity, rule, message });
      }),
    )
    .sort();
}

function show({ file, line, start, end, severity, rule, message }: ShownFinding): string {
  return `${file}:${line + 1}:${start + 1}-${end + 1}: ${severity} ${rule}: ${message}`;
}

function places(fixture: Fixture, analysis: Analysis, files: ReadonlyMap<string, string>): ShownFinding[] {
  return analysis.findings.map(({ at, severity, rule, message }) => {
    return { ...placeOf(fixture, at, files), severity, rule, message: shownMessage(fixture.directory, message) };
  });
}

function relatedPlaces(fixture: Fixture, { findings }: Analysis): ShownFinding[] {
  return findings.flatMap(({ rule, related = [] }) =>
    related.map(({ at, message }) => {
      const place = placeOf(fixture, at, fixture.files);
      return { ...place, severity: 'related', rule, message: shownMessage(fixture.directory, message) };
    }),
  );
}

function placeOf(fixture: Fixture, at: Place, files: ReadonlyMap<string, string>): Omit<ShownFinding, 'severity' | 'rule' | 'message'> {
  const file = at.file.slice(fixture.directory.length + 1);
  const { start, end } = new LineIndex(files.get(file)!).range(at.span);
  return { file, line: start.line, start: start.character, end: end.character };
}

function lineKey({ file, line }: ShownFinding): string {
  return `${file}:${line}`;
}

function key({ rule, at }: ReportedFinding): string {
  return `${rule} ${at.file} ${at.span.start}-${at.span.end}`;
}

function isSame(a: ReportedFinding, b: ReportedFinding): boolean {
  return a.rule === b.rule && a.at.file === b.at.file && a.module?.path === b.module?.path && a.message === b.message;
}

function applyFixes(fixture: Fixture, fixes: readonly Fix[], files = fixture.files): Map<string, string> {
  const changed = new Map(files);
  const edits = fixes.flatMap((fix) => fix.edits);
  for (const file of new Set(edits.map((edit) => edit.file))) {
    const name = file.slice(fixture.directory.length + 1);
    changed.set(name, applyEdits(changed.get(name) ?? '', edits.filter((edit) => edit.file === file)));
  }
  return changed;
}

function problemCount({ project }: Run): number {
  return project.modules.reduce((sum, { mod }) => sum + mod.parsed.problems.length, 0);
}

function without(
  facts: ReadonlyMap<string, AnyFact>,
  mask: ReadonlySet<string>,
  instead: AnyFact | undefined,
): Map<string, AnyFact> {
  const kept = new Map(facts);
  for (const hidden of mask) {
    if (instead) kept.set(hidden, instead);
    else kept.delete(hidden);
  }
  return kept;
}

/** Each fact alone, all of them, and subsets drawn with a fixed seed. */
function* masks(keys: readonly string[]): Iterable<ReadonlySet<string>> {
  for (const one of keys) yield new Set([one]);
  yield new Set(keys);
  let state = 12345;
  for (let drawn = 0; drawn < SUBSETS; drawn++) {
    yield new Set(
      keys.filter(() => {
        state = (state * 1103515245 + 12345) % 2147483648;
        return state % 3 === 0;
      }),
    );
  }
}
