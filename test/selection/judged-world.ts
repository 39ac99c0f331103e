import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PublishedModule } from '../world/module-proxy.ts';
import { sumLines, writeModuleProxy } from '../world/module-proxy.ts';

/** A main module in a world of others, small enough to be read at once. */
export interface JudgedCase {
  readonly name: string;
  /** What the main module's go.mod has after its module line. */
  readonly main: string;
  /** What the go.mod of each version has after its module line, by `NAME@VERSION`; NAME stands for `example.com/NAME`. */
  readonly modules: Readonly<Record<string, string>>;
  /** The lines that go.sum lacks, each `NAME VERSION` or `NAME VERSION/go.mod`; every line when not said. */
  readonly without: readonly string[] | 'every line';
  readonly goFlags?: string;
  /** Further files of the main module. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Each version as a proxy has it, with one package. */
export function publishedModules({ modules }: Pick<JudgedCase, 'modules'>): PublishedModule[] {
  return Object.entries(modules).map(([key, rest]) => {
    const [name, version] = key.split('@') as [string, string];
    const path = `example.com/${name}`;
    const package_ = `package ${name.split('/')[0]}\n`;
    return { path, version, files: { 'go.mod': `module ${path}\n\n${rest}\n`, 'p.go': package_ } };
  });
}

/** The whole go.sum of a world, a line each by its `PATH VERSION` or `PATH VERSION/go.mod`. */
export async function wholeSum(modules: readonly PublishedModule[]): Promise<Map<string, string>> {
  const directory = await mkdtemp(join(tmpdir(), 'gomod-health-sums-'));
  try {
    const sums = await writeModuleProxy(directory, modules);
    const lines = sums.flatMap((sum) => sumLines(sum).split('\n')).filter((line) => line !== '');
    return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), line]));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The case as a fixture of the rules: all modules in the module cache, nobody to ask. */
export function fixtureText(judged: JudgedCase, sum: ReadonlyMap<string, string>): string {
  const files = Object.entries({ ...judged.files, 'go.mod': mainMod(judged), 'go.sum': presentSum(judged, sum) });
  const modules = publishedModules(judged).map(({ path, version, files: own }) => [
    `modules/${path}@${version}/go.mod`,
    own['go.mod']!,
  ]);
  const env = ['env', `GOPROXY=off\nGOSUMDB=off\nGOFLAGS=${judged.goFlags ?? ''}\n`];
  return `${judged.name}\n${[...files, ...modules, env].map(([name, data]) => `-- ${name} --\n${data}`).join('')}`;
}

export function mainMod({ main }: JudgedCase): string {
  return `module example.com/m\n\n${main}\n`;
}

/** go.sum without the lines that the case takes away. */
export function presentSum({ without }: JudgedCase, sum: ReadonlyMap<string, string>): string {
  if (without === 'every line') return '';
  const gone = new Set(without.map((key) => `example.com/${key}`));
  return [...sum].filter(([key]) => !gone.has(key)).map(([, line]) => `${line}\n`).join('');
}
