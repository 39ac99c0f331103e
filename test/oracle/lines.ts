import type { Readable } from 'node:stream';

/**
 * The lines of a stream, split at LF alone: JSON may hold U+2028 as it is, at which Node's readline splits as well.
 * A last line without LF counts; empty lines do not.
 */
export async function* lines(stream: Readable): AsyncGenerator<string> {
  let pending: string[] = [];
  stream.setEncoding('utf8');
  for await (const chunk of stream as AsyncIterable<string>) {
    const [first = '', ...others] = chunk.split('\n');
    pending.push(first);
    for (const next of others) {
      const line = pending.join('');
      pending = [next];
      if (line.trim() !== '') yield line;
    }
  }
  const last = pending.join('');
  if (last.trim() !== '') yield last;
}
