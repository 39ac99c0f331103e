/** A go.sum made of a right one, with what `go mod tidy` would do about it. */
export interface Trial {
  readonly text: string;
  /** Numbers of the lines, from zero, that tidy removes. */
  readonly stale: ReadonlySet<number>;
  /** Keys `PATH VERSION` of the lines that tidy adds. */
  readonly missing: ReadonlySet<string>;
  /** A line has not three fields, so that other commands stop at it and little else is said. */
  readonly malformed: boolean;
  /** A line has the hash of something else. */
  readonly hasWrongHash: boolean;
}

/**
 * Takes lines out of a tidy go.sum, puts others in and spoils some. What tidy keeps depends on go.mod and the packages alone,
 * so that the tidy file itself tells it.
 *
 * @param tidy the text that `go mod tidy` leaves as it is
 * @param foreign lines of other modules' go.sum files
 */
export function* trialsOf(tidy: string, foreign: readonly string[], count: number, seed: number): Iterable<Trial> {
  const random = randomNumbers(seed);
  const kept = tidy.trimEnd().split('\n');
  const keys = new Set(kept.map(keyOf));
  const others = [...new Set([...foreign, ...kept.flatMap(neighbours)])].filter((line) => !keys.has(keyOf(line)));
  for (let trial = 0; trial < count; trial++) yield oneTrial(kept, others, random);
}

const WRONG = ' h1:AAAAAA';

function oneTrial(kept: readonly string[], others: readonly string[], random: () => number): Trial {
  const upTo = (most: number) => Math.floor(random() * (most + 1));
  const missing = new Set<string>();
  const lines: { text: string; stale: boolean }[] = kept.map((text) => ({ text, stale: false }));
  for (let removed = upTo(6); removed > 0; removed--) {
    const [line] = lines.splice(upTo(lines.length - 1), 1);
    missing.add(keyOf(line!.text));
  }
  let malformed = false;
  for (let spoiled = upTo(3); spoiled > 0; spoiled--) {
    const line = lines[upTo(lines.length - 1)]!;
    const how = random();
    if (how < 0.6) line.text = line.text.replace(/ h1:.{6}/, WRONG);
    else if (how < 0.95) line.text = line.text.replace(/ h1:/, ' h2:');
    else line.text = line.text.replace(/ h1:.*/, '');
    if (how >= 0.95) malformed = true;
    if (how >= 0.6) missing.add(keyOf(line.text));
  }
  for (let added = upTo(6); added > 0; added--) {
    const text = others[upTo(others.length - 1)]!;
    if (!lines.some((line) => keyOf(line.text) === keyOf(text))) lines.splice(upTo(lines.length), 0, { text, stale: true });
  }
  const stale = new Set(lines.flatMap((line, number) => (line.stale ? [number] : [])));
  const text = lines.map((line) => `${line.text}\n`).join('');
  return { text, stale, missing, malformed, hasWrongHash: text.includes(WRONG) };
}

/** Lines that a tidy file might have: the other one of a version, and those of versions before and after. */
function neighbours(line: string): string[] {
  const [path, written, hash] = line.split(' ') as [string, string, string];
  const version = written.replace(/\/go\.mod$/, '');
  const other = written === version ? `${version}/go.mod` : version;
  const near = [1, -1].flatMap((step) => {
    const moved = version.replace(/^(v\d+\.\d+\.)(\d+)$/, (_, start: string, patch: string) => `${start}${Number(patch) + step}`);
    return moved === version || moved.includes('-') ? [] : [`${path} ${moved} ${hash}`, `${path} ${moved}/go.mod ${hash}`];
  });
  return [`${path} ${other} ${hash}`, ...near];
}

/** `PATH VERSION`. */
export function keyOf(line: string): string {
  return line.split(' ', 2).join(' ');
}

/** Marsaglia's xorshift: the same numbers for the same seed, from 0 up to 1. */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
