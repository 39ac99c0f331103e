import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseMod } from '../../server/src/syntax/mod-file.ts';
import { summarizeMod } from '../../server/src/syntax/mod-summary.ts';
import { corpus, NO_CORPUS } from './corpus.ts';
import { anyText, mutated } from './mutation.ts';

const PLAIN: readonly string[] = [
  'module example.com/a\n\ngo 1.21\n\nrequire example.com/b v1.2.3\n\nrequire (\n\tgithub.com/c/D v0.0.0-20200101000000-abcdefabcdef\n' +
    '\tgopkg.in/yaml.v2 v2.4.0 // indirect\n\n\t// Why.\n\texample.com/e/v2 v2.0.0-rc.1\n\texample.com/f v3.0.0+incompatible\n)\n',
  'module example.com/a // a\n\ntoolchain go1.22.0\n\nexclude example.com/b v1.2.3\n\nreplace (\n\ta => ../a\n\tb v1.0.0 => c v1.0.0\n)\n\nreplace d => ../\n',
  'module "example.com/a"\n\nrequire "example.com/b" v1.0.0\nrequire (\n\t"example.com/c/" "v1.0.0"\n)\n',
  '// Deprecated: no.\nmodule m\n\nretract v1.0.0\n\nignore ./x\n\ntool example.com/b/c\n\ngodebug x=y',
];

/** What the tree of a text says, which is agreed upon with golang.org/x/mod. */
function fromTree(text: string) {
  const { module, go, require, retract, problems } = parseMod(text, 'lax');
  return {
    path: module?.path.value,
    go: go?.version.value,
    requires: require.map(({ path, version }) => ({ path: path.value, version: version.value })),
    retracts: retract.map(({ low, high }) => ({ low: low.value, high: high.value })),
    isRefused: problems.length > 0,
  };
}

function assertSummary(text: string): void {
  const { fault, ...summary } = summarizeMod(text);
  assert.deepEqual({ ...summary, isRefused: fault !== undefined }, fromTree(text), JSON.stringify(text));
}

describe('the summary of a dependency\'s go.mod', function () {
  this.timeout(60_000);

  it('says what the tree of the file says, plain or not', () => {
    PLAIN.forEach(assertSummary);
    fc.assert(fc.property(fc.oneof(anyText, mutated(PLAIN)), assertSummary), { numRuns: 20_000 });
  });

  it('says what the trees of real files say', function () {
    const files = corpus('mod');
    if (files === undefined) {
      console.log(NO_CORPUS);
      this.skip();
    }
    for (const { text } of files) assertSummary(text);
  });

  it('tells the line at which the go command stops, in its words', () => {
    assert.equal(
      summarizeMod('module example.com/a\n\nrequire example.com/b\n').fault,
      'parsing go.mod: go.mod:3: usage: require module/path v1.2.3',
    );
  });
});
