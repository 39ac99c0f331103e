import assert from 'node:assert/strict';
import type { ModFile, WorkFile } from '../../server/src/syntax/directives.ts';
import { sortAndDedupe } from '../../server/src/syntax/format.ts';
import * as edit from '../../server/src/syntax/mod-edit.ts';
import { parseMod } from '../../server/src/syntax/mod-file.ts';
import { applyEdits, type TextEdit } from '../../server/src/syntax/span.ts';
import { parseWork } from '../../server/src/syntax/work-file.ts';
import { judge } from '../oracle/judge.ts';
import { corpus, NO_CORPUS } from './corpus.ts';
import { judgeModEdits, judgeWorkEdits, shownCounts } from './judged-edits.ts';

interface ModCase {
  readonly name: string;
  readonly before: string;
  readonly change: (file: ModFile) => TextEdit[];
  readonly after: string;
}

/** Texts before and after, with a tab written as `→` so that it can be seen. */
const CASES: readonly ModCase[] = [
  {
    name: 'changes a version and nothing else',
    before: 'require (\n→a   v1.0.0   // why\n)',
    change: (file) => edit.setRequirementVersion(file, file.require[0]!, 'v1.1.0'),
    after: 'require (\n→a   v1.1.0   // why\n)',
  },
  {
    name: 'changes a path, in quotes where necessary',
    before: 'require a v1.0.0 // indirect',
    change: (file) => edit.setRequirementPath(file, file.require[0]!, 'b/v2', 'v2.0.0'),
    after: 'require b/v2 v2.0.0 // indirect',
  },
  {
    name: 'marks as indirect',
    before: 'require (\n→a v1\n→b v1 // why\n→c v1 //\n)',
    change: (file) => file.require.flatMap((one) => edit.setRequirementIndirect(file, one, true)),
    after: 'require (\n→a v1 // indirect\n→b v1 // indirect; why\n→c v1 // indirect\n)',
  },
  {
    name: 'takes the mark away',
    before: 'require (\n→a v1 // indirect\n→b v1 //indirect; why\n→c v1 // why\n)',
    change: (file) => file.require.flatMap((one) => edit.setRequirementIndirect(file, one, false)),
    after: 'require (\n→a v1\n→b v1 // why\n→c v1 // why\n)',
  },
  {
    name: 'drops a line of a block with the comments above it',
    before: 'require (\n→a v1\n\n→// about b\n→b v1 // b\n→c v1\n)\n',
    change: (file) => edit.dropRequirement(file, file.require[1]!),
    after: 'require (\n→a v1\n→c v1\n)\n',
  },
  {
    name: 'drops the first line of a block and the blank line after it',
    before: 'require (\n→a v1\n\n→b v1\n→c v1\n)\n',
    change: (file) => edit.dropRequirement(file, file.require[0]!),
    after: 'require (\n→b v1\n→c v1\n)\n',
  },
  {
    name: 'makes a line of a block with one line left',
    before: '// all\nrequire (\n→a v1\n→// about b\n→b   v1 // indirect\n)\n\ngo 1.21\n',
    change: (file) => edit.dropRequirement(file, file.require[0]!),
    after: '// all\n// about b\nrequire b   v1 // indirect\n\ngo 1.21\n',
  },
  {
    name: 'keeps a block whose parentheses have comments',
    before: 'require ( // keep\n→a v1\n→b v1\n)\n',
    change: (file) => edit.dropRequirement(file, file.require[0]!),
    after: 'require ( // keep\n→b v1\n)\n',
  },
  {
    name: 'drops an empty block',
    before: 'module m\n\n// all\nrequire (\n→a v1\n)\n\ngo 1.21\n',
    change: (file) => edit.dropRequirement(file, file.require[0]!),
    after: 'module m\n\ngo 1.21\n',
  },
  {
    name: 'drops the last line of a file and the blank line before it',
    before: 'module m\r\n\r\nrequire a v1\r\n',
    change: (file) => edit.dropRequirement(file, file.require[0]!),
    after: 'module m\r\n',
  },
  {
    name: 'drops the first line of a file',
    before: 'require a v1\n\nmodule m\n',
    change: (file) => edit.dropRequirement(file, file.require[0]!),
    after: 'module m\n',
  },
  {
    name: 'adds a requirement to a file without any',
    before: 'module m',
    change: (file) => edit.addRequirement(file, 'a', 'v1.0.0', false),
    after: 'module m\n\nrequire a v1.0.0\n',
  },
  {
    name: 'adds to nothing',
    before: '',
    change: (file) => edit.addRequirement(file, 'a', 'v1.0.0', true),
    after: 'require a v1.0.0 // indirect\n',
  },
  {
    name: 'makes a block of a line, with CR LF as in the file',
    before: 'require b v1 // why\r\n\r\ngo 1.10\r\n',
    change: (file) => edit.addRequirement(file, 'a', 'v1.0.0', false),
    after: 'require (\r\n→a v1.0.0\r\n→b v1 // why\r\n)\r\n\r\ngo 1.10\r\n',
  },
  {
    name: 'takes the comments above a line into its block',
    before: '// about a\nrequire a v1\n\ngo 1.10\n',
    change: (file) => edit.addRequirement(file, 'b', 'v1.0.0', false),
    after: 'require (\n→// about a\n→a v1\n→b v1.0.0\n)\n\ngo 1.10\n',
  },
  {
    name: 'adds to the only block, whatever comments its lines have',
    before: 'go 1.21\n\nrequire (\n→b v1 // why\n→c v1\n)\n',
    change: (file) => edit.addRequirement(file, 'a', 'v1.0.0', false),
    after: 'go 1.21\n\nrequire (\n→a v1.0.0\n→b v1 // why\n→c v1\n)\n',
  },
  {
    name: 'writes direct requirements before the only block, of indirect ones',
    before: 'go 1.21\n\nrequire (\n→b v1 // indirect; why\n→c v1 // indirect\n)\n',
    change: (file) => edit.addRequirement(file, 'a', 'v1.0.0', false),
    after: 'go 1.21\n\nrequire a v1.0.0\n\nrequire (\n→b v1 // indirect; why\n→c v1 // indirect\n)\n',
  },
  {
    name: 'keeps direct and indirect requirements apart',
    before: 'go 1.21\n\nrequire a v1\n\nrequire (\n→b v1 // indirect\n→d v1 // indirect\n)\n',
    change: (file) => edit.addRequirement(file, 'c', 'v1.0.0', true),
    after:
      'go 1.21\n\nrequire a v1\n\nrequire (\n→b v1 // indirect\n→c v1.0.0 // indirect\n→d v1 // indirect\n)\n',
  },
  {
    name: 'writes a direct requirement before indirect ones',
    before: 'go 1.21\n\nrequire (\n→b v1 // indirect\n→d v1 // indirect\n)\n',
    change: (file) => edit.addRequirement(file, 'c', 'v1.0.0', false),
    after: 'go 1.21\n\nrequire c v1.0.0\n\nrequire (\n→b v1 // indirect\n→d v1 // indirect\n)\n',
  },
  {
    name: 'writes an indirect requirement after direct ones',
    before: 'go 1.21\n\nrequire a v1\ntool x\n',
    change: (file) => edit.addRequirement(file, 'c', 'v1.0.0', true),
    after: 'go 1.21\n\nrequire a v1\n\nrequire c v1.0.0 // indirect\n\ntool x\n',
  },
  {
    name: 'adds to the one block of a file that mixes both',
    before: 'go 1.21\nrequire (\n  a v1\n  c v1 // indirect\n)\n',
    change: (file) => edit.addRequirement(file, 'b', 'v1.0.0', false),
    after: 'go 1.21\nrequire (\n  a v1\n  b v1.0.0\n  c v1 // indirect\n)\n',
  },
  {
    name: 'adds to the end of a block that is not in order',
    before: 'require (\n→c v1\n→a v1\n→// end\n)\n',
    change: (file) => edit.addRequirement(file, 'b', 'v1.0.0', false),
    after: 'require (\n→c v1\n→a v1\n→b v1.0.0\n→// end\n)\n',
  },
  {
    name: 'adds to an empty block',
    before: 'go 1.10\nrequire ()\n',
    change: (file) => edit.addRequirement(file, 'b', 'v1.0.0', false),
    after: 'go 1.10\nrequire (\n→b v1.0.0\n)\n',
  },
  {
    name: 'adds a replacement, in quotes where necessary',
    before: 'module m\n',
    change: (file) => edit.addReplace(file, { oldPath: 'a', newPath: '../my dir' }),
    after: 'module m\n\nreplace a => "../my dir"\n',
  },
  {
    name: 'changes a replacement',
    before: 'replace a v1.0.0 => ../a // why\n',
    change: (file) => edit.addReplace(file, { oldPath: 'a', oldVersion: 'v1.0.0', newPath: 'b', newVersion: 'v1.2.0' }),
    after: 'replace a v1.0.0 => b v1.2.0 // why\n',
  },
  {
    name: 'changes a replacement of one version to one of all, and drops others of the module',
    before: 'replace (\n→a v1.0.0 => ../a\n→a v1.1.0 => ../b\n)\n',
    change: (file) => edit.addReplace(file, { oldPath: 'a', newPath: '../c' }),
    after: 'replace a => ../c\n',
  },
  {
    name: 'adds a replacement after the one of another version',
    before: 'replace a v1.0.0 => ../a\n\nreplace b => ../b\n',
    change: (file) => edit.addReplace(file, { oldPath: 'a', oldVersion: 'v1.1.0', newPath: '../c' }),
    after: 'replace (\n→a v1.0.0 => ../a\n→a v1.1.0 => ../c\n)\n\nreplace b => ../b\n',
  },
  {
    name: 'drops a replacement',
    before: 'module m\nreplace a => ../a\n',
    change: (file) => edit.dropReplace(file, file.replace[0]!),
    after: 'module m\n',
  },
  {
    name: 'excludes a version once',
    before: 'exclude a v1.0.0\n',
    change: (file) => edit.addExclude(file, 'a', 'v1.0.0'),
    after: 'exclude a v1.0.0\n',
  },
  {
    name: 'excludes in the order of versions',
    before: 'go 1.21\n\nexclude (\n→a v1.2.0\n→a v1.10.0\n)\n',
    change: (file) => edit.addExclude(file, 'a', 'v1.9.0'),
    after: 'go 1.21\n\nexclude (\n→a v1.2.0\n→a v1.9.0\n→a v1.10.0\n)\n',
  },
  {
    name: 'drops an exclusion',
    before: 'exclude (\n→a v1.0.0\n→b v1.0.0\n→c v1.0.0\n)\n',
    change: (file) => edit.dropExclude(file, file.exclude[2]!),
    after: 'exclude (\n→a v1.0.0\n→b v1.0.0\n)\n',
  },
  {
    name: 'retracts with reasons, the latest first',
    before: 'module m\n\nretract v1.0.0 // leaks\n',
    change: (file) => edit.addRetract(file, { low: 'v1.1.0', high: 'v1.2.0', rationale: 'Breaks.\n\nBadly.' }),
    after: 'module m\n\nretract (\n→// Breaks.\n→//\n→// Badly.\n→[v1.1.0, v1.2.0]\n→v1.0.0 // leaks\n)\n',
  },
  {
    name: 'drops a retraction',
    before: 'module m\n\n// leaks\nretract v1.0.0\n',
    change: (file) => edit.dropRetract(file, file.retract[0]!),
    after: 'module m\n',
  },
  {
    name: 'sets the version of Go',
    before: 'module m\n\ngo   1.20 // x\n',
    change: (file) => edit.setGo(file, '1.21.0'),
    after: 'module m\n\ngo   1.21.0 // x\n',
  },
  {
    name: 'adds a go line after the module',
    before: '// m\nmodule m // x\n\nrequire a v1\n',
    change: (file) => edit.setGo(file, '1.21'),
    after: '// m\nmodule m // x\n\ngo 1.21\n\nrequire a v1\n',
  },
  {
    name: 'adds a toolchain line after the go line',
    before: 'module m\ngo 1.21\nrequire a v1\n',
    change: (file) => edit.setToolchain(file, 'go1.21.3'),
    after: 'module m\ngo 1.21\n\ntoolchain go1.21.3\n\nrequire a v1\n',
  },
  {
    name: 'drops the toolchain line',
    before: 'module m\n\ngo 1.21\n\ntoolchain go1.21.3\n\nrequire a v1\n',
    change: (file) => edit.dropToolchain(file),
    after: 'module m\n\ngo 1.21\n\nrequire a v1\n',
  },
  {
    name: 'adds a tool in order',
    before: 'tool (\n→a\n→c\n)\n',
    change: (file) => edit.addTool(file, 'b'),
    after: 'tool (\n→a\n→b\n→c\n)\n',
  },
  {
    name: 'drops a tool',
    before: 'tool a\n\nignore ./b\n',
    change: (file) => edit.dropTool(file, file.tool[0]!),
    after: 'ignore ./b\n',
  },
  {
    name: 'drops an ignored directory',
    before: 'ignore (\n→./a\n→"./b c"\n)\n',
    change: (file) => edit.dropIgnore(file, file.ignore[0]!),
    after: 'ignore "./b c"\n',
  },
  {
    name: 'drops the only line',
    before: '// x\ntool a',
    change: (file) => edit.dropTool(file, file.tool[0]!),
    after: '',
  },
  {
    name: 'ignores a directory once',
    before: 'ignore ./a\n',
    change: (file) => [...edit.addIgnore(file, './a'), ...edit.addIgnore(file, './b')],
    after: 'ignore (\n→./a\n→./b\n)\n',
  },
];

