import { createChecksumDatabase } from '../../server/src/net/checksum-database.ts';
import { createHttp } from '../../server/src/net/http.ts';
import { recordOf } from './sample-log.ts';

/*
 * A process of shared-cache.test.ts: looks records up, over and over in new clients, and prints a line per round:
 * `ok`, or the first wrong answer. Usage: node lookup-process.ts GOSUMDB DIRECTORY RECORDS ROUNDS
 */
const [sumDb = '', cacheDirectory = '', records = '0', rounds = '0'] = process.argv.slice(2);
const http = createHttp({ environment: {} });
for (let round = 0; round < Number(rounds); round++) {
  const client = createChecksumDatabase({ sumDb, cacheDirectory, proxies: [{ kind: 'direct' }], get: http.get });
  const { signal } = new AbortController();
  const wrong = await Promise.all(
    Array.from({ length: Number(records) }, async (_, at) => {
      const { path, version, zip } = recordOf(at);
      const fact = await client.checksums(path, version, signal);
      return fact.state === 'known' && fact.value.zip === zip ? [] : [`${path}: ${JSON.stringify(fact)}`];
    }),
  );
  await client.settled();
  process.stdout.write(`${wrong.flat()[0] ?? 'ok'}\n`);
}
await http.close();
