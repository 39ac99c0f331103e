import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rules } from '../../server/src/engine/rules/index.ts';
import { generatedFiles, presentPages } from '../../scripts/rule-pages.ts';

const ROOT = join(import.meta.dirname, '..', '..');

describe('what is generated from the rules', () => {
  for (const [file, text] of generatedFiles()) {
    it(`${file} is up to date (npm run docs)`, () => {
      assert.equal(readFileSync(join(ROOT, file), 'utf8'), text);
    });
  }

  it('has no page without a rule', () => {
    const expected = [...generatedFiles().keys()].filter((file) => file.startsWith('docs/rules/'));
    assert.deepEqual(presentPages().sort(), expected.sort());
  });

  it('names each rule after its file and in kebab case', () => {
    for (const { name } of rules) assert.match(name, /^[a-z]+(-[a-z]+)*$/);
    assert.deepEqual(rules.map(({ name }) => name), rules.map(({ name }) => name).sort());
  });
});
