import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A repository to make, with its history from the first commit to the last. */
export interface OriginRepository {
  /** The address that git is to find it at, such as `https://github.com/acme/widget`; nothing is asked there. */
  readonly url: string;
  readonly commits: readonly OriginCommit[];
}

export interface OriginCommit {
  /** The whole content at this commit, by name. */
  readonly files: Readonly<Record<string, string>>;
  readonly tags?: readonly OriginTag[];
  readonly message?: string;
  /** RFC 3339. */
  readonly time?: string;
}

/** A lightweight tag by its name, or an annotated one. */
export type OriginTag = string | { readonly name: string; readonly message: string };

/** Bare repositories on disk and the git configuration that leads their addresses there. */
export interface GitOrigins {
  /** To be merged into a process's environment: `GIT_CONFIG_COUNT` and its keys and values. */
  readonly environment: Readonly<Record<string, string>>;
  /** The same as a configuration file, for GIT_CONFIG_GLOBAL. */
  readonly configFile: string;
  /** The directory of a repository, whether it was made or not. */
  directoryOf(url: string): string;
}

/**
 * Makes bare repositories below a directory. Every address on a host that one of them is on leads there as well, so
 * that a repository that was not made is not found, and no host is ever asked. Needs git, and nothing else.
 */
export async function makeGitOrigins(
  directory: string,
  repositories: readonly OriginRepository[],
): Promise<GitOrigins> {
  const directoryOf = (url: string): string => join(directory, new URL(url).host, new URL(url).pathname);
  await mkdir(directory, { recursive: true });
  for (const repository of repositories) await makeRepository(directoryOf(repository.url), repository.commits);

  const rewritings = [...new Set(repositories.map(({ url }) => new URL(url).host))].map((host) => ({
    key: `url.${join(directory, host).replaceAll('\\', '/')}/.insteadOf`,
    value: `https://${host}/`,
  }));
  const configFile = join(directory, 'gitconfig');
  const sections = rewritings.map(({ key, value }) => `${section(key)}\n\tinsteadOf = "${value}"\n`);
  await writeFile(configFile, sections.join(''));
  return { environment: configEnvironment(rewritings), configFile, directoryOf };
}

/** Git configuration as variables of the environment. */
export function configEnvironment(
  entries: readonly { readonly key: string; readonly value: string }[],
): Record<string, string> {
  const environment: Record<string, string> = { GIT_CONFIG_COUNT: String(entries.length) };
  for (const [at, { key, value }] of entries.entries()) {
    environment[`GIT_CONFIG_KEY_${at}`] = key;
    environment[`GIT_CONFIG_VALUE_${at}`] = value;
  }
  return environment;
}

/** Makes a directory the work tree of a repository that has these files in its one commit, whatever lies there. */
export async function makeWorkTree(directory: string, files: Readonly<Record<string, string>>): Promise<void> {
  const repository = join(directory, '.git');
  await makeRepository(repository, [{ files }]);
  await git(repository, ['config', 'core.bare', 'false']);
}

async function makeRepository(directory: string, commits: readonly OriginCommit[]): Promise<void> {
  await mkdir(directory, { recursive: true });
  await git(directory, ['init', '--quiet', '--bare', '--template=']);
  await git(directory, ['symbolic-ref', 'HEAD', 'refs/heads/main']);
  await git(directory, ['config', 'uploadpack.allowFilter', 'true']);
  if (commits.length > 0) await git(directory, ['fast-import', '--quiet'], historyOf(commits));
}

/** A stream for `git fast-import`. */
function historyOf(commits: readonly OriginCommit[]): string {
  const parts: string[] = [];
  for (const [at, { files, tags = [], message = `Commit ${at + 1}`, time }] of commits.entries()) {
    const seconds = Math.floor(Date.parse(time ?? '2024-01-02T03:04:05Z') / 1000) + (time === undefined ? at : 0);
    const who = `Ada Author <ada@acme.example> ${seconds} +0000`;
    parts.push(`commit refs/heads/main\nmark :${at + 1}\nauthor ${who}\ncommitter ${who}\n${data(message)}`);
    if (at > 0) parts.push(`from :${at}\n`);
    parts.push('deleteall\n');
    for (const [name, content] of Object.entries(files)) parts.push(`M 100644 inline ${name}\n${data(content)}`);
    parts.push('\n');
    for (const tag of tags) {
      if (typeof tag === 'string') parts.push(`reset refs/tags/${tag}\nfrom :${at + 1}\n\n`);
      else parts.push(`tag ${tag.name}\nfrom :${at + 1}\ntagger ${who}\n${data(tag.message)}`);
    }
  }
  parts.push('done\n');
  return `feature done\n${parts.join('')}`;
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}

/** `[url "BASE"]` for `url.BASE.insteadOf`. */
function section(key: string): string {
  return `[url "${key.slice('url.'.length, -'.insteadOf'.length)}"]`;
}

const NOWHERE = process.platform === 'win32' ? 'NUL' : '/dev/null';

function git(directory: string, args: readonly string[], input = ''): Promise<void> {
  // Nothing of the user's own git may take part.
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')));
  const env = { ...own, GIT_CONFIG_GLOBAL: NOWHERE, GIT_CONFIG_NOSYSTEM: '1' };
  return new Promise((resolve, reject) => {
    const child = execFile('git', [...args], { cwd: directory, env, timeout: 60_000 }, (error, _stdout, stderr) => {
      if (error) reject(new Error(`git ${args.join(' ')} in ${directory} failed: ${stderr || error.message}`));
      else resolve();
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}
