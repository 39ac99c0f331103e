import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { goInstalled } from '../test/live/go-command.ts';
import { extractModules } from '../test/verify/extracted-cache.ts';
import { sumLines, writeModuleProxy } from '../test/world/module-proxy.ts';
import { median } from './statistics.ts';

/** Medians in milliseconds of whole processes; the go command's is undefined where it is not installed. */
export interface Verification {
  readonly ours: number;
  readonly go: number | undefined;
  /** Of Node that does nothing. */
  readonly node: number;
}

/** What the module cache holds, and how often each of the two verifies it, in turn. */
export interface VerificationSize {
  readonly modules: number;
  /** Of each module. */
  readonly files: number;
  readonly runs: number;
}

/** Times `gomod-health verify` beside `go mod verify` on one module cache. */
export async function measureVerification(program: string, size: VerificationSize): Promise<Verification> {
  const directory = await mkdtemp(join(tmpdir(), 'gomod-health-bench-verify-'));
  try {
    const env = await layOut(directory, size);
    const main = join(directory, 'main');
    const hasGo = (await goInstalled()) !== undefined;
    const ours: number[] = [];
    const go: number[] = [];
    const node: number[] = [];
    for (let run = 0; run < size.runs; run++) {
      ours.push(await time(process.execPath, [program, 'verify', '--offline'], main, env));
      node.push(await time(process.execPath, ['-p', '"all modules verified"'], main, env));
      if (hasGo) go.push(await time('go', ['mod', 'verify'], main, env));
    }
    return { ours: median(ours), go: hasGo ? median(go) : undefined, node: median(node) };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function layOut(directory: string, size: VerificationSize): Promise<Record<string, string>> {
  const modules = Array.from({ length: size.modules }, (_, at) => {
    const sources = Array.from({ length: size.files }, (_unused, file) => {
      return [`dir${file % 10}/file${file}.go`, sourceText(at * 1000 + file)] as const;
    });
    const path = `example.com/m${at}`;
    return { path, version: 'v1.0.0', files: { 'go.mod': `module ${path}\n`, ...Object.fromEntries(sources) } };
  });
  const proxy = join(directory, 'proxy');
  const sums = await writeModuleProxy(proxy, modules);
  await extractModules(join(directory, 'mod'), proxy, modules, sums);
  await mkdir(join(directory, 'main'));
  const requires = modules.map(({ path, version }) => `\t${path} ${version}\n`).join('');
  await writeFile(join(directory, 'main/go.mod'), `module example.com/main\n\ngo 1.22\n\nrequire (\n${requires})\n`);
  await writeFile(join(directory, 'main/go.sum'), sums.map(sumLines).join(''));
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: directory,
    GOMODCACHE: join(directory, 'mod'),
    GOENV: 'off',
    GOWORK: 'off',
    GOFLAGS: '-modcacherw',
    GOPROXY: pathToFileURL(proxy).href,
    GOSUMDB: 'off',
    GOTOOLCHAIN: 'local',
  };
}

function time(command: string, args: readonly string[], cwd: string, env: Record<string, string>): Promise<number> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    execFile(command, args, { cwd, env, timeout: 60_000 }, (error, stdout) => {
      if (error) reject(error);
      else if (!stdout.includes('all modules verified')) reject(new Error(stdout));
      else resolve(performance.now() - started);
    });
  });
}

/** Some kilobytes that look like a program, so that they pack as one does. */
function sourceText(seed: number): string {
  let state = seed + 1;
  const word = (): string => {
    state = (state * 1103515245 + 12345) % 2147483648;
    const words = ['if', 'err', 'return', 'func', 'nil', 'string', `name${state % 97}`, `call${state % 53}(x)`, '{', '}', '=='];
    return words[state % words.length]!;
  };
  const lines = Array.from({ length: 150 }, () => `\t${Array.from({ length: 6 }, word).join(' ')}\n`);
  return `package p${seed}\n\n${lines.join('')}`;
}
