import nodeModule from 'node:module';
import { cacheDirectory, compiledDirectory } from '../host/cache-directory.ts';

/*
 * Where the command `gomod-health` starts. What Node.js compiles of the program is kept between runs where it can do so (from
 * 22.8 on), as compiling takes longer than most commands; but not under `cache`, which would keep what it has just removed,
 * and not in an editor's own Node.js, which starts the program once a day.
 */
const directory = cacheDirectory(process.env, process.platform);
const { enableCompileCache } = nodeModule as { readonly enableCompileCache?: (directory: string) => unknown };
if (directory !== undefined && process.argv[2] !== 'cache' && process.versions['electron'] === undefined) {
  enableCompileCache?.(compiledDirectory(directory));
}
void import('./main.ts');
