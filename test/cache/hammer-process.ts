import type { Route } from '../../server/src/engine/network.ts';
import { identityOf } from '../../server/src/net/answer-cache-proxy.ts';
import { createAnswerCache } from '../../server/src/net/answer-cache.ts';
import { answerDirectory, createNetwork } from '../../server/src/net/network.ts';
import { MODULES } from './hammer-world.ts';

/*
 * A process of hammer.test.ts: asks for everything in new networks over one cache, and drops entries so that they are
 * written anew, until it has made ROUNDS rounds. It prints a line per round: `ok`, or the first wrong answer.
 * Usage: node hammer-process.ts PROXY GOSUMDB DIRECTORY ROUNDS
 */
const [url = '', sumDb = '', cacheDirectory = '', rounds = '0'] = process.argv.slice(2);
const route: Route = { entries: [{ kind: 'proxy', url, fallBackOn: 'absent' }], sumDb };
const { signal } = new AbortController();

for (let round = 0; round < Number(rounds); round++) {
  const network = createNetwork({
    settings: { private: '', noProxy: '', insecure: '', vcs: '' },
    environment: {},
    cacheDirectory,
  });
  const wrong = await Promise.all(
    MODULES.map(async ({ path, version, files, time }) => {
      const answers = await Promise.all([
        network.versions(path, route, signal),
        network.release(path, version, route, signal),
        network.mod(path, version, route, signal),
      ]);
      const right = [
        { state: 'known', value: { versions: [version], from: url } },
        { state: 'known', value: { version, time, from: url } },
        { state: 'known', value: { text: files['go.mod'], from: url } },
      ];
      return answers.flatMap((answer, at) => (JSON.stringify(answer) === JSON.stringify(right[at]) ? [] : [JSON.stringify(answer)]));
    }),
  );
  await network.close();
  await dropSome(round);
  process.stdout.write(`${wrong.flat()[0] ?? 'ok'}\n`);
}

async function dropSome(round: number): Promise<void> {
  const cache = createAnswerCache({ directory: answerDirectory(cacheDirectory) });
  for (const { path, version } of MODULES.filter((_, at) => (at + round) % 3 === 0)) {
    await cache.drop('mod', JSON.stringify([identityOf(url), path, version]));
    await cache.drop('info', JSON.stringify([identityOf(url), path, version]));
    await cache.drop('list', JSON.stringify([identityOf(url), path, '']));
  }
}
