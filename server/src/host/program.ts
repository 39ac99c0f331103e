import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';

/** A program by the absolute directories of PATH alone: what lies in a module's directory is never run. */
export async function findProgram(name: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const path = Object.entries(env).find(([key]) => key.toUpperCase() === 'PATH')?.[1] ?? '';
  const file = process.platform === 'win32' ? `${name}.exe` : name;
  for (const directory of path.split(delimiter).filter(isAbsolute)) {
    const candidate = join(directory, file);
    const found = await access(candidate, constants.X_OK).then(() => stat(candidate), () => undefined);
    if (found?.isFile()) return candidate;
  }
  return undefined;
}
