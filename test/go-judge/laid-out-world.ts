import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { goCommand } from '../live/go-command.ts';
import type { GoCommand } from '../live/go-command.ts';
import { sumLines, writeModuleProxy } from '../world/module-proxy.ts';
import type { TidyWorld } from './tidy-worlds.ts';

/** A world on the disk, for the product and for the go command. */
export interface LaidOutWorld {
  /** The hashes of every module that the proxy has. */
  readonly sum: string;
  readonly go: GoCommand;
  /** Lays out the main module once more, in a directory of its own. @returns The directory. */
  main(files?: Readonly<Record<string, string>>): string;
  /** Deletes everything. */
  dispose(): void;
}

/** Publishes a world's modules on a `file://` proxy, under which a go command runs with these settings. */
export async function layOutWorld(world: TidyWorld, settings: Readonly<Record<string, string>> = {}): Promise<LaidOutWorld> {
  const base = mkdtempSync(join(tmpdir(), 'gomod-health-world-'));
  const proxy = join(base, 'proxy');
  const sums = await writeModuleProxy(proxy, [...world.modules, OLD_MAIN]);
  const go = goCommand({ GOPROXY: pathToFileURL(proxy).href, GOSUMDB: 'off', GOWORK: 'off', ...settings });
  return {
    sum: sums.map(sumLines).join(''),
    go,
    main(files = {}) {
      const directory = mkdtempSync(join(base, 'main-'));
      for (const [name, text] of Object.entries({ ...world.files, ...files })) {
        mkdirSync(dirname(join(directory, name)), { recursive: true });
        writeFileSync(join(directory, name), text);
      }
      return directory;
    },
    dispose() {
      go.dispose();
      rmSync(base, { recursive: true, force: true });
    },
  };
}

/** The world as text, from which a fixture can be made. */
export function describeWorld({ files, modules }: TidyWorld): string {
  const own = Object.entries(files).map(([name, text]) => `-- ${name} --\n${text}`);
  const others = modules.flatMap(({ path, version, files: texts }) =>
    Object.entries(texts).map(([name, text]) => `-- modules/${path}@${version}/${name} --\n${text}`),
  );
  return `in this world:\n${[...own, ...others].join('')}`;
}

/** An older main module, which dependencies may require. */
const OLD_MAIN = {
  path: 'example.com/m',
  version: 'v1.0.0',
  files: { 'go.mod': 'module example.com/m\n\ngo 1.16\n\nrequire example.com/a v1.0.0\n', 'm.go': 'package m\n' },
};