const WORK_CASES: readonly {
  readonly name: string;
  readonly before: string;
  readonly change: (file: WorkFile) => TextEdit[];
  readonly after: string;
}[] = [
  {
    name: 'adds a directory in order',
    before: 'go 1.21\n\nuse ./b\n',
    change: (file) => edit.addUse(file, './a'),
    after: 'go 1.21\n\nuse (\n→./a\n→./b\n)\n',
  },
  {
    name: 'drops a directory',
    before: 'go 1.21\n\nuse (\n→./a\n→./b\n)\n',
    change: (file) => edit.dropUse(file, file.use[0]!),
    after: 'go 1.21\n\nuse ./b\n',
  },
  {
    name: 'adds a go line after the comments at the top',
    before: '// x\n\n// y\nuse ./b\n',
    change: (file) => edit.setGo(file, '1.21'),
    after: '// x\n\ngo 1.21\n\n// y\nuse ./b\n',
  },
  {
    name: 'adds a toolchain line',
    before: 'use ./b\n',
    change: (file) => edit.setToolchain(file, 'go1.21.0'),
    after: 'toolchain go1.21.0\n\nuse ./b\n',
  },
  {
    name: 'adds a replacement',
    before: 'go 1.21\nuse ./b',
    change: (file) => edit.addReplace(file, { oldPath: 'a', newPath: './a' }),
    after: 'go 1.21\nuse ./b\n\nreplace a => ./a\n',
  },
];

