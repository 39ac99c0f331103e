import assert from 'node:assert/strict';
import { analyze, recordFacts } from '../../server/src/engine/analysis.ts';
import type { GoEnvironment } from '../../server/src/engine/environment.ts';
import type { Project } from '../../server/src/engine/project.ts';
import { rules } from '../../server/src/engine/rules/index.ts';
import { PROBLEM_RULES } from '../../server/src/engine/text-problems.ts';
import type { ProblemKind } from '../../server/src/syntax/directives.ts';
import { parseMod } from '../../server/src/syntax/mod-file.ts';
import { parseWork } from '../../server/src/syntax/work-file.ts';

/** Lines of a go.mod (after `module` and `go`) or go.work (after `go`) that have one fault of the kind. */
const SAMPLES: Readonly<Record<ProblemKind, readonly (readonly [file: 'mod' | 'work', text: string])[]>> = {
  syntax: [
    ['mod', 'require (\n\texample.com/a v1.0.0\n'],
    ['mod', 'exclude "example.com/a v1.0.0\n'],
    ['mod', 'exclude example.com/a v1.0.0 /* no */\n'],
    ['mod', 'exclude (\n\texample.com/a v1.0.0\n) // no\nexclude (\n) no\n'],
    ['mod', 'exclude example.com/a v1.0.0 \u0001\n'],
    ['work', 'use (\n\t./a\n'],
  ],
  'unknown-directive': [
    ['mod', 'requires example.com/a v1.0.0\n'],
    ['mod', 'use ./a\n'],
    ['mod', 'require of (\n\texample.com/a v1.0.0\n)\n'],
    ['work', 'require example.com/a v1.0.0\n'],
    ['work', 'go (\n\t1.21\n)\n'],
  ],
  'repeated-directive': [
    ['mod', 'module example.com/n\n'],
    ['mod', 'go 1.22\n'],
    ['work', 'go 1.22\n'],
    ['work', 'toolchain go1.26.0\ntoolchain go1.26.1\n'],
  ],
  usage: [
    ['mod', 'require example.com/a\n'],
    ['mod', 'exclude example.com/a v1.0.0 v1.1.0\n'],
    ['mod', 'replace example.com/a\n'],
    ['mod', 'godebug a\n'],
    ['mod', 'tool\n'],
    ['mod', 'require https://example.com/a v1.0.0\n'],
    ['work', 'use a b\n'],
    ['work', 'replace example.com/a v1.0.0 v1.1.0 => ./a\n'],
  ],
  quoting: [
    ['mod', 'exclude example.com/"a" v1.0.0\n'],
    ['mod', 'exclude example.com/a v1.0."0"\n'],
    ['mod', 'require example.com/"a" v1.0.0\n'],
    ['mod', 'tool "example.com\\q"\n'],
    ['mod', "retract v1.0.'0'\n"],
    ['work', "use '.'\n"],
  ],
  'module-path': [
    ['mod', 'require example.com/a/v1 v1.0.0\n'],
    ['mod', 'exclude gopkg.in/yaml v1.0.0\n'],
    ['mod', 'replace example.com/a/v0 => ./a\n'],
    ['work', 'replace example.com/a/v0 => ./a\n'],
  ],
  version: [
    ['mod', 'require example.com/a latest\n'],
    ['mod', 'exclude example.com/a main\n'],
    ['mod', 'replace example.com/a 1.0.0 => ./a\n'],
    ['work', 'replace example.com/a => example.com/b main\n'],
  ],
  'path-major': [
    ['mod', 'require example.com/a v2.0.0\n'],
    ['mod', 'exclude example.com/a/v2 v1.0.0\n'],
    ['mod', 'exclude example.com/a v2\n'],
    ['mod', 'replace example.com/a v2.0.0 => ./a\n'],
    ['work', 'replace example.com/a v2.0.0 => ./a\n'],
  ],
  'go-version': [
    ['mod', 'go v1.21\n'],
    ['work', 'go v1.21\n'],
  ],
  toolchain: [
    ['mod', 'toolchain 1.26.0\n'],
    ['work', 'toolchain local\n'],
  ],
  replacement: [
    ['mod', 'replace example.com/a => ./a v1.0.0\n'],
    ['mod', 'replace example.com/a => example.com/b\n'],
    ['mod', 'replace example.com/a => example.com/b@v1.0.0\n'],
    ['mod', 'replace example.com/a => https://example.com/b v1.0.0\n'],
    ['mod', 'replace example.com/a => git@example.com:b.git\n'],
    ['mod', 'replace example.com/a => ..\\a\n'],
    ['work', 'replace example.com/a => example.com/b\n'],
  ],
  retraction: [
    ['mod', 'retract [v1.0.0, v1.1.0\n'],
    ['mod', 'retract v1.0.0 v1.1.0\n'],
    ['mod', 'retract\n'],
  ],
  'byte-order-mark': [
    ['mod', ''],
    ['work', ''],
  ],
};

const HEADS: Readonly<Record<string, readonly [mod: string, work: string]>> = {
  'go-version': ['module example.com/m\n\n', ''],
  'byte-order-mark': ['\ufeffmodule example.com/m\n\ngo 1.21\n\n', '\ufeffgo 1.21\n\n'],
};

const ENVIRONMENT: GoEnvironment = {
  proxies: [],
  noProxy: '',
  noSumDb: '',
  private: '',
  insecure: '',
  vcs: '',
  sumDb: 'off',
  moduleCache: undefined,
  goFlags: [],
  work: '',
};

describe('every kind of fault in go.mod and go.work', () => {
  it('belongs to a rule that there is', () => {
    const names = new Set(rules.map(({ name }) => name));
    for (const rule of Object.values(PROBLEM_RULES)) assert.ok(names.has(rule), rule);
  });

  for (const [kind, samples] of Object.entries(SAMPLES)) {
    const rule = PROBLEM_RULES[kind as ProblemKind];
    for (const [file, lines] of samples) {
      it(`is reported once, by ${rule}: ${kind} in go.${file}: ${JSON.stringify(lines)}`, () => {
        const [mod, work] = HEADS[kind] ?? ['module example.com/m\n\ngo 1.21\n\n', 'go 1.21\n\n'];
        const project = projectOf(file, (file === 'mod' ? mod : work) + lines);
        const problems = (project.workspace?.work ?? project.modules[0]!.mod).parsed.problems;
        assert.ok(problems.some((problem) => problem.kind === kind), `a fault of this kind, not ${JSON.stringify(problems)}`);
        const { findings } = analyze(project, recordFacts(() => undefined), rules);
        assert.deepEqual(findings.map((finding) => `${finding.rule} (${finding.severity})`), [`${rule} (error)`]);
      });
    }
  }
});

function projectOf(file: 'mod' | 'work', text: string): Project {
  const source = { path: `/m/go.${file}`, text, editable: true };
  return {
    environment: ENVIRONMENT,
    workspace: file === 'work' ? { directory: '/m', work: { ...source, parsed: parseWork(text) }, sum: undefined } : undefined,
    modules: file === 'mod' ? [{ directory: '/m', mod: { ...source, parsed: parseMod(text) }, sum: undefined, vendored: false }] : [],
    nearby: [],
  };
}
