import { once } from 'node:events';
import { lines } from '../oracle/lines.ts';
import { answerLine } from './protocol.ts';

// Answers every request on standard input, in order; see protocol.ts.
for await (const line of lines(process.stdin)) {
  const isTaken = process.stdout.write(`${JSON.stringify(answerLine(line))}\n`);
  if (!isTaken) await once(process.stdout, 'drain');
}