function visible(text: string): string {
  return text.replaceAll('→', '\t');
}

describe('edits of go.mod', () => {
  for (const { name, before, change, after } of CASES) {
    it(name, () => {
      const file = parseMod(visible(before));
      assert.deepEqual(file.problems.filter(({ kind }) => kind !== 'version'), []);
      assert.equal(applyEdits(file.text, change(file)), visible(after));
    });
  }
});

describe('edits of go.work', () => {
  for (const { name, before, change, after } of WORK_CASES) {
    it(name, () => {
      const file = parseWork(visible(before));
      assert.equal(applyEdits(file.text, change(file)), visible(after));
    });
  }
});

describe('edits of real files', () => {
  const { oracle } = judge();

  it('agree with golang.org/x/mod/modfile on go.mod, and commute with formatting', async function () {
    this.timeout(300_000);
    const asked = oracle(this);
    const files = corpus('mod');
    if (!files) {
      console.log(NO_CORPUS);
      this.skip();
    }
    const stride = Math.ceil(files.length / Number(process.env['EDIT_FILES'] ?? 400));
    const chosen = files.filter((_, at) => at % stride === 0).map(({ text }) => text);
    const counts = await judgeModEdits(asked, chosen, 1);
    console.log(`      ${shownCounts(counts)}`);
    assert.ok(counts.edits > 2000, `only ${counts.edits} edits`);
  });

  it('agree with golang.org/x/mod/modfile on go.work, and commute with formatting', async function () {
    this.timeout(120_000);
    const asked = oracle(this);
    const files = corpus('work');
    if (!files) {
      console.log(NO_CORPUS);
      this.skip();
    }
    const counts = await judgeWorkEdits(asked, files.map(({ text }) => text), 3);
    console.log(`      ${shownCounts(counts)}`);
    assert.ok(counts.edits > 300, `only ${counts.edits} edits`);
  });

  it('sort and drop as go mod edit -fmt does', async function () {
    this.timeout(120_000);
    const asked = oracle(this);
    const texts = [...(corpus('mod') ?? []).map(({ text }) => text), ...SORTED.map(([before]) => before)];
    const files = texts.map((text) => parseMod(text)).filter(({ problems }) => problems.length === 0);
    const requests = files.map(({ text }) => ({ op: 'edit', kind: 'mod', text, edits: [{ do: 'sort' }] }));
    for (const [at, { result }] of (await asked.askAll(requests)).entries()) {
      assert.equal(sortAndDedupe(files[at]!)?.text, result, files[at]!.text);
    }
  });
});

