import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as go from '../../server/src/syntax/go-version.ts';
import { judge } from '../oracle/judge.ts';

/** Version, its language version, and whether it names the language itself. An invalid one has an empty language. */
const VERSIONS: readonly (readonly [version: string, language: string, isLanguage: boolean])[] = [
  ['1', '1', false],
  ['1.0', '1', false],
  ['1.16', '1.16', false],
  ['1.20.1', '1.20', false],
  ['1.21', '1.21', true],
  ['1.21rc1', '1.21', false],
  ['1.21rc', '1.21', false],
  ['1.21.0', '1.21', false],
  ['2.0', '2.0', false],
  ['', '', false],
  ['go1.21', '', false],
  ['1.21.0rc1', '', false],
  ['1.021', '', false],
  ['01.21', '', false],
  ['1.21-x', '', false],
  ['1.21.', '', false],
  ['1.', '', false],
  ['1.21RC1', '', false],
  ['1.21rc01', '', false],
];

const ASCENDING: readonly string[] = [
  'x', '1', '1.1', '1.9', '1.10', '1.19rc1', '1.19', '1.19.1', '1.20beta1', '1.20rc2', '1.20', '1.21', '1.21alpha1',
  '1.21beta1', '1.21rc1', '1.21rc2', '1.21rc10', '1.21.0', '1.21.1', '1.21.10', '1.22', '1.100',
  '1.99999999999999999999', '2',
];

describe('go version', () => {
  const { oracle } = judge();

  for (const [version, language, isLanguage] of VERSIONS) {
    it(`reads ${JSON.stringify(version)}`, () => {
      assert.equal(go.isValidGoVersion(version), language !== '');
      assert.equal(go.languageVersion(version), language);
      assert.equal(go.isLanguageVersion(version), isLanguage);
    });
  }

  it('orders versions', () => {
    for (const [i, a] of ASCENDING.entries()) {
      for (const [j, b] of ASCENDING.entries()) {
        assert.equal(go.compareGoVersions(a, b), Math.sign(i - j), `${a} and ${b}`);
      }
    }
    assert.equal(go.maxGoVersion('1.21', '1.21.0'), '1.21.0');
    assert.equal(go.maxGoVersion('1.20', '1.20.0'), '1.20');
    assert.deepEqual(['1.21rc1', '1.21', '1.21.0'].map(go.isGoPrerelease), [true, false, false]);
  });

  it('reads the names of toolchains', () => {
    assert.equal(go.goVersionOfToolchain('go1.21.3'), '1.21.3');
    assert.equal(go.goVersionOfToolchain('go1.21.3-bigcorp'), '1.21.3');
    assert.equal(go.goVersionOfToolchain('go1.21.3 X:y'), '1.21.3');
    for (const name of ['default', 'local', 'go', 'gox', '1.21', 'go1.21/x', 'go1.21\\x']) {
      assert.equal(go.goVersionOfToolchain(name), '', name);
    }
    assert.equal(go.toolchainOfGoVersion('1.21.3'), 'go1.21.3');
    assert.equal(go.compareModuleVersions('toolchain', 'go1.21.1', 'go1.21.10'), -1);
    assert.equal(go.compareModuleVersions('toolchain', 'go1.21.1', '1.21.1'), 0);
    assert.equal(go.compareModuleVersions('go', '1.21', '1.21rc1'), -1);
    assert.equal(go.compareModuleVersions('a.b/c', 'v1.2.0', 'v1.10.0'), -1);
    assert.deepEqual(['go', 'toolchain', 'golang.org/toolchain'].map(go.isToolchainModule), [true, true, false]);
  });

  it('knows what go and toolchain lines may say', () => {
    assert.deepEqual(['1.21', '1.21.0', '1.21rc1', '1', '1.21.x', 'go1.21', '1.21.0rc1'].map(go.isGoLineVersion), [
      true, true, true, false, false, false, true,
    ]);
    assert.deepEqual(['default', 'go1', 'go1.21', 'go1.x', 'go12', 'local', 'default2'].map(go.isToolchainName), [
      true, true, true, true, false, false, false,
    ]);
  });

  it('agrees with go/version', async function () {
    this.timeout(30_000);
    const asked = oracle(this);
    const piece = fc.constantFrom('1', '.', '20', '21', '0', 'rc', 'beta', '10', 'X', '2', '');
    const version = fc.array(piece, { maxLength: 6 }).map((parts) => parts.join(''));
    const sampled = fc.sample(version, { numRuns: 2000, seed: 5 });
    // go/version cuts a suffix such as -custom off, which belongs to a toolchain's name and is not part of a version.
    const versions = [...VERSIONS.map(([v]) => v), ...ASCENDING, ...sampled].filter((v) => !v.includes('-'));
    const functions: Record<string, (a: string, b: string) => unknown> = {
      isvalid: go.isValidGoVersion,
      lang: go.languageVersion,
      compare: go.compareGoVersions,
    };
    for (const [fn, ours] of Object.entries(functions)) {
      const pairs = versions.map((v, at) => [v, versions[(at * 13 + 5) % versions.length]!] as const);
      const answers = await asked.askAll(pairs.map((args) => ({ op: 'go-version', fn, args })));
      for (const [at, { result }] of answers.entries()) {
        assert.deepEqual(ours(...pairs[at]!), result, `${fn} ${pairs[at]!.join(' ')}`);
      }
    }
  });
});
