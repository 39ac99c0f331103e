import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as semver from '../../server/src/syntax/semver.ts';
import { judge } from '../oracle/judge.ts';

/** Version, canonical form, pre-release and build. An invalid version has an empty canonical form. */
const VERSIONS: readonly (readonly [version: string, canonical: string, prerelease: string, build: string])[] = [
  ['v1', 'v1.0.0', '', ''],
  ['v1.2', 'v1.2.0', '', ''],
  ['v1.2.3', 'v1.2.3', '', ''],
  ['v1.2.3-pre.1', 'v1.2.3-pre.1', '-pre.1', ''],
  ['v1.2.3+meta.01', 'v1.2.3', '', '+meta.01'],
  ['v1.2.3-0.x-y+z', 'v1.2.3-0.x-y', '-0.x-y', '+z'],
  ['v1.2.3--', 'v1.2.3--', '--', ''],
  ['v99999999999999999999.0.0', 'v99999999999999999999.0.0', '', ''],
  [`v1.0.0-${'a'.repeat(300)}`, `v1.0.0-${'a'.repeat(300)}`, `-${'a'.repeat(300)}`, ''],
  ['', '', '', ''],
  ['v', '', '', ''],
  ['1.2.3', '', '', ''],
  ['V1.2.3', '', '', ''],
  ['=v1.2.3', '', '', ''],
  [' v1.2.3', '', '', ''],
  ['v1.2.3 ', '', '', ''],
  ['v01.2.3', '', '', ''],
  ['v1.02.3', '', '', ''],
  ['v1.2.03', '', '', ''],
  ['v1.2-pre', '', '', ''],
  ['v1.2+meta', '', '', ''],
  ['v1.2.3-', '', '', ''],
  ['v1.2.3-01', '', '', ''],
  ['v1.2.3-a..b', '', '', ''],
  ['v1.2.3+', '', '', ''],
  ['v1.2.3+a..b', '', '', ''],
  ['v1.2.3-é', '', '', ''],
  ['v1.2.3.4', '', '', ''],
];

/** Each is less than the next. */
const ASCENDING: readonly string[] = [
  'nonsense', 'v0.0.0-0', 'v0.0.0-1', 'v0.0.0-20200101000000-abcdefabcdef', 'v0.0.0', 'v1.0.0-1', 'v1.0.0-2',
  'v1.0.0-10', 'v1.0.0-9007199254740992', 'v1.0.0-9007199254740993', 'v1.0.0-99999999999999999999', 'v1.0.0--',
  'v1.0.0-A', 'v1.0.0-alpha', 'v1.0.0-alpha.1', 'v1.0.0-alpha.beta', 'v1.0.0-beta', 'v1.0.0-beta.2', 'v1.0.0-beta.11',
  'v1.0.0-rc.1', 'v1.0.0', 'v1.0.1', 'v1.1', 'v2', 'v10.0.0', 'v9007199254740992.0.0', 'v9007199254740993.0.0',
];

describe('semver', () => {
  const { oracle } = judge();

  for (const [version, canonical, prerelease, build] of VERSIONS) {
    it(`reads ${JSON.stringify(version.slice(0, 40))}`, () => {
      assert.equal(semver.canonical(version), canonical);
      assert.equal(semver.isValid(version), canonical !== '');
      assert.equal(semver.prerelease(version), prerelease);
      assert.equal(semver.build(version), build);
    });
  }

  it('gives the major and minor version', () => {
    assert.deepEqual(['v1', 'v1.2', 'v1.2.3-x', 'x'].map(semver.major), ['v1', 'v1', 'v1', '']);
    assert.deepEqual(['v1', 'v1.2', 'v1.2.3-x', 'x'].map(semver.majorMinor), ['v1.0', 'v1.2', 'v1.2', '']);
  });

  it('orders versions', () => {
    for (const [i, a] of ASCENDING.entries()) {
      for (const [j, b] of ASCENDING.entries()) assert.equal(semver.compare(a, b), Math.sign(i - j), `${a} and ${b}`);
    }
    assert.equal(semver.compare('v1.0.0+a', 'v1.0.0+b'), 0);
    assert.equal(semver.compare('a', 'b'), 0);
  });

  it('sorts by text where precedence is the same', () => {
    assert.deepEqual(semver.sort(['v1.0.0', 'v1', 'b', 'v1.0.0+x', '\u{1f600}', '\uffee', 'a']), [
      'a', 'b', '\uffee', '\u{1f600}', 'v1', 'v1.0.0', 'v1.0.0+x',
    ]);
  });

  it('agrees with golang.org/x/mod/semver', async function () {
    this.timeout(30_000);
    const asked = oracle(this);
    const oddNumber = fc.constantFrom('00', '01', '', '99999999999999999', '123456789012345678');
    const number = fc.oneof(fc.nat(30).map(String), oddNumber);
    const identifier = fc.oneof(number, fc.constantFrom('a', 'rc', '-', '0a', 'é', '.', 'pre', 'incompatible'));
    const suffix = (mark: string): fc.Arbitrary<string> =>
      fc.array(identifier, { minLength: 1, maxLength: 3 }).map((parts) => mark + parts.join('.'));
    const version = fc
      .tuple(
        fc.constantFrom('v', 'v', 'v', 'V', ''),
        fc.array(number, { minLength: 1, maxLength: 4 }),
        fc.option(suffix('-'), { nil: '' }),
        fc.option(suffix('+'), { nil: '' }),
      )
      .map(([v, numbers, pre, meta]) => v + numbers.join('.') + pre + meta);
    const versions = [...VERSIONS.map(([v]) => v), ...ASCENDING, ...fc.sample(version, { numRuns: 2000, seed: 1 })];
    const requests = versions.flatMap((v, at) => [
      { op: 'semver', fn: 'isvalid', args: [v] },
      { op: 'semver', fn: 'canonical', args: [v] },
      { op: 'semver', fn: 'major', args: [v] },
      { op: 'semver', fn: 'majorminor', args: [v] },
      { op: 'semver', fn: 'prerelease', args: [v] },
      { op: 'semver', fn: 'build', args: [v] },
      { op: 'semver', fn: 'compare', args: [v, versions[(at * 7 + 1) % versions.length]!] },
    ]);
    const ours: Record<string, (a: string, b: string) => unknown> = {
      isvalid: semver.isValid,
      canonical: semver.canonical,
      major: semver.major,
      majorminor: semver.majorMinor,
      prerelease: semver.prerelease,
      build: semver.build,
      compare: semver.compare,
    };
    for (const [at, { result }] of (await asked.askAll(requests)).entries()) {
      const { fn, args } = requests[at]!;
      assert.deepEqual(ours[fn]!(args[0]!, args[1] ?? ''), result, `${fn} ${args.join(' ')}`);
    }
    const { result } = await asked.ask({ op: 'semver', fn: 'sort', args: versions });
    assert.deepEqual(semver.sort(versions), result);
  });
});
