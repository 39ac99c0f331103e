import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { replaceInvalid } from '../../server/src/syntax/utf8.ts';
import { judge as startJudge } from '../oracle/judge.ts';
import type { Oracle } from '../oracle/oracle.ts';
import { assertAgreement, assertStable, type Judgement, type Kind, KINDS } from './agreement.ts';
import { corpus, NO_CORPUS } from './corpus.ts';
import { mutated } from './mutation.ts';

const FIXTURES = fileURLToPath(new URL('./fixtures/', import.meta.url));

/** A file that we once read in another way than golang.org/x/mod, or that is easy to get wrong, with its answer. */
interface Fixture {
  readonly why: string;
  readonly kind: Kind;
  readonly text: string;
  readonly answer: Judgement;
}

const fixtures = readdirSync(FIXTURES)
  .filter((name) => name.endsWith('.json'))
  .map((name) => ({ name, ...(JSON.parse(readFileSync(FIXTURES + name, 'utf8')) as Fixture) }));

describe('agreement with golang.org/x/mod/modfile', () => {
  const { oracle } = startJudge();

  assert.ok(fixtures.length > 10, 'the fixtures are missing');
  for (const { name, why, kind, text, answer } of fixtures) {
    it(`on ${name.replace('.json', '')}: ${why}`, () => assertAgreement(kind, text, answer));
  }

  it('still holds for the answers in the fixtures', async function () {
    const asked = oracle(this);
    for (const { name, why, kind, text, answer } of fixtures) {
      const { id: _, ...now } = await asked.ask({ op: 'parse', kind, text });
      if (process.env['UPDATE_FIXTURES']) {
        writeFileSync(FIXTURES + name, `${JSON.stringify({ why, kind, text, answer: now }, null, 2)}\n`);
      } else {
        assert.deepEqual(now, answer, `${name} is out of date; UPDATE_FIXTURES=1 writes it anew`);
      }
    }
  });

  for (const kind of ['mod', 'work'] as const) {
    it(`on every real go.${kind}`, async function () {
      this.timeout(120_000);
      const asked = oracle(this);
      const files = corpus(kind);
      if (!files) {
        console.log(NO_CORPUS);
        this.skip();
      }
      const counts = new Map<string, number>();
      for (const read of KINDS) {
        const texts = files.map(({ text }) => replaceInvalid(text));
        const answers = await asked.askAll(texts.map((text) => ({ op: 'parse', kind: read, text })));
        for (const [at, answer] of answers.entries()) {
          assertAgreement(read, texts[at]!, answer);
          assertStable(read, texts[at]!);
          const outcome = `${read} ${answer['ok'] ? 'accepted' : 'rejected'}`;
          counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
        }
      }
      console.log(`      ${[...counts].map(([outcome, count]) => `${outcome}: ${count}`).join(', ')}`);
    });
  }

  it('on mutated files', async function () {
    const runs = Number(process.env['FUZZ_RUNS'] ?? 20_000);
    const seed = Number(process.env['FUZZ_SEED'] ?? 1);
    this.timeout(60_000 + runs * 10);
    const asked = oracle(this);
    const files = [...(corpus('mod') ?? []), ...(corpus('work') ?? []), ...fixtures].map(({ text }) => text);
    const counts = { accepted: 0, rejected: 0 };
    const batch = fc.array(fc.tuple(mutated(files), fc.constantFrom(...KINDS)), { minLength: BATCH, maxLength: BATCH });
    await fc.assert(
      fc.asyncProperty(batch, (texts) => agreeOn(asked, texts, counts)),
      {
        numRuns: Math.ceil(runs / BATCH),
        seed,
        interruptAfterTimeLimit: 60_000 + runs * 9,
        markInterruptAsFailure: true,
      },
    );
    const { accepted, rejected } = counts;
    const outcome = `${accepted} accepted and ${rejected} rejected by both`;
    console.log(`      ${accepted + rejected} files, ${outcome}, seed ${seed}`);
    assert.ok(accepted > runs / 10 && rejected > runs / 10, 'the mutations are too weak or too strong to say much');
  });
});

const BATCH = 100;

async function agreeOn(
  oracle: Oracle,
  files: readonly (readonly [text: string, kind: Kind])[],
  counts: { accepted: number; rejected: number },
): Promise<void> {
  const requests = files.map(([text, kind]) => ({ op: 'parse', kind, text: replaceInvalid(text) }));
  for (const [at, answer] of (await oracle.askAll(requests)).entries()) {
    const { kind, text } = requests[at]!;
    assertAgreement(kind, text, answer);
    counts[answer['ok'] ? 'accepted' : 'rejected']++;
  }
}
