import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { ReportedFinding } from '../../server/src/engine/analysis.ts';
import type { Project } from '../../server/src/engine/project.ts';
import { carryFindings, editedFile, withFile } from '../../server/src/lsp/edited-project.ts';
import { parseMod } from '../../server/src/syntax/mod-file.ts';
import { remembered } from '../../server/src/syntax/memory.ts';
import { LspClient, uriOf } from '../lsp/client.ts';

const PATH = '/m/go.mod';

function projectOf(text: string): Project {
  const mod = { path: PATH, text, parsed: parseMod(text), editable: true };
  return {
    environment: {} as Project['environment'],
    workspace: undefined,
    modules: [{ directory: '/m', mod, sum: undefined, vendored: false }],
    nearby: [],
  };
}

function findingAt(text: string, word: string, related?: string): ReportedFinding {
  const place = (one: string) => ({ file: PATH, span: { start: text.indexOf(one), end: text.indexOf(one) + one.length } });
  return {
    at: place(word),
    message: word,
    rule: 'missing-tag',
    severity: 'error',
    fixes: [],
    ...(related !== undefined && { related: [{ at: place(related), message: related }] }),
  };
}

describe('findings that are carried over an edit', () => {
  const before = 'module m\nrequire a v1\nrequire b v2\n';
  const cases: readonly (readonly [name: string, now: string, carried: readonly string[]])[] = [
    ['move with the text behind the edit', 'module m\n\n\nrequire a v1\nrequire b v2\n', ['a v1', 'b v2 (a v1)']],
    ['stay before the edit', 'module m\nrequire a v1\nrequire b v2\n// c\n', ['a v1', 'b v2 (a v1)']],
    ['are dropped where the edit touches them', 'module m\nrequire a v1\nrequire b v23\n', ['a v1']],
    ['lose the places that the edit touches', 'module m\nrequire a v12\nrequire b v2\n', ['b v2']],
    ['are dropped with their text', 'module m\n', []],
    ['stay where nothing has changed', before, ['a v1', 'b v2 (a v1)']],
  ];
  for (const [name, now, expected] of cases) {
    it(name, () => {
      const project = projectOf(before);
      const edited = withFile(project, editedFile(project, PATH, now)!);
      const findings = [findingAt(before, 'a v1'), findingAt(before, 'b v2', 'a v1')];
      const carried = carryFindings(findings, project, edited).map(({ at, related = [], fixes }) => {
        assert.equal(fixes, undefined);
        const words = related.map((one) => ` (${now.slice(one.at.span.start, one.at.span.end)})`);
        return now.slice(at.span.start, at.span.end) + words.join('');
      });
      assert.deepEqual(carried, expected);
    });
  }

  it('are carried within one file of the project only', () => {
    assert.equal(editedFile(projectOf(before), '/elsewhere/go.mod', before), undefined);
  });
});

describe('a function with a memory', () => {
  it('says what it says without', () => {
    let asked = 0;
    const length = remembered((text) => {
      asked++;
      return text.length > 3 ? text.toUpperCase() : undefined;
    });
    const word = fc.oneof(fc.constantFrom('a', 'long', 'longer', '\ud83d'), fc.string({ maxLength: 150 }));
    let runs = 0;
    fc.assert(
      fc.property(word, (text) => {
        runs++;
        assert.equal(length(text), text.length > 3 ? text.toUpperCase() : undefined);
      }),
      { numRuns: 10_000 },
    );
    assert.ok(asked < runs, 'nothing was remembered');
  });
});

describe('a keystroke', function () {
  this.timeout(30_000);
  let client: LspClient;
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'gomod-health-keystroke-'));
    client = await LspClient.start({
      env: { GOENV: 'off', GOWORK: 'off' },
      folders: [directory],
      initializationOptions: { network: 'off' },
    });
  });
  afterEach(async () => {
    await client.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it('is answered at once with what the text shows, and not with the same again', async () => {
    const path = join(directory, 'go.mod');
    await writeFile(path, 'module example.com/m\n\ngo 1.26.0\n\nrequire example.com/a v2.0.0\n\nrequired\n');
    const codes = (): unknown[] => client.diagnostics(path).map(({ code }) => code).sort();
    await client.open(path);
    await client.until('first findings', () => codes().length === 2);
    await client.quiet();

    const version = await client.replace(path, 'required', 'require');
    await client.until('findings of the edit', () => client.published.some((one) => one.version === version));
    const first = client.published.find((one) => one.version === version)!;
    assert.deepEqual(first.diagnostics.map(({ code }) => code).sort(), ['major-path-mismatch', 'syntax-error']);
    assert.ok(first.diagnostics.some(({ message }) => JSON.stringify(message).includes('usage: require')), JSON.stringify(first));
    await client.quiet();
    const all = client.published.filter(({ uri }) => uri === uriOf(path)).map((one) => JSON.stringify(one));
    assert.equal(new Set(all).size, all.length, 'something was published twice');
  });
});
