import { join } from 'node:path';
import { build } from 'esbuild';

/** Bundles one of the programs beside this file as scripts/build.mjs bundles the product. */
export async function bundleProgram(source: string, outfile: string): Promise<void> {
  await build({
    entryPoints: [join(import.meta.dirname, source)],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    mainFields: ['module', 'main'],
    logLevel: 'warning',
  });
}
