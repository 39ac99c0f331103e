import assert from 'node:assert/strict';
import { analyze } from '../../server/src/engine/analysis.ts';
import type { Rule } from '../../server/src/engine/rule.ts';
import type { Project } from '../../server/src/engine/project.ts';
import { boundedText } from '../../server/src/engine/bounded-text.ts';

const LONG = 'a'.repeat(5_000_000);

describe('a message of any length', () => {
  it('keeps its sentence when a word of it is long, and the ends of the word', () => {
    const said = boundedText(`example.com/${LONG}/v2 v2.0.0 does not exist. The latest is v1.0.0.`);
    assert.match(said, /^example\.com\/a{188}…a{57}\/v2 v2\.0\.0 does not exist\. The latest is v1\.0\.0\.$/);
  });

  it('is as it was when it is short, long words and all', () => {
    const text = 'x'.repeat(2000);
    assert.equal(boundedText(text), text);
  });

  it('is cut when it has too many words', () => {
    const said = boundedText('word '.repeat(1_000_000));
    assert.equal(said.length, 2001);
    assert.ok(said.endsWith('…'));
  });

  it('has no half of a character', () => {
    const said = boundedText('😀'.repeat(5000) + ' ' + 'x' + '😀'.repeat(5000));
    assert.doesNotMatch(said, /\p{Surrogate}/u);
  });

  it('is short wherever a rule quotes: in messages, related places, titles of fixes, and what is unchecked', () => {
    const at = { file: '/go.mod', span: { start: 0, end: 1 } };
    const module = { path: LONG, version: 'v1.0.0' };
    const rule: Rule = {
      name: 'long',
      severity: 'hint',
      summary: 'Long.',
      *check() {
        yield { at, message: LONG, related: [{ at, message: LONG }], fixes: [{ title: LONG, safety: 'safe', edits: [] }] };
        yield { at, module, unchecked: 'all', why: LONG };
      },
    };
    const { findings, unchecked } = analyze({ environment: { goFlags: [] } } as unknown as Project, { ask: () => ({ state: 'pending' }) }, [rule]);
    const [found] = findings;
    const texts = [found!.message, found!.related![0]!.message, found!.fixes![0]!.title, unchecked[0]!.why];
    assert.deepEqual(texts.map(({ length }) => length), [261, 261, 261, 261]);
  });
});
