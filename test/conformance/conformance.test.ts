import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { judge } from '../oracle/judge.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

/** Requests as lines, with answers or a part of them. */
const REQUESTS: readonly (readonly [request: string, answer: Readonly<Record<string, unknown>>])[] = [
  [
    '{"id":1,"op":"parse","kind":"mod","text":"module m\\n\\nrequire a v1 // indirect\\n"}',
    {
      id: 1,
      ok: true,
      errors: [],
      module: 'm',
      go: '',
      toolchain: '',
      require: [{ path: 'a', version: 'v1.0.0', indirect: true, line: 3 }],
      exclude: [],
      replace: [],
      retract: [],
      tool: [],
      ignore: [],
      use: [],
      godebug: [],
      formatted: 'module m\n\nrequire a v1.0.0 // indirect\n',
    },
  ],
  [
    '{"id":"x","op":"parse","kind":"mod","text":"module m\\nfoo\\n"}',
    { id: 'x', ok: false, errors: [{ line: 2, message: 'unknown directive: foo' }], module: 'm', formatted: '' },
  ],
  ['{"id":2,"op":"parse","kind":"lax","text":"foo"}', { id: 2, ok: true }],
  ['{"id":3,"op":"parse","kind":"work","text":"use ./a"}', { id: 3, ok: true, use: ['./a'] }],
  [
    '{"id":4,"op":"parse","kind":"mod","text":"replace a v1 => b v2\\nexclude c v1\\nretract [v1, v2] // no\\ntool t\\nignore i\\ngodebug k=v"}',
    {
      id: 4,
      replace: [{ old: { path: 'a', version: 'v1.0.0' }, new: { path: 'b', version: 'v2.0.0' }, line: 1 }],
      exclude: [{ path: 'c', version: 'v1.0.0', line: 2 }],
      retract: [{ low: 'v1', high: 'v2', rationale: 'no' }],
      tool: ['t'],
      ignore: ['i'],
      godebug: [{ key: 'k', value: 'v' }],
    },
  ],
  ['{"id":5,"op":"parse","kind":"mod","text":"// \u2028\\nmodule m"}', { id: 5, ok: true, module: 'm' }],
  ['{"id":6,"op":"parse","kind":"mod","text":"module a\\ud800"}', { id: 6, ok: true, module: 'a\ufffd' }],
  ['{"id":7,"op":"semver","fn":"compare","args":["v1.2.0","v1.10.0"]}', { id: 7, result: -1 }],
  ['{"id":8,"op":"semver","fn":"sort","args":["v1.10.0","v1.2.0"]}', { id: 8, result: ['v1.2.0', 'v1.10.0'] }],
  ['{"id":9,"op":"semver","fn":"sort","args":[["v1.10.0","v1.2.0"]]}', { id: 9, result: ['v1.2.0', 'v1.10.0'] }],
  ['{"id":10,"op":"module","fn":"checkpath","args":["a.b/c"]}', { id: 10, result: true }],
  [
    '{"id":11,"op":"module","fn":"checkpath","args":["a"]}',
    { id: 11, error: 'malformed module path "a": missing dot in first path element' },
  ],
  [
    '{"id":12,"op":"module","fn":"splitpathversion","args":["a.b/c/v2"]}',
    { id: 12, result: { prefix: 'a.b/c', pathMajor: '/v2', ok: true } },
  ],
  [
    '{"id":13,"op":"module","fn":"pseudotime","args":["v0.0.0-20191109021931-daa7c04131f5"]}',
    { id: 13, result: '2019-11-09T02:19:31Z' },
  ],
  ['{"id":14,"op":"module","fn":"matchprefixpatterns","args":["*.b,c","a.b/d"]}', { id: 14, result: true }],
  ['{"id":15,"op":"dance"}', { id: 15, error: 'unknown op "dance"' }],
  ['{"id":16,"op":"semver","fn":"x","args":[]}', { id: 16, error: 'unknown fn "x"' }],
  ['{"id":17,"op":"semver","fn":"compare","args":["v1"]}', { id: 17, error: 'compare needs 2 arguments' }],
  ['{"id":18,"op":"parse","kind":"sum","text":""}', { id: 18, error: 'unknown kind "sum"' }],
  ['{"id":19,"op":"parse","kind":"mod"}', { id: 19, error: 'no text to parse' }],
  ['null', { id: null, error: 'not a request' }],
  ['{', { id: null }],
];

function converse(requests: readonly string[]): Record<string, unknown>[] {
  const output = execFileSync(process.execPath, [MAIN], {
    input: requests.map((request) => `${request}\n`).join(''),
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  return output.trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('conformance', () => {
  const { oracle } = judge();

  it('answers every request in order', function () {
    this.timeout(20_000);
    const answers = converse(REQUESTS.map(([request]) => request));
    assert.equal(answers.length, REQUESTS.length);
    for (const [at, [request, expected]] of REQUESTS.entries()) {
      const answer = answers[at]!;
      const part = Object.fromEntries(Object.keys(expected).map((key) => [key, answer[key]]));
      assert.deepEqual(part, expected, request);
    }
  });

  it('answers thousands of requests, more than fit into a pipe', function () {
    this.timeout(30_000);
    const text = 'module m\n\nrequire (\n\ta v1.0.0\n\tb v1.0.0 // indirect\n)\n'.repeat(20);
    const requests = Array.from({ length: 3000 }, (_, id) => JSON.stringify({ id, op: 'parse', kind: 'lax', text }));
    assert.deepEqual(converse(requests).map(({ id }) => id), requests.map((_, id) => id));
  });

  it('speaks as the judge does', async function () {
    this.timeout(20_000);
    const asked = oracle(this);
    const requests = REQUESTS.flatMap(([request]) => {
      const { op, kind, ...rest } = (JSON.parse(request === '{' ? 'null' : request) ?? {}) as Record<string, unknown>;
      const isAsked = op === 'semver' || op === 'module' || (op === 'parse' && kind !== 'sum' && rest['text'] !== undefined);
      const isValid = rest['fn'] !== 'x' && !Array.isArray((rest['args'] as unknown[] | undefined)?.[0]);
      return isAsked && isValid && rest['id'] !== 17 ? [{ op, kind, ...rest } as { op: string }] : [];
    });
    const answers = converse(requests.map((request) => JSON.stringify(request)));
    for (const [at, { deprecated: _, lines: __, ...theirs }] of (await asked.askAll(requests)).entries()) {
      // The judge tells nothing of a file that it rejects; we tell what could be understood.
      const keys = theirs['ok'] === false ? ['id', 'ok', 'errors', 'formatted'] : Object.keys(theirs);
      const part = Object.fromEntries(keys.map((key) => [key, answers[at]![key]]));
      assert.deepEqual(part, Object.fromEntries(keys.map((key) => [key, theirs[key]])), JSON.stringify(requests[at]));
    }
  });
});
