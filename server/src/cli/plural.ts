/** A count with its noun: `1 error`, `2 errors`, `2 directories`. */
export function plural(count: number, noun: string, ofMany = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : ofMany}`;
}
