import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as path from '../../server/src/syntax/module-path.ts';
import { matchPath } from '../../server/src/syntax/path-match.ts';
import type { Result } from '../../server/src/syntax/result.ts';
import { replaceInvalid } from '../../server/src/syntax/utf8.ts';
import { judge } from '../oracle/judge.ts';

/** Module paths with Go's reason against them, if any. */
const PATHS: readonly (readonly [path: string, reason: string | undefined])[] = [
  ['example.com/a', undefined],
  ['example.com/a/v2', undefined],
  ['gopkg.in/yaml.v2', undefined],
  ['gopkg.in/yaml.v2-unstable', undefined],
  ['github.com/BurntSushi/toml', undefined],
  ['example.com/a~b', undefined],
  ['example.com/a/v1', 'invalid version'],
  ['example.com/a/v01', 'invalid version'],
  ['example.com/a/v2.0', 'invalid version'],
  ['gopkg.in/yaml', 'invalid version'],
  ['example/a', 'missing dot in first path element'],
  ['Example.com/a', "invalid char 'E' in first path element"],
  ['exam_ple.com/a', "invalid char '_' in first path element"],
  ['', 'empty string'],
  ['/a.b', 'empty path element'],
  ['-a.b/c', 'leading dash'],
  ['a.b//c', 'double slash'],
  ['a.b/c/', 'trailing slash'],
  ['a.b/.c', 'leading dot in path element'],
  ['a.b/c.', 'trailing dot in path element'],
  ['a.b/..', 'invalid path element ".."'],
  ['a.b/c d', "invalid char ' '"],
  ['a.b/é', "invalid char 'é'"],
  ['a.b/c+', "invalid char '+'"],
  ['a.b/\u200b', "invalid char '\\u200b'"],
  ['a.b/con', '"con" disallowed as path element component on Windows'],
  ['a.b/LPT1.x', '"LPT1" disallowed as path element component on Windows'],
  ['a.b/foo~1', 'trailing tilde and digits in path element'],
];

const SPLITS: readonly (readonly [path: string, prefix: string, pathMajor: string, ok: boolean])[] = [
  ['a.b/c', 'a.b/c', '', true],
  ['a.b/c/v2', 'a.b/c', '/v2', true],
  ['a.b/c/v10', 'a.b/c', '/v10', true],
  ['a.b/c/v1', 'a.b/c/v1', '', false],
  ['a.b/c/v0', 'a.b/c/v0', '', false],
  ['a.b/c/v', 'a.b/c/v', '', true],
  ['a.b/c/xv2', 'a.b/c/xv2', '', true],
  ['a.b/c/v2.3', 'a.b/c/v2.3', '', false],
  ['v2', 'v2', '', true],
  ['/v2', '', '/v2', true],
  ['gopkg.in/a.v0', 'gopkg.in/a', '.v0', true],
  ['gopkg.in/a.v1', 'gopkg.in/a', '.v1', true],
  ['gopkg.in/a.v01', 'gopkg.in/a.v01', '', false],
  ['gopkg.in/a.v2-unstable', 'gopkg.in/a', '.v2-unstable', true],
  ['gopkg.in/a.v-unstable', 'gopkg.in/a', '.v-unstable', true],
  ['gopkg.in/a/v2', 'gopkg.in/a/v2', '', false],
];

const MAJORS: readonly (readonly [version: string, pathMajor: string, reason: string | undefined])[] = [
  ['v1.2.3', '', undefined],
  ['v2.0.0', '', 'should be v0 or v1, not v2'],
  ['v2.0.0+incompatible', '', undefined],
  ['v2.0.0', '/v2', undefined],
  ['v1.0.0', '/v2', 'should be v2, not v1'],
  ['v2.0.0', '.v2-unstable', undefined],
  ['v0.0.0-20161208181325-20d25e280405', '.v1', undefined],
  ['v0.0.0-20161208181325-20d25e280405', '.v2', 'should be v2, not v0'],
  ['v2.0.0', 'v2', 'should be v2, not v2'],
];

