import type { ModFile, Requirement } from '../syntax/directives.ts';
import { rememberedOf } from '../syntax/memory.ts';
import { canonicalVersion, checkPath } from '../syntax/module-path.ts';
import type { LineForm } from '../syntax/tree.ts';
import { pseudoVersionFault } from './pseudo-version-fault.ts';

/**
 * The requirements of a go.mod whose own words may be worth a finding, in their order. Nearly all lines are as the go command
 * writes them, and the rules of single words need not look at those with every keystroke.
 */
export const unusualRequirements = rememberedOf(({ require }: ModFile): readonly Requirement[] => {
  return require.filter(({ line: { form } }) => form === undefined || !isUsual(form));
});

/** A module path and a version that fits it, both just as the go command writes them. */
const isUsual = rememberedOf(({ words: [path, version], fits }: LineForm): boolean => {
  const isWrittenInFull = canonicalVersion(version) === version && !version.endsWith('+incompatible');
  return fits && isWrittenInFull && checkPath(path) === undefined && !pseudoVersionFault(path, version);
});
