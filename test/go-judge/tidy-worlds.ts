import type { PublishedModule } from '../world/module-proxy.ts';

/** A main module with code, in a world of modules that import each other. */
export interface TidyWorld {
  readonly modules: readonly PublishedModule[];
  /** The main module's files by name, without a go.sum. */
  readonly files: Readonly<Record<string, string>>;
}

const NAMES = ['a', 'b', 'c', 'd', 'e', 'e/sub'];
const VERSIONS = ['v1.0.0', 'v1.1.0', 'v1.2.0-rc.1', 'v1.2.0'];

/**
 * Worlds drawn from a seed: main modules of each way of pruning, with replacements and exclusions, tools and tests. A
 * package imports mostly what its module requires, so that tidy has little to add; now and then it forgets a requirement.
 */
export function* tidyWorlds(count: number, seed: number): Iterable<TidyWorld> {
  const next = generator(seed);
  const pick = <T>(from: readonly T[]): T => from[next(from.length)]!;
  const some = (most: number): string[] => [...new Set(Array.from({ length: next(most + 1) }, () => pick(NAMES)))];
  for (let number = 0; number < count; number++) {
    const modules = NAMES.flatMap((name) => VERSIONS.map((version) => dependency(name, version)));
    yield { modules, files: main() };
  }

  function dependency(name: string, version: string): PublishedModule {
    const required = some(3).filter((other) => other !== name);
    const go = pick(['', '', '\ngo 1.16\n', '\ngo 1.21\n', '\ngo 1.21\n']);
    const requires = required.map((other) => `\nrequire example.com/${other} ${next(12) === 0 ? 'v1.1' : pick(VERSIONS)}\n`).join('');
    const back = next(15) === 0 ? '\nrequire example.com/m v1.0.0\n' : '';
    const files: Record<string, string> = {
      'go.mod': `module example.com/${name}\n${go}${requires}${back}`,
      'p.go': package_(required.filter(() => next(3) > 0)),
    };
    if (next(2) === 0) files['p_test.go'] = package_(required.filter(() => next(2) === 0));
    if (next(3) === 0) files['sub/p.go'] = package_([]);
    return { path: `example.com/${name}`, version, files };
  }

  function main(): Record<string, string> {
    const go = pick(['1.16', '1.17', '1.18', '1.21', '1.24']);
    const required = [...new Set([pick(NAMES), ...some(3)])];
    const lines = required.map((name) => `require example.com/${name} ${pick(VERSIONS)}`);
    const files: Record<string, string> = {
      'main.go': package_(required.filter(() => next(4) > 0)),
      'main_test.go': package_(next(2) === 0 ? [pick(required)] : []),
    };
    if (next(3) === 0) lines.push(`exclude example.com/${pick(NAMES)} ${pick(VERSIONS)}`);
    if (next(3) === 0) lines.push(`replace example.com/${pick(NAMES)}${pick(['', ` ${pick(VERSIONS)}`])} => example.com/${pick(NAMES)} ${pick(VERSIONS)}`);
    if (next(4) === 0) {
      const name = pick(NAMES);
      lines.push(`replace example.com/${name} => ./local`);
      files['local/go.mod'] = `module example.com/${name}\n\ngo 1.21\n\nrequire example.com/${pick(NAMES)} ${pick(VERSIONS)}\n`;
      files['local/p.go'] = package_(next(2) === 0 ? [pick(NAMES)] : []);
    }
    if (go === '1.24' && next(2) === 0) lines.push(`tool example.com/${pick(required)}`);
    files['go.mod'] = `module example.com/m\n\ngo ${go}\n\n${lines.join('\n\n')}\n`;
    return files;
  }
}

function package_(imports: readonly string[]): string {
  return `package p\n\nimport _ "go/token"\n${imports.map((name) => `\nimport _ "example.com/${name}"\n`).join('')}`;
}

/** Whole numbers from 0 below a bound. */
function generator(seed: number): (bound: number) => number {
  let state = seed >>> 0;
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}
