import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { VERSION } from '../lsp/version.ts';
import type { CacheCleanOptions, CacheStatsOptions } from './cache.ts';
import type { CheckOptions } from './check.ts';
import { CannotRun } from './cannot-run.ts';
import type { EnvOptions } from './env.ts';
import type { ExplainOptions } from './explain.ts';
import type { GraphOptions } from './graph.ts';
import { oneLine } from '../lsp/one-line.ts';
import type { ProxiesOptions } from './proxies.ts';
import type { QueryOptions } from './query.ts';
import type { RebuildOptions } from './rebuild.ts';
import type { VerifyOptions } from './verify.ts';
import type { WhyOptions } from './why.ts';

/**
 * The command `gomod-health`. Exit status: 0 nothing at or above `--fail-on`, 1 findings, 2 it could not run.
 */
async function main(argv: readonly string[]): Promise<number> {
  let status = 0;
  const program = new Command('gomod-health')
    .description("Finds and fixes what is wrong with Go's go.mod, go.sum and go.work.")
    .version(VERSION)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });

  program
    .command('check')
    .description('check the module or workspace at or above each PATH, and every module below a directory PATH')
    .argument('[PATH...]', 'files or directories', ['.'])
    .addOption(formatOption())
    .addOption(
      new Option('--fail-on <severity>', 'the lightest severity that makes the exit status 1')
        .choices(['error', 'warning', 'info', 'hint', 'never'])
        .default('error'),
    )
    .option('--offline', 'ask nobody; use the files and the module cache')
    .option('--deep', 'fetch the zip files of modules too, so that every package is known; they are kept in the own cache')
    .option('--fix', 'apply the safe fixes')
    .option('--unsafe-fixes', 'apply the fixes that need a decision too; implies --fix')
    .option('--timeout <seconds>', 'how long one request may take', seconds)
    .option('--trace <file>', 'write every request to a file, credentials removed', nonEmpty)
    .action(async (paths: string[], options: CheckOptions) => {
      const { check } = await import('./check.ts');
      status = await check(paths, options);
    });

  program
    .command('graph')
    .description('print the module graph of the module or workspace at or above PATH, as go mod graph does')
    .argument('[PATH]', 'a file or directory', '.')
    .addOption(new Option('--format <format>', 'how to print').choices(['text', 'json', 'dot', 'mermaid']).default('text'))
    .option('--offline', 'ask nobody; use the files and the module cache')
    .option('--timeout <seconds>', 'how long one request may take', seconds)
    .option('--trace <file>', 'write every request to a file, credentials removed', nonEmpty)
    .action(async (path: string, options: GraphOptions) => {
      const { graph } = await import('./graph.ts');
      status = await graph(path, options);
    });

  program
    .command('why')
    .description('tell which requirements force the selected version of a module, and who would have to require less')
    .argument('<MODULE[@VERSION]>', 'a module path, with the version to ask about in place of the selected one')
    .argument('[PATH]', 'a file or directory', '.')
    .addOption(formatOption())
    .option('--upgrade', 'tell what go get MODULE@VERSION would change in the build list; VERSION may be a query')
    .addOption(new Option('--chains <count>', 'how many chains to show at most').argParser(positive).default(10))
    .option('--offline', 'ask nobody; use the files and the module cache')
    .option('--timeout <seconds>', 'how long one request may take', seconds)
    .option('--trace <file>', 'write every request to a file, credentials removed', nonEmpty)
    .action(async (module: string, path: string, options: WhyOptions) => {
      const { why } = await import('./why.ts');
      status = await why(module, path, options);
    });

  program
    .command('query')
    .description('tell which version a version query stands for, as go list -m MODULE@QUERY does')
    .argument('<MODULE@QUERY>', 'latest, upgrade, patch, v1, v1.2, <v1.2.3, >=v1.2.3, a version, a branch or a commit')
    .argument('[PATH]', 'a file or directory of the module or workspace', '.')
    .addOption(formatOption())
    .option('--offline', 'ask nobody; use the files, the module cache and earlier answers')
    .option('--timeout <seconds>', 'how long one request may take', seconds)
    .option('--trace <file>', 'write every request to a file, credentials removed', nonEmpty)
    .action(async (module: string, path: string, options: QueryOptions) => {
      const { query } = await import('./query.ts');
      status = await query(module, path, options);
    });

  program
    .command('rebuild')
    .description('show what go mod tidy makes of go.mod and go.sum, checked on copies; with --write put it in their place')
    .argument('[PATH]', 'a file or directory of the module', '.')
    .addOption(formatOption())
    .option('--sum', 'make go.sum alone anew, by what is verified here; no go command is needed')
    .option('--write', 'write the files, after a backup')
    .addOption(new Option('--restore', 'put back what the files held before the last --write').conflicts(['sum', 'write']))
    .option('--offline', 'with --sum: ask nobody; use the files, the module cache and earlier answers')
    .option('--timeout <seconds>', 'how long one request may take', seconds)
    .option('--trace <file>', 'write every request to a file, credentials removed', nonEmpty)
    .action(async (path: string, options: RebuildOptions) => {
      const { rebuild } = await import('./rebuild.ts');
      status = await rebuild(path, options);
    });

  program
    .command('explain')
    .description('print what a rule finds, why it matters and what its fix changes')
    .argument('<RULE>', 'the name of a rule, as it stands beside a finding')
    .addOption(formatOption())
    .action(async (rule: string, options: ExplainOptions) => {
      const { explain } = await import('./explain.ts');
      status = explain(rule, options);
    });

  program
    .command('verify')
    .description('compare the module cache with what was downloaded, and go.sum with both and the checksum database')
    .argument('[PATH]', 'a file or directory of the module or workspace', '.')
    .addOption(formatOption())
    .option('--offline', 'ask nobody; use the module cache and earlier answers')
    .option('--trace <file>', 'write every request to a file, credentials removed', nonEmpty)
    .action(async (path: string, options: VerifyOptions) => {
      const { verify } = await import('./verify.ts');
      status = await verify(path, options);
    });

  program
    .command('proxies')
    .description("compare the proxies of GOPROXY, or those given, on this project's own public modules")
    .argument('[URL...]', 'addresses of proxies')
    .addOption(formatOption())
    .option('--trace <file>', 'write every request to a file, credentials removed', nonEmpty)
    .action(async (urls: string[], options: ProxiesOptions) => {
      const { proxies } = await import('./proxies.ts');
      status = await proxies(urls, options);
    });

  program
    .command('env')
    .description("show Go's settings that bear on modules, where each comes from, and which are at fault")
    .addOption(formatOption())
    .action(async (options: EnvOptions) => {
      const { env } = await import('./env.ts');
      status = await env(options);
    });

  const cache = program.command('cache').description('look at or remove the answers that are kept between runs');
  cache
    .command('stats')
    .description('count them')
    .addOption(formatOption())
    .action(async (options: CacheStatsOptions) => {
      const { cacheStats } = await import('./cache.ts');
      status = await cacheStats(options);
    });
  cache
    .command('clean')
    .description('remove them; what checksum databases have signed last stays, so that a fork is still noticed')
    .option('--all', 'remove that too')
    .action(async (options: CacheCleanOptions) => {
      const { cacheClean } = await import('./cache.ts');
      status = await cacheClean(options);
    });

  program
    .command('lsp')
    .description('run the language server')
    .option('--stdio', 'talk over standard input and output')
    .option('--node-ipc', 'talk over the channel of the Node process that started this one')
    .option('--clientProcessId <id>', 'the editor, with which the server ends')
    .action(async ({ stdio, nodeIpc }: { stdio?: boolean; nodeIpc?: boolean }) => {
      if (!stdio && !nodeIpc) throw new CannotRun('lsp needs a way to talk to the editor: --stdio or --node-ipc');
      if (!stdio && !process.send) throw new CannotRun('--node-ipc is for editors that run on Node; use --stdio');
      const { startLanguageServer } = await import('../lsp/server.ts');
      await startLanguageServer();
    });

  try {
    await program.parseAsync([...argv], { from: 'user' });
    return status;
  } catch (error) {
    return refusal(error, program);
  }
}

