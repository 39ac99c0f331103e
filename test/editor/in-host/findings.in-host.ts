import assert from 'node:assert/strict';
import { DiagnosticSeverity, DiagnosticTag, languages, workspace } from 'vscode';
import { findings, folder, openFile, restoreFiles, setting, until, uriOf } from './workbench.ts';

/** Every finding of the example: its rule, the text under its range, and what its message must say. */
const expected = [
  { file: 'go.mod', line: 7, token: 'v1.9.0', rule: 'missing-tag', severity: 'Error', says: /unknown revision v1\.9\.0/ },
  { file: 'go.mod', line: 8, token: 'v1.2.0', rule: 'missing-tag', severity: 'Error', says: /the tag 1\.2\.0, which Go ignores/ },
  { file: 'go.mod', line: 9, token: 'v2.1.0', rule: 'major-path-mismatch', severity: 'Error', says: /should be v0 or v1, not v2/ },
  { file: 'go.sum', line: 4, token: /^github\.com\/acme\/ledger v1\.2\.9 /, rule: 'stale-checksum', severity: 'Hint', says: /excluded/ },
  { file: 'go.sum', line: 5, token: /^github\.com\/acme\/ledger v1\.2\.9\/go\.mod /, rule: 'stale-checksum', severity: 'Hint', says: /excluded/ },
  { file: 'go.sum', line: 6, token: /^h1:/, rule: 'checksum-mismatch', severity: 'Error', says: /sum\.example\.com has signed/ },
] as const;

describe('The findings', () => {
  before(async () => {
    await openFile('go.mod');
    await until('all findings of the example', () => findings().length === expected.length);
  });
  afterEach(restoreFiles);

  for (const { file, line, token, rule, severity, says } of expected) {
    it(`show ${rule} in ${file}:${line + 1}, on exactly the wrong token`, async () => {
      const document = await workspace.openTextDocument(uriOf(file));
      // A file that was laid out a moment ago may be read once more.
      const diagnostic = await until(`one finding in line ${line + 1}`, () => {
        const at = languages.getDiagnostics(document.uri).filter(({ range }) => range.start.line === line);
        return at.length === 1 ? at[0] : undefined;
      });
      const text = document.getText(diagnostic.range);
      if (typeof token === 'string') assert.equal(text, token);
      else assert.match(text, token);
      assert.equal(diagnostic.code, rule);
      assert.equal(DiagnosticSeverity[diagnostic.severity], severity);
      assert.match(diagnostic.message, says);
    });
  }

  it('fade what is unnecessary', () => {
    for (const { diagnostic } of findings()) {
      const faded = diagnostic.tags?.includes(DiagnosticTag.Unnecessary) ?? false;
      assert.equal(faded, diagnostic.code === 'stale-checksum');
    }
  });

  it('point from a checksum to the requirement that it belongs to', () => {
    const mismatch = findings().find(({ diagnostic }) => diagnostic.code === 'checksum-mismatch');
    const related = mismatch?.diagnostic.relatedInformation?.map(({ location }) => location);
    assert.deepEqual(related?.map(({ uri, range }) => [uri.path.slice(folder().path.length), range.start.line]), [['/go.mod', 6]]);
  });

  it('follow what is typed, before it is saved', async () => {
    const editor = await openFile('go.mod');
    const range = languages.getDiagnostics(editor.document.uri).find(({ code }) => code === 'missing-tag')?.range;
    assert.ok(range);
    await editor.edit((edit) => edit.replace(range, 'v1.5.0'));
    await until('the finding is gone', () => findings().length === expected.length - 1);
  });

  describe('under the settings', () => {
    afterEach(async () => {
      await setting('rules', undefined);
      await setting('network', undefined);
      await until('all findings again', () => findings().length === expected.length);
    });

    it('are left out where a rule is off, and weigh what a rule is set to', async () => {
      await setting('rules', { 'stale-checksum': 'off', 'missing-tag': 'warning' });
      const severities = () => new Set(findings().map(({ diagnostic }) => diagnostic.severity));
      await until('no hints, and warnings', () => !severities().has(DiagnosticSeverity.Hint) && severities().has(DiagnosticSeverity.Warning));
    });

    it('are those of the text alone with the network off', async () => {
      await setting('network', 'off');
      const rules = () => findings().map(({ diagnostic }) => diagnostic.code);
      await until('no finding that the network knows', () => !rules().includes('missing-tag') && !rules().includes('checksum-mismatch'));
      assert.ok(rules().includes('major-path-mismatch'), rules().join());
    });
  });
});
