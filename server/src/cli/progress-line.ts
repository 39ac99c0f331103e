import { oneLine } from '../lsp/one-line.ts';

/** One line on a terminal that is written over; nothing at all where there is no terminal. */
export function progressLine(stream: NodeJS.WriteStream): { show(text: string): void } {
  return {
    show(text) {
      if (!stream.isTTY) return;
      stream.write(`\r\u001b[K${oneLine(text).slice(0, Math.max((stream.columns ?? 80) - 1, 0))}`);
    },
  };
}
