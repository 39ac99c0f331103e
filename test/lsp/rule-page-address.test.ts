import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RULE_PAGES, rulePageAddress, rulePagesOf } from '../../server/src/lsp/rule-page-address.ts';

type Manifest = Omit<Parameters<typeof rulePagesOf>[0], 'name'>;

describe('the address of a rule\'s page', () => {
  const cases: readonly (readonly [Manifest, string | undefined])[] = [
    [{}, undefined],
    [{ repository: { url: 'git+https://example.com/acme/health.git' } }, 'https://example.com/acme/health/blob/HEAD/docs/rules'],
    [{ repository: 'https://example.com/acme/health/' }, 'https://example.com/acme/health/blob/HEAD/docs/rules'],
    [{ repository: { url: 'https://example.com/a/b', directory: 'tools/health' } }, 'https://example.com/a/b/blob/HEAD/tools/health/docs/rules'],
    [{ homepage: 'https://example.com/health#readme' }, 'https://example.com/health/docs/rules'],
    [{ repository: 'git@example.com:acme/health.git', homepage: 'https://example.com/health' }, 'https://example.com/health/docs/rules'],
    [{ repository: 'https://name:secret@example.com/a/b' }, undefined],
    [{ homepage: 'http://example.com/health' }, undefined],
  ];
  for (const [manifest, pages] of cases) {
    it(`of ${JSON.stringify(manifest)} is ${pages === undefined ? 'not known' : `below ${pages}`}`, () => {
      assert.equal(rulePagesOf({ name: 'health', ...manifest }), pages);
      assert.equal(rulePageAddress(pages, 'missing-tag'), pages && `${pages}/missing-tag.md`);
    });
  }

  it('is what package.json says', () => {
    const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as Manifest;
    assert.equal(RULE_PAGES, rulePagesOf({ name: 'health', ...manifest }));
  });
});
