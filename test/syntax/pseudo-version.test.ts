import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as pseudo from '../../server/src/syntax/pseudo-version.ts';
import type { Result } from '../../server/src/syntax/result.ts';
import { judge } from '../oracle/judge.ts';

const TIME = '20190101020304';
const REV = 'abcdefabcdef';

/** Major version and older tag, with the pseudo-version that follows, and the base that it tells. */
const MADE: readonly (readonly [major: string, older: string, version: string, base: string])[] = [
  ['', '', `v0.0.0-${TIME}-${REV}`, ''],
  ['v2', '', `v2.0.0-${TIME}-${REV}`, ''],
  ['v1', 'v1.2.3', `v1.2.4-0.${TIME}-${REV}`, 'v1.2.3'],
  ['v1', 'v1.2.99', `v1.2.100-0.${TIME}-${REV}`, 'v1.2.99'],
  ['v1', 'v1.2.99999999999999999999', `v1.2.100000000000000000000-0.${TIME}-${REV}`, 'v1.2.99999999999999999999'],
  ['v1', 'v1.2.3-pre', `v1.2.3-pre.0.${TIME}-${REV}`, 'v1.2.3-pre'],
  ['v2', 'v2.0.0+incompatible', `v2.0.1-0.${TIME}-${REV}+incompatible`, 'v2.0.0+incompatible'],
  ['v2', 'v2.0.0-rc.1+incompatible', `v2.0.0-rc.1.0.${TIME}-${REV}+incompatible`, 'v2.0.0-rc.1+incompatible'],
];

type Reason = string | undefined;

/** What is none, or one with a fault: with Go's reason for having no time and no base. */
const FAULTY: readonly (readonly [version: string, isPseudo: boolean, time: Reason, base: Reason])[] = [
  ['v1.0.0', false, 'syntax error', 'syntax error'],
  ['v1.0.0-pre-20190101020304-abc', false, 'syntax error', 'syntax error'],
  [`v1.2.0-${TIME}-${REV}`, false, 'syntax error', 'syntax error'],
  [`v1.2.3-0.2019010102030-${REV}`, false, 'syntax error', 'syntax error'],
  [`v0.0.0-${TIME}-abc_def`, false, 'syntax error', 'syntax error'],
  [`v0.0.0-20191301020304-${REV}`, true, 'malformed time "20191301020304"', undefined],
  [`v0.0.0-20190229020304-${REV}`, true, 'malformed time "20190229020304"', undefined],
  [`v0.0.0-20190101240000-${REV}`, true, 'malformed time "20190101240000"', undefined],
  [`v0.0.0-20200229235959-${REV}`, true, undefined, undefined],
  [`v2.0.0-${TIME}-${REV}+incompatible`, true, undefined, 'lacks base version, but has build metadata "+incompatible"'],
  [`v1.0.0-0.${TIME}-${REV}`, true, undefined, 'version before v1.0.0 would have negative patch number'],
];

function fault(version: string, reason: string | undefined): string | undefined {
  return reason && `pseudo-version "${version}" invalid: ${reason}`;
}

function reason(result: Result<string>): string | undefined {
  return result.ok ? undefined : result.error;
}

describe('pseudo-version', () => {
  const { oracle } = judge();

  for (const [major, older, version, base] of MADE) {
    it(`makes and reads ${version}`, () => {
      assert.equal(pseudo.pseudoVersion(major, older, TIME, REV), version);
      assert.equal(pseudo.isPseudoVersion(version), true);
      assert.deepEqual(pseudo.pseudoVersionTime(version), { ok: true, value: '2019-01-01T02:03:04Z' });
      assert.deepEqual(pseudo.pseudoVersionRev(version), { ok: true, value: REV });
      assert.deepEqual(pseudo.pseudoVersionBase(version), { ok: true, value: base });
    });
  }

  for (const [version, isPseudo, time, base] of FAULTY) {
    it(`finds fault with ${version}`, () => {
      assert.equal(pseudo.isPseudoVersion(version), isPseudo);
      assert.equal(reason(pseudo.pseudoVersionTime(version)), fault(version, time));
      assert.equal(reason(pseudo.pseudoVersionBase(version)), fault(version, base));
      assert.equal(pseudo.pseudoVersionRev(version).ok, isPseudo);
    });
  }

  it('agrees with golang.org/x/mod/module', async function () {
    this.timeout(30_000);
    const asked = oracle(this);
    const digits = (most: number): fc.Arbitrary<string> => fc.nat(most).map((n) => String(n).padStart(2, '0'));
    const year = fc.constantFrom('0000', '1999', '2000', '2019', '1900');
    const time = fc
      .tuple(year, digits(13), digits(32), digits(24), digits(60), digits(60))
      .map((parts) => parts.join(''));
    const version = fc
      .tuple(
        fc.constantFrom('v0.0.0', 'v1.0.0', 'v1.2.3', 'v2.0.10', 'v1.2.0', 'v1.2', 'v01.0.0', 'v1.2.10000'),
        fc.constantFrom('-', '-0.', '-pre.0.', '-pre.', '-0.0.', '-rc.1.0.', '.0.', '-x-0.', '-01.0.'),
        fc.oneof(time, fc.constantFrom('2019', 'x')),
        fc.constantFrom('-', '.'),
        fc.constantFrom(REV, 'ABC', '0', 'g_', ''),
        fc.constantFrom('', '+incompatible', '+x.y', '+'),
      )
      .map((parts) => parts.join(''));
    const sampled = fc.sample(version, { numRuns: 3000, seed: 4 });
    const versions = [...MADE.map(([, , v]) => v), ...FAULTY.map(([v]) => v), ...sampled];
    const functions = {
      ispseudo: (v: string) => ({ ok: true, value: pseudo.isPseudoVersion(v) }),
      pseudotime: pseudo.pseudoVersionTime,
      pseudorev: pseudo.pseudoVersionRev,
      pseudobase: pseudo.pseudoVersionBase,
    };
    for (const [fn, ours] of Object.entries(functions)) {
      const answers = await asked.askAll(versions.map((v) => ({ op: 'module', fn, args: [v] })));
      for (const [at, { result, error }] of answers.entries()) {
        const expected = error === undefined ? { ok: true, value: result } : { ok: false, error };
        assert.deepEqual(ours(versions[at]!), expected, `${fn} ${versions[at]}`);
      }
    }
    const made = MADE.map(([major, older]) => ({ op: 'module', fn: 'pseudoversion', args: [major, older, TIME, REV] }));
    assert.deepEqual((await asked.askAll(made)).map(({ result }) => result), MADE.map(([, , v]) => v));
  });
});