const MATCHES: readonly (readonly [globs: string, target: string, matches: boolean])[] = [
  ['*.corp.com,rsc.io/private', 'git.corp.com/xyzzy', true],
  ['*.corp.com,rsc.io/private', 'corp.com/xyzzy', false],
  ['*.corp.com,rsc.io/private', 'rsc.io/private/quux', true],
  ['*.corp.com,rsc.io/private', 'rsc.io/privateer', false],
  ['rsc.io/private/', 'rsc.io/private', true],
  [',,a.b', 'a.b/c', true],
  ['', 'a.b', false],
  ['a.b/c/d', 'a.b/c', false],
  ['a.[bc]/d', 'a.c/d/e', true],
  ['a.[^bc]/d', 'a.c/d', false],
  ['a.[b-d]', 'a.c', true],
  ['[', 'a', false],
  ['a.[', 'a.b', false],
  ['a.[],a.b', 'a.b', true],
  ['\\*', '*', true],
  ['a.b/*/c', 'a.b/x/c/d', true],
  ['*', 'a.b/c', true],
];

/** Patterns for path.Match; undefined for one that is malformed. */
const PATTERNS: readonly (readonly [pattern: string, name: string, matches: boolean | undefined])[] = [
  ['abc', 'abc', true],
  ['*', '', true],
  ['*c', 'abc', true],
  ['a*', 'a/b', false],
  ['a*/b', 'abc/b', true],
  ['a*b*c', 'aXbYc', true],
  ['a?c', 'a/c', false],
  ['a??', 'aé', false],
  ['*??', '日', true],
  ['[', 'a', undefined],
  ['[]a]', ']', undefined],
  ['[-x]', '-', undefined],
  ['[x-]', 'x', undefined],
  ['[\\-x]', '-', true],
  ['[a-b-c]', 'a', undefined],
  ['a[', 'a', undefined],
  ['a[', 'ab', undefined],
  ['x*[', 'ab', undefined],
  ['\\', 'a', undefined],
  ['[é-ö]', 'ñ', true],
  ['a]', 'a]', true],
];

function outcome(result: Result<unknown> | string | boolean | undefined): unknown {
  if (typeof result === 'object') return result.ok ? { result: result.value } : { error: result.error };
  return typeof result === 'string' ? { error: result } : { result: result ?? true };
}

function matched(result: boolean | undefined): unknown {
  return result === undefined ? { error: 'syntax error in pattern' } : { result };
}

