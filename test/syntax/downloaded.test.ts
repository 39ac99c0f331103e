import assert from 'node:assert/strict';
import type { Context } from 'mocha';
import { sortAndDedupe } from '../../server/src/syntax/format.ts';
import { parseMod } from '../../server/src/syntax/mod-file.ts';
import { applyEdits } from '../../server/src/syntax/span.ts';
import { insertSumLines, parseSum } from '../../server/src/syntax/sum-file.ts';
import { printTree } from '../../server/src/syntax/tree-printer.ts';
import { replaceInvalid } from '../../server/src/syntax/utf8.ts';
import { judge as startJudge } from '../oracle/judge.ts';
import { assertAgreement, assertStable, KINDS } from './agreement.ts';
import type { CorpusFile } from './corpus.ts';
import { downloadedFiles, type DownloadedFiles } from './downloaded.ts';
import { judgeModEdits, judgeWorkEdits, shownCounts } from './judged-edits.ts';

describe('files of downloaded modules', function () {
  this.timeout(400_000);
  const { oracle } = startJudge();
  let files: DownloadedFiles | undefined;

  before(async () => {
    const found = await downloadedFiles();
    if ('skipped' in found) console.log(`skipped: ${found.skipped}`);
    else files = found;
  });

  function downloaded(context: Context): DownloadedFiles {
    if (!files) context.skip();
    return files!;
  }

  for (const kind of ['mod', 'work'] as const) {
    it(`are read as golang.org/x/mod/modfile reads them: go.${kind}`, async function () {
      const asked = oracle(this);
      const texts = textsOf(downloaded(this)[kind]);
      const counts = { accepted: 0, rejected: 0, directives: 0 };
      for (const read of KINDS) {
        const answers = await asked.askAll(texts.map((text) => ({ op: 'parse', kind: read, text })));
        for (const [at, answer] of answers.entries()) {
          assertAgreement(read, texts[at]!, answer);
          assertStable(read, texts[at]!);
          counts[answer['ok'] ? 'accepted' : 'rejected']++;
          if (read === kind) counts.directives += directivesIn(answer);
        }
      }
      const ways = `${counts.accepted} accepted and ${counts.rejected} rejected by both`;
      console.log(`      ${texts.length} files read as go.mod, as a dependency's and as go.work, ${ways}; ${counts.directives} directives equal`);
      assert.ok(texts.length >= LEAST[kind], `only ${texts.length} files`);
    });
  }

  it('are edited as golang.org/x/mod/modfile edits them: go.mod', async function () {
    const counts = await judgeModEdits(oracle(this), textsOf(downloaded(this).mod), 6);
    console.log(`      ${shownCounts(counts)}`);
    assert.ok(counts.edits > 10_000, `only ${counts.edits} edits`);
  });

  it('are edited as golang.org/x/mod/modfile edits them: go.work', async function () {
    const counts = await judgeWorkEdits(oracle(this), textsOf(downloaded(this).work), 20);
    console.log(`      ${shownCounts(counts)}`);
    assert.ok(counts.edits > 20, `only ${counts.edits} edits`);
  });

  it('are sorted as go mod edit -fmt sorts them', async function () {
    const asked = oracle(this);
    const parsed = textsOf(downloaded(this).mod).map((text) => parseMod(text)).filter(({ problems }) => problems.length === 0);
    const requests = parsed.map(({ text }) => ({ op: 'edit', kind: 'mod', text, edits: [{ do: 'sort' }] }));
    for (const [at, { result }] of (await asked.askAll(requests)).entries()) {
      assert.equal(sortAndDedupe(parsed[at]!)?.text, result, parsed[at]!.text);
    }
    console.log(`      ${parsed.length} files sorted alike`);
  });

  it('are written in the order of module.Sort: go.sum', async function () {
    const asked = oracle(this);
    const texts = textsOf(downloaded(this).sum);
    let lines = 0;
    for (const text of texts) {
      const file = parseSum(text);
      assert.equal(printTree(file), text);
      assert.deepEqual(file.problems, []);
      const read = file.lines.map(({ path, version, hash }) => `${path.value} ${version.value} ${hash.value}`);
      assert.deepEqual(read, text.split('\n').filter((line) => line.trim() !== '').map((line) => line.trim().split(/\s+/).join(' ')));
      const { result } = await asked.ask({ op: 'module', fn: 'sort', args: read });
      const added = file.lines.map(({ path, version, hash }) => ({ path: path.value, version: version.value, hash: hash.value }));
      assert.equal(applyEdits('', insertSumLines(parseSum(''), added)), (result as string[]).map((line) => `${line}\n`).join(''));
      lines += read.length;
    }
    console.log(`      ${lines} lines of ${texts.length} files written alike`);
    assert.ok(texts.length > 100, `only ${texts.length} files`);
  });
});

/** Fewer would mean that the download went wrong without a word. */
const LEAST = { mod: 300, work: 4 };

/** As the oracle can be asked about them: Go holds text as UTF-8, and so does JSON. */
function textsOf(files: readonly CorpusFile[]): string[] {
  return files.map(({ text }) => replaceInvalid(text));
}

const LISTS = ['require', 'exclude', 'replace', 'retract', 'tool', 'ignore', 'use', 'godebug'];

function directivesIn(answer: Readonly<Record<string, unknown>>): number {
  const single = ['module', 'go', 'toolchain'].filter((name) => Boolean(answer[name])).length;
  return LISTS.reduce((sum, name) => sum + (answer[name] as unknown[]).length, single);
}
