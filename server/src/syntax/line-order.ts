import { compare } from './semver.ts';
import { compareText } from './utf8.ts';

/** Orders the lines of one block by their words, -1, 0 or 1. */
export type LineOrder = (a: readonly string[], b: readonly string[]) => number;

/**
 * The order in which `go mod tidy` and `go mod edit -fmt` keep the lines of a block (modfile.SortBlocks).
 *
 * @param verb the block's directive
 * @param goVersion the version of the file's go line, if any
 */
export function lineOrder(verb: string, goVersion: string | undefined): LineOrder {
  if (verb === 'retract') return byInterval;
  if (verb === 'exclude' && isFrom121(goVersion)) return byModule;
  return byWords;
}

/** Go compares the go line as a semantic version here, so that `1.21rc1`, which is none, comes before. */
function isFrom121(goVersion: string | undefined): boolean {
  return goVersion !== undefined && compare(`v${goVersion}`, 'v1.21') >= 0;
}

function byWords(a: readonly string[], b: readonly string[]): number {
  for (let at = 0; at < a.length && at < b.length; at++) {
    const order = compareText(a[at]!, b[at]!);
    if (order !== 0) return order;
  }
  return Math.sign(a.length - b.length);
}

function byModule(a: readonly string[], b: readonly string[]): number {
  if (a.length !== 2 || b.length !== 2) return byWords(a, b);
  return compareText(a[0]!, b[0]!) || compare(a[1]!, b[1]!);
}

/** The latest retraction comes first. */
function byInterval(a: readonly string[], b: readonly string[]): number {
  const x = interval(a);
  const y = interval(b);
  return compare(y.low, x.low) || compare(y.high, x.high);
}

function interval(words: readonly string[]): { low: string; high: string } {
  const [first = '', low = '', comma, high = '', close] = words;
  if (words.length === 1) return { low: first, high: first };
  const isInterval = words.length === 5 && first === '[' && comma === ',' && close === ']';
  return isInterval ? { low, high } : { low: '', high: '' };
}