/** Says in one sentence why nothing was done; help and version are no refusal. */
function refusal(error: unknown, program: Command): number {
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  if (error instanceof CommanderError && error.code === 'commander.help') {
    process.stderr.write(program.helpInformation());
    return 2;
  }
  const known = error instanceof CommanderError || error instanceof CannotRun;
  const message = known ? error.message.replace(/^error: /, '') : `this is a fault of gomod-health itself: ${String(error)}`;
  process.stderr.write(`gomod-health: ${oneLine(message)}\n`);
  return 2;
}

function formatOption(): Option {
  return new Option('--format <format>', 'how to print').choices(['text', 'json']).default('text');
}

function positive(value: string): number {
  if (!/^[1-9]\d{0,5}$/.test(value)) throw new InvalidArgumentError('It must be a whole number above 0.');
  return Number(value);
}

function seconds(value: string): number {
  const number = /^\d+(\.\d+)?$/.test(value) ? Number(value) : 0;
  if (number <= 0 || number > MAX_SECONDS) throw new InvalidArgumentError(`It must be a number of seconds from 0.001 to ${MAX_SECONDS}.`);
  return number;
}

const MAX_SECONDS = 3600;

function nonEmpty(value: string): string {
  if (value === '') throw new InvalidArgumentError('It must name a file.');
  return value;
}

// A reader that has seen enough, such as head, is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

main(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    process.stderr.write(`gomod-health: this is a fault of gomod-health itself: ${String(error)}\n`);
    process.exitCode = 2;
  },
);
