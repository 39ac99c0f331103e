import assert from 'node:assert/strict';
import type { ChecksumDatabase } from '../../server/src/sumdb/checksum-database.ts';
import { memoryOperations } from './memory-operations.ts';
import type { MemoryOperations } from './memory-operations.ts';
import { answerUpTo, clientOf, linesOf, logOf, recordOf } from './sample-log.ts';

async function requireFound(client: ChecksumDatabase, from: number, to: number): Promise<void> {
  const records = Array.from({ length: to - from }, (_, at) => recordOf(from + at));
  const answers = await Promise.all(records.map(({ path, version }) => client.lookup(path, version)));
  assert.deepEqual(answers, records.map((record) => ({ kind: 'found', lines: linesOf(record) })));
}

function requireNoRequestTwice({ requests }: MemoryOperations): void {
  assert.equal(new Set(requests).size, requests.length, requests.join('\n'));
}

describe('a lookup', () => {
  it('gives the lines of the version and of its go.mod, with a request for the record and few for tiles', async () => {
    const operations = memoryOperations(logOf(1000));
    await requireFound(clientOf(operations), 700, 701);
    assert.deepEqual(operations.requests.sort(), [
      'lookup/example.com/!mod700@v1.2.3',
      'tile/8/0/002',
      'tile/8/0/003.p/232',
      'tile/8/1/000.p/3',
    ]);
  });

  it('gives only the lines of its version', async () => {
    const log = logOf(3);
    log.addText('example.com/m@v1.0.0', [
      'example.com/m v1.0.0 h1:a=',
      'example.com/m v1.0.0 h2:b=',
      'example.com/m v1.0.0/go.mod h1:c=',
      'example.com/m v1.0.0-pre h1:d=',
      'example.com/m/v2 v1.0.0 h1:e=',
      'example.com/n v1.0.0 h1:f=\n',
    ].join('\n'));
    assert.deepEqual(await clientOf(memoryOperations(log)).lookup('example.com/m', 'v1.0.0'), {
      kind: 'found',
      lines: ['example.com/m v1.0.0 h1:a=', 'example.com/m v1.0.0 h2:b=', 'example.com/m v1.0.0/go.mod h1:c='],
    });
  });

  it('of an unknown version is absent, and is asked again the next time', async () => {
    const operations = memoryOperations(logOf(3));
    const client = clientOf(operations);
    const { path, version } = recordOf(3);
    assert.deepEqual(await client.lookup(path, version), { kind: 'absent', from: 'the database', said: '404' });
    operations.log.add(recordOf(3));
    await requireFound(client, 3, 4);
  });

  for (const [path, version] of [
    ['../../etc', 'v1.0.0'],
    ['example.com/.git', 'v1.0.0'],
    ['example.com/a.', 'v1.0.0'],
    ['example.com//a', 'v1.0.0'],
    ['example.com/a/', 'v1.0.0'],
    ['example.com/ä', 'v1.0.0'],
    ['example.com/a!b', 'v1.0.0'],
    ['example.com/a?b', 'v1.0.0'],
    ['example.com/a@v1', 'v1.0.0'],
    ['', 'v1.0.0'],
    ['example.com/a', 'v1.0.0/go.mod'],
    ['example.com/a', 'v1.0.0/../b'],
    ['example.com/a', '../b'],
    ['example.com/a', 'v1.0.0?x'],
    ['example.com/a', 'v'],
    ['example.com/a', ''],
  ] as const) {
    it(`of ${JSON.stringify(path)} ${JSON.stringify(version)} asks nothing`, async () => {
      const operations = memoryOperations(logOf(3));
      assert.equal((await clientOf(operations).lookup(path, version)).kind, 'unavailable');
      assert.deepEqual(operations.requests, []);
    });
  }

  it('is unavailable when the record or a tile is, and is asked again the next time', async () => {
    const { path, version } = recordOf(7);
    for (const start of ['lookup/', 'tile/8/1/', 'tile/8/0/000']) {
      const operations = memoryOperations(logOf(300));
      const client = clientOf(operations);
      const failure = { kind: 'unavailable', why: `no ${start}` } as const;
      operations.interpose = (asked) => (asked.startsWith(start) ? failure : undefined);
      assert.deepEqual(await client.lookup(path, version), failure);
      operations.interpose = () => undefined;
      await requireFound(client, 7, 8);
    }
  });

  it('is unavailable, not absent, when the database lacks a tile', async () => {
    const operations = memoryOperations(logOf(300));
    operations.interpose = (path) =>
      path.startsWith('tile/8/0/000') ? { kind: 'absent', from: 'the database', said: '404' } : undefined;
    const { path, version } = recordOf(7);
    assert.deepEqual(await clientOf(operations).lookup(path, version), {
      kind: 'unavailable',
      why: 'the database lacks tile/8/0/000, which its signed tree needs: 404',
    });
  });

  for (const [what, body] of [
    ['a web page', '<!doctype html>\n<p>Log in</p>\n\n'],
    ['nothing', ''],
    ['a record without a tree head', '3\na b c\n\n'],
  ] as const) {
    it(`answered with ${what} is unavailable, and no accusation`, async () => {
      const operations = memoryOperations(logOf(3));
      operations.interpose = (path) => (path.startsWith('lookup/') ? Buffer.from(body) : undefined);
      const { path, version } = recordOf(1);
      const answer = await clientOf(operations).lookup(path, version);
      assert.ok(answer.kind === 'unavailable');
      assert.match(answer.why, /^malformed (record data|note)$/);
    });
  }
});

