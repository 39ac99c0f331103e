import assert from 'node:assert/strict';
import { displayWidth } from '../../server/src/cli/display-width.ts';
import { excerpt } from '../../server/src/cli/excerpt.ts';
import { oneLine } from '../../server/src/lsp/one-line.ts';
import { progressLine } from '../../server/src/cli/progress-line.ts';
import { Sandbox } from './sandbox.ts';

describe('The text of gomod-health check', () => {
  describe('puts carets below', () => {
    // In each line the part between the angle brackets is marked.
    const cases: readonly (readonly [name: string, line: string, indent: string, width: number])[] = [
      ['plain text', 'require a <v1>', ' '.repeat(10), 2],
      ['tabs, which stay tabs', '\ta\tb <v1>', '\t \t  ', 2],
      ['East Asian wide characters', '日本 <v1>', ' '.repeat(5), 2],
      ['a wide marked part', 'a <日本>', '  ', 4],
      ['full-width forms', 'Ａ <v>', ' '.repeat(3), 1],
      ['letters beyond the first plane, which are narrow', '𝒳𝒴 <v1>', ' '.repeat(3), 2],
      ['pictures', '🎉 <v1>', ' '.repeat(3), 2],
      ['pictures of several parts', '👩‍👩‍👧 🏳️‍🌈 🇨🇭 <v1>', ' '.repeat(9), 2],
      ['letters with marks', 'e\u0301a\u0308 <v1>', ' '.repeat(3), 2],
      ['what can not be seen', 'a\u200bb <v1>', ' '.repeat(3), 2],
      ['control characters, which are spelled out', '\u001b <v1>', ' '.repeat('\\u{1b} '.length), 2],
      ['nothing at all, with one caret', 'ab<>', '  ', 1],
    ];
    for (const [name, marked, indent, width] of cases) {
      it(name, () => {
        const start = marked.indexOf('<');
        const end = marked.indexOf('>') - 1;
        const shown = excerpt(marked.replace(/[<>]/g, ''), { start, end });
        assert.deepEqual({ indent: shown.indent, width: shown.width }, { indent, width });
      });
    }
  });

  it('shows of a very long line what is around the place', () => {
    const line = `${'a'.repeat(5000)}𝒳require${'b'.repeat(5000)}`;
    for (let start = 4990; start < 5010; start++) {
      const shown = excerpt(line, { start, end: start + 3 });
      assert.ok(shown.line.length <= 250 && shown.line.startsWith('…') && shown.line.endsWith('…'));
      assert.ok(isWhole(shown.line), 'no half of a pair is shown');
      const below = [...shown.line].slice(shown.indent.length).join('');
      if (isWhole(line.slice(start))) assert.ok(below.startsWith(line.slice(start, start + 3)), `${start}: ${below.slice(0, 5)}`);
    }
    const first = excerpt(line, { start: 0, end: 5 });
    assert.deepEqual([first.indent, first.width, first.line.startsWith('aaa')], ['', 5, true]);
    assert.ok(excerpt(line, { start: 0, end: line.length }).width <= 250);
  });

  it('takes no width for what is not there', () => assert.equal(displayWidth(''), 0));

  it('keeps a message on one line', () => {
    assert.equal(oneLine('a\nfake: error\r\n\tb\u001b]0;x\u0007\u2066'), 'a fake: error b\\u{1b}]0;x\\u{7}\\u{2066}');
  });

  it('shows progress on a terminal only', () => {
    const written: string[] = [];
    const stream = (isTTY: boolean) =>
      ({ isTTY, columns: 12, write: (text: string) => written.push(text) }) as unknown as NodeJS.WriteStream;
    progressLine(stream(false)).show('checking');
    assert.deepEqual(written, []);
    progressLine(stream(true)).show('checking \u001b/a/b/c');
    progressLine(stream(true)).show('');
    assert.deepEqual(written, ['\r\u001b[Kchecking \\u', '\r\u001b[K']);
  });

  describe('of a real run', () => {
    let sandbox: Sandbox;

    before(async () => {
      sandbox = await Sandbox.open();
    });
    after(() => sandbox.close());

    it('has file, line, carets, message and fixes, and no colour where there is no terminal', async () => {
      await sandbox.write({ 'go.mod': 'module example.com/m\n\ngo 1.21\n\nrequire (\n\texample.com/widget v2.0.0 // 日本\n)\n' });
      const { stdout, stderr } = await sandbox.run(['check', '--offline']);
      assert.equal(stderr, '');
      assert.match(
        stdout,
        /^go\.mod:6:21: error major-path-mismatch\n {3}\|\n 6 \| \texample\.com\/widget v2\.0\.0 \/\/ 日本\n {3}\| \t {19}\^{6}\n {3}= example\.com\/widget can't have the version v2\.0\.0: [^\n]+\n/,
      );
      assert.doesNotMatch(stdout, /\u001b/);
      assert.match(stdout, /\n1 error, 0 warnings, 0 infos, 0 hints(, \d+ not checked)? \(1 requirement, 0 requests, \d+ ms\)\n$/);
    });

    it('lets nothing from a file or a server steer the terminal', async () => {
      sandbox.proxy.faults.set('*', { kind: 'content', body: 'v1.0.0\u001b[2J\nv1.0.0\u009b2J\n<html>\u001b]0;title\u0007' });
      await sandbox.write({
        'go.mod': 'module example.com/m\n\ngo 1.21\n\nrequire (\n\t"example.com/\u001b[2J\u202e" v2.0.0\n\texample.com/a v1.2.3\n\texample.com/widget v2.0.0 // \u001b[31m\u0007\n)\n',
      });
      for (const format of ['text', 'json']) {
        const { stdout, stderr } = await sandbox.run(['check', '--format', format]);
        assert.match(stdout, /major-path-mismatch/);
        assert.doesNotMatch(stdout + stderr, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/, format);
      }
    });
  });
});

/** Whether no half of a surrogate pair stands alone. */
function isWhole(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}
