/**
 * Where this program keeps what it has verified, below the user's own cache directory (os.UserCacheDir in Go);
 * undefined when the user has none.
 */
export function cacheDirectory(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): string | undefined {
  const base = userCacheDirectory(env, platform);
  return base === undefined ? undefined : `${base.replaceAll('\\', '/')}/gomod-health`;
}

/** Where Node.js keeps this program as it has compiled it, below that directory. */
export function compiledDirectory(cache: string): string {
  return `${cache}/compiled`;
}

function userCacheDirectory(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): string | undefined {
  if (platform === 'win32') return env['LocalAppData'] ?? env['LOCALAPPDATA'];
  if (platform === 'darwin') return env['HOME'] && `${env['HOME']}/Library/Caches`;
  if (env['XDG_CACHE_HOME']?.startsWith('/')) return env['XDG_CACHE_HOME'];
  return env['HOME'] && `${env['HOME']}/.cache`;
}
