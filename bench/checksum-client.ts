// Looks versions up in a checksum database, as the product does, and writes how long it took in milliseconds, a line for each
// time that it began anew, with connections and answers of its own. Usage:
// node checksum-client.cjs GOSUMDB DIRECTORY CONCURRENCY ROUNDS TIMES SUBJECT…, where an empty DIRECTORY keeps answers in memory.
import { createChecksumDatabase } from '../server/src/net/checksum-database.ts';
import { createHttp } from '../server/src/net/http.ts';

const [sumDb = '', directory = '', concurrency = '1', rounds = '1', times = '1', ...subjects] = process.argv.slice(2);

async function main(): Promise<void> {
  // A program of Go's has its HTTP library when it starts.
  await import('undici');
  for (let time = 0; time < Number(times); time++) process.stdout.write(`${await lookUpAll()}\n`);
}

async function lookUpAll(): Promise<number> {
  const http = createHttp({ environment: {}, bounds: { perHost: Number(concurrency) } });
  const { signal } = new AbortController();
  const database = createChecksumDatabase({
    sumDb,
    proxies: [{ kind: 'direct' }],
    get: http.get,
    cacheDirectory: directory === '' ? undefined : directory,
  });
  const started = performance.now();
  for (let round = 0; round < Number(rounds); round++) {
    let next = 0;
    const worker = async (): Promise<void> => {
      for (let at = next++; at < subjects.length; at = next++) {
        const [path = '', version = ''] = subjects[at]!.split('@');
        const fact = await database.checksums(path, version, signal);
        if (fact.state !== 'known' || !fact.value.zip || !fact.value.mod) throw new Error(`${path}: ${JSON.stringify(fact)}`);
      }
    };
    await Promise.all(Array.from({ length: Number(concurrency) }, worker));
  }
  const milliseconds = performance.now() - started;
  await database.settled();
  await http.close();
  return milliseconds;
}

void main();