describe('module path', () => {
  const { oracle } = judge();

  for (const [given, reason] of PATHS) {
    it(`checks ${JSON.stringify(given)}`, () => {
      const message = reason && `malformed module path "${given.replace('\u200b', '\\u200b')}": ${reason}`;
      assert.equal(path.checkPath(given), message);
    });
  }

  it('splits off the major version', () => {
    for (const [given, prefix, pathMajor, ok] of SPLITS) {
      assert.deepEqual(path.splitPathVersion(given), { prefix, pathMajor, ok }, given);
    }
  });

  it('checks a version against its path', () => {
    for (const [version, pathMajor, reason] of MAJORS) {
      assert.equal(path.checkPathMajor(version, pathMajor), reason, `${version} ${pathMajor}`);
    }
    assert.equal(path.checkVersion('a.b/c', 'v1.0.0'), undefined);
    assert.equal(path.checkVersion('a.b/c', 'x'), 'a.b/c@x: invalid version: not a semantic version');
    assert.equal(path.checkVersion('a.b/c/v2', 'v1.0.0'), 'a.b/c/v2@v1.0.0: invalid version: should be v2, not v1');
    assert.deepEqual(['', '/v2', '.v3', '.v2-unstable'].map(path.pathMajorPrefix), ['', 'v2', 'v3', 'v2']);
  });

  it('escapes and unescapes', () => {
    const [plain, escaped] = ['github.com/BurntSushi/toml', 'github.com/!burnt!sushi/toml'];
    assert.deepEqual(path.escapePath(plain), { ok: true, value: escaped });
    assert.deepEqual(path.unescapePath(escaped), { ok: true, value: plain });
    assert.deepEqual(path.escapeVersion('v1.0.0-RC'), { ok: true, value: 'v1.0.0-!r!c' });
    assert.equal(path.escapeVersion('v1/x').ok, false);
    assert.deepEqual(path.unescapeVersion('v1.0.0-!r!c'), { ok: true, value: 'v1.0.0-RC' });
    assert.equal(path.unescapeVersion('v1.0.0-RC').ok, false);
    assert.equal(path.unescapePath('a.b/!').ok, false);
  });

  it('keeps +incompatible in a canonical version', () => {
    assert.deepEqual(['v2.0.0+incompatible', 'v2+x', 'v2.0.0+x', 'v1.2'].map(path.canonicalVersion), [
      'v2.0.0+incompatible', '', 'v2.0.0', 'v1.2.0',
    ]);
  });

  it('matches lists of patterns', () => {
    for (const [globs, target, matches] of MATCHES) {
      assert.equal(path.matchPrefixPatterns(globs, target), matches, `${globs} ${target}`);
    }
    for (const [pattern, name, matches] of PATTERNS) {
      assert.equal(matchPath(pattern, name), matches, `${pattern} ${name}`);
    }
  });

  it('agrees with golang.org/x/mod/module', async function () {
    this.timeout(30_000);
    const asked = oracle(this);
    const piece = fc.constantFrom(
      'a', 'b.c', 'example.com', 'gopkg.in', '/', '/', '.', '..', '-', '_', '~1', '~', 'v2', '/v1', '/v2', '/v10',
      '.v1', '.v02', '-unstable', 'con', 'AUX', 'Com5', 'é', 'Ä', 'ſ', '\u212a', '日', ' ', '+', '!', '!a', '\\', 'A',
      '%', '\u0000', '\u{1f600}', 'v1.2.3',
    );
    const joined = (pieces: fc.Arbitrary<string>, maxLength: number): fc.Arbitrary<string> =>
      fc.array(pieces, { maxLength }).map((parts) => parts.join(''));
    const paths = fc.sample(joined(piece, 7), { numRuns: 3000, seed: 2 });
    const names = ['a', 'b', 'c', 'é', '日', '/', '-', '[', 'a.b', 'com'];
    const namePiece = fc.constantFrom(...names);
    const globPiece = fc.constantFrom(...names, '*', '?', ']', '^', '\\', ',');
    const globs = fc.sample(fc.tuple(joined(globPiece, 8), joined(namePiece, 6)), { numRuns: 4000, seed: 3 });
    const versions = ['v1.0.0', 'v2.0.0', 'v2.0.0+incompatible', 'v0.0.0-20200101000000-abcdefabcdef', 'x', 'v10.0.0'];
    const texts = [...PATHS.map(([p]) => p), ...SPLITS.map(([p]) => p), ...paths].map(replaceInvalid);
    const calls: [fn: string, ours: (...args: string[]) => unknown, args: string[]][] = [
      ...texts.flatMap((text, at): [string, (...args: string[]) => unknown, string[]][] => [
        ['checkpath', (p) => outcome(path.checkPath(p!)), [text]],
        ['checkimportpath', (p) => outcome(path.checkImportPath(p!)), [text]],
        ['checkfilepath', (p) => outcome(path.checkFilePath(p!)), [text]],
        ['checkversion', (p, v) => outcome(path.checkVersion(p!, v!)), [text, versions[at % versions.length]!]],
        ['splitpathversion', (p) => ({ result: path.splitPathVersion(p!) }), [text]],
        ['escapepath', (p) => outcome(path.escapePath(p!)), [text]],
        ['unescapepath', (p) => outcome(path.unescapePath(p!)), [text]],
        ['escapeversion', (p) => outcome(path.escapeVersion(p!)), [text]],
        ['unescapeversion', (p) => outcome(path.unescapeVersion(p!)), [text]],
        ['canonicalversion', (p) => ({ result: path.canonicalVersion(p!) }), [text]],
      ]),
      ...[...MATCHES, ...PATTERNS, ...globs].flatMap(
        ([g, t]): [string, (...args: string[]) => unknown, string[]][] => [
          ['matchprefixpatterns', (list, target) => ({ result: path.matchPrefixPatterns(list!, target!) }), [g, t]],
          ['matchpath', (pattern, name) => matched(matchPath(pattern!, name!)), [g, t]],
        ],
      ),
    ];
    const answers = await asked.askAll(calls.map(([fn, , args]) => ({ op: 'module', fn, args })));
    for (const [at, [fn, ours, args]] of calls.entries()) {
      const { id: _, ...expected } = answers[at]!;
      // A refusal may come with a value, which says nothing.
      if ('error' in expected) delete expected['result'];
      assert.deepEqual(ours(...args), expected, `${fn} ${JSON.stringify(args)}`);
    }
  });
});
