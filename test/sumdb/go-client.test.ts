import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createChecksumDatabase } from '../../server/src/net/checksum-database.ts';
import { createHttp } from '../../server/src/net/http.ts';
import { startChecksumDatabase } from '../world/checksum-database.ts';
import { ATTACKS, honest, victim } from './attack-cases.ts';
import type { AttackCase } from './attack-cases.ts';
import { buildOracle } from './oracle.ts';
import type { Oracle } from './oracle.ts';
import { linesOf, recordOf } from './sample-log.ts';

const CONCURRENCY = 16;

describe("golang.org/x/mod's own client", function () {
  this.timeout(300_000);
  let oracle: Oracle;

  before(async function () {
    const built = await buildOracle();
    if (typeof built === 'string') {
      console.log(`skipped: ${built}`);
      this.skip();
    }
    oracle = built;
  });

  after(() => (oracle as Oracle | undefined)?.close());

  it('says the same about 1,000 lines of a loopback database, with no fewer requests', async () => {
    const records = Array.from({ length: 3000 }, (_, at) => recordOf(at));
    const wanted = Array.from({ length: 500 }, (_, at) => records[(at * 7919) % records.length]!);
    const database = await startChecksumDatabase({ records });
    const { Lookup: go } = await oracle.ask({
      Lookup: {
        Key: database.verifierKey,
        URL: database.url,
        Concurrency: CONCURRENCY,
        Subjects: wanted.map(({ path, version }) => [path, version]),
      },
    });
    assert.deepEqual(go.Errors, wanted.map(() => ''));
    assert.equal(database.requests.length, go.Requests);

    const http = createHttp({ environment: {}, bounds: { perHost: CONCURRENCY } });
    const client = createChecksumDatabase({
      sumDb: database.goSumDb,
      proxies: [{ kind: 'direct' }],
      get: http.get,
      cacheDirectory: undefined,
    });
    const started = performance.now();
    const own = await Promise.all(
      wanted.map(({ path, version }) => client.lookup(path, version, new AbortController().signal)),
    );
    const milliseconds = performance.now() - started;
    const requests = database.requests.length - go.Requests;
    await Promise.all([http.close(), database.close()]);

    assert.deepEqual(own.map((answer) => (answer.kind === 'found' ? answer.lines : answer)), go.Lines);
    assert.ok(requests <= go.Requests, `${requests} requests, Go's client ${go.Requests}`);
    const [ownTime, goTime] = [milliseconds, go.Milliseconds].map((time) => time.toFixed(0));
    console.log(`      here: ${requests} requests, ${ownTime} ms; Go's client: ${go.Requests} requests, ${goTime} ms`);
  });

  it('accepts the honest database of the attacks', async () => {
    assert.deepEqual(await askThroughLie({ lie: () => undefined }), { lines: linesOf(victim), error: '' });
  });

  for (const attack of ATTACKS.filter(({ knows }) => knows?.from !== 'this run')) {
    it(`refuses, too: ${attack.name}`, async () => {
      const { lines, error } = await askThroughLie(attack);
      assert.ok(error !== '' || lines.length === 0, lines.join('\n'));
    });
  }

  /** What Go's client makes of the victim's record when the database lies. */
  async function askThroughLie(
    attack: Pick<AttackCase, 'lie' | 'knows'>,
  ): Promise<{ lines: readonly string[]; error: string }> {
    const server = createServer((request, response) => {
      const lie = attack.lie(request.url!.slice(1));
      const { status, body } = honest.answer(request.url!);
      if (lie === undefined) response.writeHead(status).end(body);
      else if ('kind' in lie) response.writeHead(404).end();
      else response.writeHead(200).end(lie);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { Lookup } = await oracle.ask({
      Lookup: {
        Key: honest.verifierKey,
        URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        Concurrency: 1,
        ...(attack.knows && { Head: honest.signedHead(attack.knows.size).toString('base64') }),
        Subjects: [[victim.path, victim.version]],
      },
    });
    await new Promise((resolve) => server.close(resolve));
    return { lines: Lookup.Lines[0] ?? [], error: Lookup.Errors[0]! };
  }
});
