import { cacheDirectory } from '../host/cache-directory.ts';
import { readGoEnvironment } from '../host/go-environment.ts';
import type { EnvironmentProblem, GoEnvironmentReport, GoVariable, GoVariableName } from '../host/go-environment.ts';
import { findWorkspace } from '../host/project-loader.ts';
import { redactUrl } from '../host/proxy-list.ts';
import { sourceFiles } from '../host/source-files.ts';
import { sumDbProblem } from '../net/sum-db-problem.ts';
import { readConnection } from './connection.ts';
import type { Connection } from './connection.ts';
import { oneLine } from './one-line.ts';
import type { Paint } from './shown-report.ts';

/** Every setting of Go that bears on modules, without credentials, as it may be shown. */
export interface EnvironmentReport {
  readonly variables: Readonly<Record<GoVariableName, GoVariable>>;
  readonly problems: readonly EnvironmentProblem[];
  /** The ways to servers, which Go and this program take from the same variables. */
  readonly connection: Connection['variables'];
  /** Where this program keeps its answers; undefined when the user has no cache directory. */
  readonly cache: string | undefined;
}

/** Finds every setting of Go that bears on modules, as it holds in a directory (absolute). */
export async function readEnvironmentReport(
  environment: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
  directory: string,
): Promise<EnvironmentReport> {
  const report = await readGoEnvironment({ env: environment, platform });
  const GOWORK = await workVariable(report, directory.replaceAll('\\', '/'));
  const sumDb = sumDbProblem(report.environment.sumDb);
  const entries = Object.entries({ ...report.variables, GOWORK });
  return {
    variables: Object.fromEntries(entries.map(([name, found]) => [name, shown(name, found)])) as EnvironmentReport['variables'],
    problems: [...report.problems, ...(sumDb === undefined ? [] : [sumDbFault(sumDb)])],
    connection: readConnection(environment).variables,
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
  return { value: `${found === '/' ? '' : found}/go.work`, why: FOUND_WORKSPACE };
}

const FOUND_WORKSPACE = 'found at or above the working directory';

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

/**
 * The settings as lines, each with its reason; then the problems, and where answers are kept.
 *
 * @param own settings of an editor's, by name
 */
export function environmentText(
  { variables, connection, problems, cache }: EnvironmentReport,
  paint: Paint,
  own: Readonly<Record<string, GoVariable>> = {},
): string {
  const rows = Object.entries({ ...variables, ...connection, ...own }).map(([name, { value, why }]) => ({
    setting: `${name}=${oneLine(value)}`,
    why: why.includes('/') || why.includes('\\') ? `from ${oneLine(why)}` : why,
  }));
  const width = Math.min(Math.max(...rows.map(({ setting }) => setting.length)), MOST_WIDTH);
  const lines = rows.map(({ setting, why }) => `${setting.padEnd(width)}  ${paint.dim(`# ${why}`)}\n`);
  const faults = problems.map(({ variable, message }) => `${paint.red('problem')} ${variable}: ${oneLine(message)}\n`);
  const kept = cache === undefined ? 'nowhere: there is no user cache directory' : oneLine(cache);
  return `${lines.join('')}\n${faults.join('')}${faults.length > 0 ? '\n' : ''}Answers are kept in ${kept}\n`;
}

/** Longer settings push their reason out of its column. */
const MOST_WIDTH = 60;
