import { createTreeHeadStore } from '../../server/src/net/tree-head-store.ts';

/*
 * A process of tree-head-store.test.ts: counts the stored number up COUNT times and prints every number that it put
 * there. Usage: node head-counter.ts DIRECTORY COUNT
 */
const [directory = '', count = '0'] = process.argv.slice(2);
const store = createTreeHeadStore(directory);
for (let done = 0; done < Number(count); ) {
  const old = await store.read();
  const next = Number(Buffer.from(old).toString() || '0') + 1;
  if (!(await store.swap(old, Buffer.from(`${next}`)))) continue;
  process.stdout.write(`${next}\n`);
  done += 1;
}
