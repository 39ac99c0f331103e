import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const DIRECTORY = fileURLToPath(new URL('../../../shared/corpus/', import.meta.url));

/** One real file. */
export interface CorpusFile {
  readonly name: string;
  readonly text: string;
}

/** The files of the shared corpus of a kind; undefined when the corpus is not there. */
export function corpus(kind: 'mod' | 'work' | 'sum'): CorpusFile[] | undefined {
  if (!existsSync(DIRECTORY)) return undefined;
  return [kind, `fetched-${kind}`].flatMap((name) => {
    const lines = gunzipSync(readFileSync(`${DIRECTORY}${name}.ndjson.gz`)).toString('utf8').trimEnd().split('\n');
    return lines.map((line) => {
      // The text of an empty file is left out.
      const { name, text = '' } = JSON.parse(line) as Partial<CorpusFile>;
      return { name: name ?? '', text };
    });
  });
}

/** Why a test without the corpus is skipped. */
export const NO_CORPUS = 'skipped: ../shared/corpus is absent, so there are no real files to agree on';