/** Files before and after sorting, with the lines that are dropped: `=` the same as the kept one, `!` another. */
const SORTED: readonly (readonly [before: string, after: string, dropped: readonly string[]])[] = [
  ['require (\n\tb v1\n\ta v1\n)\n', 'require (\n\ta v1.0.0\n\tb v1.0.0\n)\n', []],
  ['require (\n\ta v1\n)\n\nexclude ()\n', 'require a v1.0.0\n', []],
  ['require (\n\ta v1\n\n\t// end\n)\n', 'require (\n\ta v1.0.0\n\n// end\n)\n', []],
  ['exclude a v1.0\nexclude a v1.0.0\n', 'exclude a v1.0.0\n', ['= exclude a v1.0.0']],
  ['replace a => ../a\nreplace a => ../b\n', 'replace a => ../b\n', ['! replace a => ../a']],
  ['replace a v1 => ../a\nreplace a v1.0.0 => "../a"\n', 'replace a v1.0.0 => ../a\n', ['= replace a v1 => ../a']],
  [
    'tool (\n\tb\n\ta\n\tb\n)\nignore ./x\nignore ./x\n',
    'tool (\n\ta\n\tb\n)\n\nignore ./x\n',
    ['= b', '= ignore ./x'],
  ],
  [
    'retract (\n\tv1.0.0\n\t[v1.1.0, v1.2.0]\n\tv1.3.0\n)\n',
    'retract (\n\tv1.3.0\n\t[v1.1.0, v1.2.0]\n\tv1.0.0\n)\n',
    [],
  ],
  ['go 1.21\nexclude (\n\ta v1.10.0\n\ta v1.9.0\n)\n', 'go 1.21\n\nexclude (\n\ta v1.9.0\n\ta v1.10.0\n)\n', []],
  ['go 1.20\nexclude (\n\ta v1.9.0\n\ta v1.10.0\n)\n', 'go 1.20\n\nexclude (\n\ta v1.10.0\n\ta v1.9.0\n)\n', []],
];

describe('sorting', () => {
  for (const [before, after, dropped] of SORTED) {
    it(`sorts ${JSON.stringify(before)}`, () => {
      const sorted = sortAndDedupe(parseMod(before));
      assert.equal(sorted?.text, after);
      const lines = sorted.dropped.map(({ line, identical }) => {
        return `${identical ? '=' : '!'} ${before.slice(line.start, line.end)}`;
      });
      assert.deepEqual(lines, dropped);
    });
  }

  it('refuses a file with faults', () => {
    assert.equal(sortAndDedupe(parseMod('require a\n')), undefined);
  });

  it('leaves go.work with the last of two replacements', () => {
    const sorted = sortAndDedupe(parseWork('use (\n\t./b\n\t./a\n\t./b\n)\nreplace a => ./a\nreplace a => ./b\n'));
    assert.equal(sorted?.text, 'use (\n\t./a\n\t./b\n\t./b\n)\n\nreplace a => ./b\n');
  });
});
