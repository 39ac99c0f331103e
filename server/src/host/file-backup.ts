import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { cacheDirectory } from './cache-directory.ts';

/** What files held before they were changed; undefined for one that was not there. */
export type FileTexts = ReadonlyMap<string, string | undefined>;

/** The state of some files of one module before a change, kept until the next one. */
export interface FileBackup {
  /** Keeps what they hold; until `finish` the change counts as interrupted. */
  begin(files: FileTexts): Promise<void>;
  /** The change is whole. */
  finish(): Promise<void>;
  /** What they held before the last change, and whether that was interrupted; undefined when nothing is kept. */
  read(): Promise<{ readonly files: FileTexts; readonly interrupted: boolean } | undefined>;
  /** Where it is. */
  readonly directory: string;
}

/**
 * Backups of a module's files in the user's cache directory, one module one backup; undefined where there is no such
 * directory.
 *
 * @param module the module's directory
 */
export function fileBackup(module: string, env: NodeJS.ProcessEnv, platform: NodeJS.Platform): FileBackup | undefined {
  const base = cacheDirectory(env, platform);
  if (base === undefined) return undefined;
  const directory = `${base}/backups/${createHash('sha256').update(module).digest('hex').slice(0, 32)}`;
  const file = `${directory}/files.json`;
  const marker = `${directory}/interrupted`;
  return {
    directory,

    async begin(files) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const entries = [...files].map(([name, text]) => [name, text ?? null] as const);
      await writeFile(file, JSON.stringify({ module, files: Object.fromEntries(entries) }), { mode: 0o600 });
      await writeFile(marker, '', { mode: 0o600 });
    },

    finish: () => rm(marker, { force: true }),

    async read() {
      const text = await readFile(file, 'utf8').catch(() => undefined);
      const kept = text === undefined ? undefined : parseBackup(text, module);
      if (!kept) return undefined;
      const interrupted = await readFile(marker).then(() => true, () => false);
      return { files: kept, interrupted };
    },
  };
}

/** Undefined for what was not written by `begin` for this module. */
function parseBackup(text: string, module: string): FileTexts | undefined {
  try {
    const parsed = JSON.parse(text) as { module?: unknown; files?: Readonly<Record<string, unknown>> };
    if (parsed.module !== module || typeof parsed.files !== 'object' || parsed.files === null) return undefined;
    const entries = Object.entries(parsed.files);
    const isOurs = entries.every(([name, held]) => name.startsWith(`${module}/`) && (held === null || typeof held === 'string'));
    return isOurs ? new Map(entries.map(([name, held]) => [name, (held as string | null) ?? undefined])) : undefined;
  } catch {
    return undefined;
  }
}
