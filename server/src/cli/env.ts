import { printable } from '../engine/printable.ts';
import { cacheDirectory } from '../host/cache-directory.ts';
import { readGoEnvironment } from '../host/go-environment.ts';
import type { EnvironmentProblem, GoEnvironmentReport, GoVariable, GoVariableName } from '../host/go-environment.ts';
import { findWorkspace } from '../host/project-loader.ts';
import { redactUrl } from '../host/proxy-list.ts';
import { sourceFiles } from '../host/source-files.ts';
import { sumDbProblem } from '../net/sum-db-problem.ts';
import { terminalColors } from './colors.ts';

export interface EnvOptions {
  readonly format: 'text' | 'json';
}

/** The settings as they are shown. */
export interface EnvReport {
  readonly variables: Readonly<Record<GoVariableName, GoVariable>>;
  readonly problems: readonly EnvironmentProblem[];
  /** Where this program keeps its answers; undefined when the user has no cache directory. */
  readonly cache: string | undefined;
}

/** Runs `gomod-health env`; the exit status is 1 when a setting makes the go command fail. */
export async function env(options: EnvOptions): Promise<number> {
  const report = await readEnv(process.env, process.platform, process.cwd());
  process.stdout.write(options.format === 'json' ? envJson(report) : envText(report));
  return report.problems.length > 0 ? 1 : 0;
}

/** Finds every setting of Go that bears on modules, as it holds in a directory (absolute). */
export async function readEnv(
  environment: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
  directory: string,
): Promise<EnvReport> {
  const report = await readGoEnvironment({ env: environment, platform });
  const GOWORK = await workVariable(report, directory.replaceAll('\\', '/'));
  const sumDb = sumDbProblem(report.environment.sumDb);
  const entries = Object.entries({ ...report.variables, GOWORK });
  return {
    variables: Object.fromEntries(entries.map(([name, found]) => [name, shown(name, found)])) as EnvReport['variables'],
    problems: [...report.problems, ...(sumDb === undefined ? [] : [sumDbFault(sumDb)])],
    cache: cacheDirectory(environment, platform),
  };
}

/** As `go env GOWORK`, which names the go.work file that was found. */
async function workVariable({ environment, variables, problems }: GoEnvironmentReport, directory: string): Promise<GoVariable> {
  const { GOWORK } = variables;
  const isSearched = GOWORK.value === '' || GOWORK.value === 'auto';
  if (!isSearched || problems.some(({ variable }) => variable === 'GOWORK')) return GOWORK;
  const found = await findWorkspace(directory, environment, sourceFiles());
  if (found === undefined) return GOWORK;
  return { value: `${found === '/' ? '' : found}/go.work`, why: 'found at or above the working directory' };
}

/** The value of GOSUMDB may hold a password in its address, and the go command's words quote it. */
function sumDbFault(message: string): EnvironmentProblem {
  return { variable: 'GOSUMDB', message: message.replace(/\S*:\/\/\S*/g, (address) => redactUrl(address)) };
}

/** Without what may be a credential: of a command in GOAUTH only its name, of an address neither user nor password. */
function shown(name: string, { value, why }: GoVariable): GoVariable {
  if (name === 'GOAUTH') return { value: value.split(';').map(shownAuth).join(';'), why };
  return { value: value.includes('://') ? redactUrl(value) : value, why };
}

function shownAuth(method: string): string {
  const [command = '', ...rest] = method.trim().split(/\s+/);
  if (rest.length === 0 || command === 'git') return method;
  return `${command} …`;
}

function envJson({ variables, problems, cache }: EnvReport): string {
  return `${JSON.stringify({ schema: 1, variables, problems, cache: cache ?? null }, undefined, 2)}\n`;
}

function envText({ variables, problems, cache }: EnvReport): string {
  const colors = terminalColors();
  const rows = Object.entries(variables).map(([name, { value, why }]) => ({
    setting: `${name}=${printable(value)}`,
    why: why.includes('/') || why.includes('\\') ? `from ${printable(why)}` : why,
  }));
  const width = Math.min(Math.max(...rows.map(({ setting }) => setting.length)), MOST_WIDTH);
  const lines = rows.map(({ setting, why }) => `${setting.padEnd(width)}  ${colors.dim(`# ${why}`)}\n`);
  const faults = problems.map(({ variable, message }) => `${colors.red('problem')} ${variable}: ${printable(message)}\n`);
  const own = cache === undefined ? 'nowhere: there is no user cache directory' : printable(cache);
  return `${lines.join('')}\n${faults.join('')}${faults.length > 0 ? '\n' : ''}Answers are kept in ${own}\n`;
}

/** Longer settings push their reason out of its column. */
const MOST_WIDTH = 60;
