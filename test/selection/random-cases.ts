import type { JudgedCase } from './judged-world.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];
const VERSIONS = ['v1.0.0', 'v1.1.0', 'v1.2.0-rc.1', 'v1.2.0'];

/** Worlds drawn with a fixed seed: pruned and not, with replace and exclude, and a go.sum that lacks every third line. */
export function* randomCases(count: number): Iterable<JudgedCase> {
  const next = generator(20260101);
  const pick = <T>(from: readonly T[]): T => from[next(from.length)]!;
  for (let number = 0; number < count; number++) {
    const modules: Record<string, string> = {};
    for (const name of NAMES) {
      for (const version of VERSIONS) modules[`${name}@${version}`] = `${pick(['', 'go 1.16', 'go 1.21'])}\n${requires(name)}`;
    }
    const without = Object.keys(modules).map((key) => key.replace('@', ' ')).flatMap((key) => [key, `${key}/go.mod`]);
    yield {
      name: `random world ${number}`,
      main: `${pick(['go 1.16', 'go 1.21'])}\n${requires('')}${extra()}`,
      modules,
      without: without.filter(() => next(3) === 0),
    };
  }

  /** Up to three other modules. */
  function requires(name: string): string {
    const chosen = new Set(Array.from({ length: next(4) + (name === '' ? 1 : 0) }, () => pick(NAMES)));
    chosen.delete(name);
    return [...chosen].map((path) => `\nrequire example.com/${path} ${pick(VERSIONS)}`).join('');
  }

  function extra(): string {
    const replace = `\n\nreplace example.com/${pick(NAMES)} ${pick(VERSIONS)} => example.com/${pick(NAMES)} ${pick(VERSIONS)}`;
    const exclude = `\n\nexclude example.com/${pick(NAMES)} ${pick(VERSIONS)}`;
    return (next(3) === 0 ? replace : '') + (next(3) === 0 ? exclude : '');
  }
}

/** Whole numbers from 0 below a bound. */
function generator(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}
