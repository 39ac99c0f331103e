import assert from 'node:assert/strict';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jsonReport } from '../../server/src/cli/json-report.ts';
import { sourceFiles } from '../../server/src/host/source-files.ts';
import { layOutExample } from '../world/example.ts';
import type { Example } from '../world/example.ts';
import { runCommand } from './bundle.ts';
import { parseReport } from './json-shape.ts';
import type { JsonPlace } from './json-shape.ts';
import { Sandbox, library } from './sandbox.ts';

const DOCUMENT = join(import.meta.dirname, '..', '..', 'docs', 'json.md');

describe('The JSON of gomod-health check', () => {
  it('is what docs/json.md says', async () => {
    const text = await readFile(DOCUMENT, 'utf8');
    const example = /```json\n([\s\S]*?)```/.exec(text)?.[1];
    assert.ok(example, 'the document has an example');
    const { findings, unchecked } = parseReport(example);
    assert.ok(findings.length > 0 && unchecked.length > 0, 'the example shows every list');
    const names = [...example.matchAll(/"(\w+)":/g)].map(([, name]) => name!);
    const told = text.replace(/```[\s\S]*```/, '');
    assert.deepEqual([...new Set(names)].filter((name) => !new RegExp(`\\b${name}\\b`).test(told)), [], 'every field is described');
  });

  describe('of the example', () => {
    let example: Example;

    before(async () => {
      example = await layOutExample(await mkdtemp(join(tmpdir(), 'gomod-health-json-')));
    });
    after(() => example.close());

    it('has the documented form, and every fault at its place', async () => {
      const { status, stdout, stderr } = await runCommand(['check', '--format', 'json'], { cwd: example.workspace, env: example.env });
      const { findings, unchecked, summary } = parseReport(stdout);
      assert.deepEqual({ status, stderr, unchecked }, { status: 1, stderr: '', unchecked: [] });
      const places = await Promise.all(
        findings.map(async (finding) => `${finding.severity} ${finding.rule} in ${finding.file} at ${await marked(example.workspace, finding)}`),
      );
      assert.deepEqual(
        places.filter((place) => !place.includes('stale')),
        [
          'error missing-tag in go.mod at v1.9.0',
          'error missing-tag in go.mod at v1.2.0',
          'error major-path-mismatch in go.mod at v2.1.0',
          'error checksum-mismatch in go.sum at h1:+1kvYd3e8dfjC4P45rYg5Zq4HtTcdYigS/3/2Cdk48g=',
        ],
      );
      assert.equal(places.filter((place) => place.startsWith('hint stale-checksum in go.sum')).length, summary.hints);
      assert.deepEqual([summary.errors, summary.warnings, summary.infos, summary.modules], [4, 0, 0, 5]);
      assert.ok(summary.hints > 0 && summary.requests > 0 && summary.milliseconds > 0);
      const [related] = findings.find(({ rule }) => rule === 'checksum-mismatch')!.related;
      assert.equal(await marked(example.workspace, related!), 'github.com/acme/ledger v1.3.0');
    });

    it('names files from the working directory', async () => {
      for (const [cwd, path, mod] of [
        [join(example.workspace, '..'), 'payments', 'payments/go.mod'],
        [join(example.workspace, 'internal', 'charge'), '.', '../../go.mod'],
        [join(example.workspace, 'internal'), '../main.go', '../go.mod'],
      ] as const) {
        const { stdout } = await runCommand(['check', '--format', 'json', path], { cwd, env: example.env });
        assert.equal(parseReport(stdout).findings[0]?.file, mod, `${path} from ${cwd}`);
      }
    });
  });

  describe('counts positions', () => {
    let sandbox: Sandbox;

    before(async () => {
      sandbox = await Sandbox.open({
        modules: [library('example.com/queue', 'v1.0.0'), library('example.com/queue/v2', 'v2.1.0')],
      });
    });
    after(() => sandbox.close());

    it('in UTF-16 code units', async () => {
      await sandbox.write({
        'go.mod': '// ä 𝒳 日\nmodule example.com/m\n\nrequire example.com/queue v2.1.0 // 𝒳\n',
        'main.go': 'package main\n\nimport /* ä 𝒳 日 */ q "example.com/queue"\n\nvar _ = q.Version\n',
      });
      const report = await sandbox.run(['check', '--format', 'json']);
      const finding = parseReport(report.stdout).findings.find(({ rule }) => rule === 'major-path-mismatch')!;
      assert.deepEqual(finding.range, { start: { line: 3, character: 26 }, end: { line: 3, character: 32 } });
      const edit = finding.fixes[0]!.edits.find(({ file }) => file === 'main.go')!;
      // Seven before the comment, twelve in it, of which two are one astral character, and four before the path.
      assert.deepEqual(edit.range, { start: { line: 2, character: 23 }, end: { line: 2, character: 40 } });
      assert.equal(await marked(sandbox.project, edit), 'example.com/queue');
    });

    it('as an editor shows them, without a byte order mark', async () => {
      await sandbox.write({
        'go.mod': '\ufeffrequire example.com/queue v2.1.0\n\nmodule example.com/m\n',
        'main.go': '\ufeffpackage main; import q "example.com/queue"\n\nvar _ = q.Version\n',
      });
      const report = await sandbox.run(['check', '--format', 'json']);
      const finding = parseReport(report.stdout).findings.find(({ rule }) => rule === 'major-path-mismatch')!;
      assert.deepEqual(finding.range, { start: { line: 0, character: 26 }, end: { line: 0, character: 32 } });
      const edit = finding.fixes[0]!.edits.find(({ file }) => file === 'main.go')!;
      assert.deepEqual(edit.range.start, { line: 0, character: 24 });
      assert.equal(await marked(sandbox.project, edit), 'example.com/queue');

      const text = await sandbox.run(['check']);
      assert.match(text.stdout, /^go\.mod:1:27: error major-path-mismatch\n {3}\|\n 1 \| require example\.com\/queue v2\.1\.0\n {3}\| {27}\^{6}\n/m);
    });
  });

  it('escapes what a terminal might obey', async () => {
    const evil = 'a\u001b[2Jb\u009b31mc\u202ed\u007f';
    const text = await jsonReport(
      {
        findings: [{ rule: 'r', severity: 'error', at: { file: '/x/go.mod', span: { start: 0, end: 0 } }, message: evil }],
        unchecked: [],
        texts: new Map([['/x/go.mod', '']]),
        modules: 0,
        requests: 0,
        milliseconds: 0,
        applied: [],
      },
      sourceFiles(),
    );
    assert.match(text, /^[\n\x20-\x7e]*$/);
    assert.equal(parseReport(text).findings[0]!.message, evil);
  });
});

/** The text at a place, found as a reader of the document would. */
async function marked(directory: string, { file, range: { start, end } }: JsonPlace): Promise<string> {
  const text = (await readFile(join(directory, file), 'utf8')).replace(/^\ufeff/, '');
  const lines = text.split('\n');
  assert.equal(start.line, end.line, 'on one line');
  return lines[start.line]!.slice(start.character, end.character);
}