describe('many lookups', () => {
  it('share what they ask: of 1,000 lookups at once and again no request is made twice', async () => {
    const operations = memoryOperations(logOf(1000));
    const client = clientOf(operations);
    await Promise.all([requireFound(client, 0, 1000), requireFound(client, 0, 1000)]);
    requireNoRequestTwice(operations);
    assert.equal(operations.requests.length, 1000 + 5);
    await requireFound(client, 0, 1000);
    assert.equal(operations.requests.length, 1005);
  });

  it('in another run ask nothing that a cache has', async () => {
    const operations = memoryOperations(logOf(1000));
    await requireFound(clientOf(operations), 0, 1000);
    operations.requests.length = 0;
    await requireFound(clientOf(operations), 0, 1000);
    assert.deepEqual(operations.requests, []);
  });

  it('whose answers have different tree heads ask the tiles of the largest one', async () => {
    const log = logOf(2000);
    const operations = memoryOperations(log);
    operations.interpose = (path) => {
      const id = /!mod(\d+)@/.exec(path)?.[1];
      if (id === undefined) return undefined;
      return answerUpTo(log, path, 1500 + (Number(id) % 500));
    };
    await requireFound(clientOf(operations), 1000, 1400);
    requireNoRequestTwice(operations);
    const tiles = operations.requests.filter((path) => path.startsWith('tile/'));
    assert.ok(tiles.length <= 12, tiles.join('\n'));
  });

  it('go on while the log grows', async () => {
    const operations = memoryOperations(logOf(1));
    const client = clientOf(operations);
    for (let size = 1; size < 600; size += 37) {
      await requireFound(client, Math.max(0, size - 40), size);
      while (operations.log.size < size + 37) operations.log.add(recordOf(operations.log.size));
    }
    requireNoRequestTwice(operations);
    assert.deepEqual(Buffer.from(operations.head), operations.log.signedHead(593));
    await requireFound(clientOf(operations), 0, operations.log.size);
  });

  it('find the complete tile where the partial one is gone', async () => {
    const log = logOf(800);
    const operations = memoryOperations(log);
    operations.interpose = (path) => {
      if (path === 'tile/8/0/002.p/8') return { kind: 'absent', from: 'the database', said: '410' };
      return path.startsWith('lookup/') ? answerUpTo(log, path, 520) : undefined;
    };
    await requireFound(clientOf(operations), 515, 516);
    assert.ok(operations.requests.includes('tile/8/0/002'));
    assert.equal(operations.cache.get('tile/8/0/002.p/8')?.length, 8 * 32);
    assert.ok(!operations.cache.has('tile/8/0/002'), 'of the complete tile only the beginning is verified');
  });
});

describe('what a cache has', () => {
  it('is verified like any answer; a spoiled entry is dropped and asked again', async () => {
    const operations = memoryOperations(logOf(1000));
    await requireFound(clientOf(operations), 0, 300);
    const good = new Map(operations.cache);
    const spoilings: readonly ((bytes: Uint8Array) => Uint8Array)[] = [
      (bytes) => bytes.map((byte) => byte ^ 0x80),
      (bytes) => bytes.map((byte, at) => (at === 3 ? byte ^ 1 : byte)),
      (bytes) => bytes.subarray(0, bytes.length - 1),
      (bytes) => bytes.subarray(0, 32),
      (bytes) => Buffer.concat([bytes, bytes]),
      () => Buffer.from('<html>'),
    ];
    for (const spoil of spoilings) {
      for (const path of [...good.keys()].filter((path, at) => path.startsWith('tile/') || at % 50 === 0)) {
        operations.cache.set(path, spoil(good.get(path)!));
        operations.requests.length = 0;
        await requireFound(clientOf(operations), 0, 300);
        assert.ok(operations.requests.length <= 3, operations.requests.join('\n'));
        assert.deepEqual(operations.cache.get(path), good.get(path));
      }
    }
  });

  it('serves another version only to those who ask for that', async () => {
    const operations = memoryOperations(logOf(10));
    const client = clientOf(operations);
    await requireFound(client, 4, 5);
    operations.cache.set('lookup/example.com/!mod5@v1.2.3', operations.cache.get('lookup/example.com/!mod4@v1.2.3')!);
    await requireFound(client, 5, 6);
  });

  it('of another key does no harm', async () => {
    const operations = memoryOperations(logOf(10));
    await requireFound(clientOf(operations), 0, 10);
    operations.log = logOf(400);
    await requireFound(clientOf(operations), 0, 400);
    assert.deepEqual(Buffer.from(operations.head), operations.log.signedHead());
  });

  it('of a tree head is taken up, and a spoiled one counts as none', async () => {
    const operations = memoryOperations(logOf(300));
    for (const head of ['garbage', '', operations.log.signedHead(200), operations.log.signedHead(300)]) {
      operations.head = Buffer.from(head);
      await requireFound(clientOf(operations), 0, 2);
      assert.deepEqual(Buffer.from(operations.head), operations.log.signedHead(300));
    }
  });

  it('of a tree head that another process stored in between is joined', async () => {
    const log = logOf(300);
    const operations = memoryOperations(log);
    const write = operations.writeTreeHead;
    for (const size of [250, 300, 320]) {
      while (log.size < size) log.add(recordOf(log.size));
      operations.head = new Uint8Array(0);
      let interruptions = 1;
      operations.writeTreeHead = (old, head) => {
        if (interruptions-- > 0) operations.head = log.signedHead(size);
        return write(old, head);
      };
      operations.interpose = (path) => (path.startsWith('lookup/') ? answerUpTo(log, path, 300) : undefined);
      await requireFound(clientOf(operations), 0, 2);
      assert.deepEqual(Buffer.from(operations.head), log.signedHead(Math.max(size, 300)));
    }
  });
});
