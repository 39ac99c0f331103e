import assert from 'node:assert/strict';
import { hoverMarkdown, requirementAt } from '../../server/src/lsp/features/requirement-hover.ts';
import { parseMod } from '../../server/src/syntax/mod-file.ts';

const EXPLAINED = { path: 'example.com/log', version: 'v1.1.0', selected: 'v1.1.0', required: [], chains: [], more: false, lower: undefined };
const OWN = { path: 'example.com/m', version: '' };
const web = (count: number) => Array.from({ length: count }, (_, index) => ({ path: `example.com/web${index}`, version: 'v1.0.0' }));

describe('a hover on a requirement', () => {
  const cases = [
    { name: 'names its like', requirers: [OWN, ...web(1)], says: "`example.com/log v1.1.0` is selected. It is also required by `example.com/web0 v1.0.0`: without go.mod's own line it stays." },
    { name: 'names three and counts the rest', requirers: web(5), says: '`example.com/log v1.1.0` is selected. It is required by `example.com/web0 v1.0.0`, `example.com/web1 v1.0.0`, `example.com/web2 v1.0.0` and 2 more.' },
    { name: 'names another member of the workspace', requirers: [{ path: 'example.com/b', version: '' }], says: '`example.com/log v1.1.0` is selected. It is required by `example.com/b`.' },
  ];
  for (const { name, requirers, says } of cases) {
    it(name, () => assert.equal(hoverMarkdown({ ...EXPLAINED, requirers }, 'v1.1.0', 'example.com/m'), says));
  }

  it('tells the shortest way to a version that no direct requirement leads to', () => {
    const chain = [OWN, ...web(2), { path: 'example.com/log', version: 'v1.1.0' }];
    const said = hoverMarkdown({ ...EXPLAINED, requirers: web(2).slice(1), chains: [chain] }, 'v1.1.0', 'example.com/m')!;
    assert.match(said, / The shortest way to it: `example\.com\/web0 v1\.0\.0` → `example\.com\/web1 v1\.0\.0` → `example\.com\/log v1\.1\.0`\.$/);
  });

  it('adds the verdicts that are known, whatever stands in them', () => {
    const verdicts = {
      origin: { state: 'good', words: 'tag v1.1.0' },
      proxy: { state: 'pending', words: 'not yet' },
      checksum: { state: 'bad', words: 'differs from `x`](command:y)' },
    } as const;
    const said = hoverMarkdown({ ...EXPLAINED, requirers: [OWN] }, 'v1.1.0', 'example.com/m', verdicts)!;
    const [, known] = said.split('\n\n');
    assert.equal(known, 'Origin: ✓ `tag v1.1.0` · Checksum: ✗ `` differs from `x`](command:y) ``');
  });

  it('leaves no way out of its code spans', () => {
    const requirers = [{ path: 'a`](command:x)\n<img>``', version: 'v1\u202e' }];
    const said = hoverMarkdown({ ...EXPLAINED, requirers }, 'v`1', 'example.com/m')!;
    assert.equal(said, '`example.com/log v1.1.0` is selected, not `` v`1 ``. It is required by ``` a`](command:x) <img>`` v1\\u{202e} ```.');
  });

  it('says nothing of a main module, or of what is not selected', () => {
    for (const selected of ['', undefined]) assert.equal(hoverMarkdown({ ...EXPLAINED, selected, requirers: [] }, 'v1.0.0', undefined), undefined);
  });

  it('is there from the path to the end of the version', () => {
    const text = 'module m\n\nrequire example.com/log v1.0.0 // indirect\n';
    const at = (words: string, offset = 0) => requirementAt(parseMod(text), text.indexOf(words) + offset)?.path.value;
    assert.deepEqual([at('example'), at('v1.0.0', 6), at('require'), at('indirect'), at('module')], ['example.com/log', 'example.com/log', undefined, undefined, undefined]);
  });
});
