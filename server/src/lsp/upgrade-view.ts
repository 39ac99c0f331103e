import { chainInWords } from '../engine/requirement-chains.ts';
import type { BuildListChange, UpgradePlan } from '../engine/upgrade-plan.ts';
import { oneLine } from './one-line.ts';

/** What an upgrade would change in the build list, as plain text. */
export function textUpgrade({ module, changes, possible }: UpgradePlan): string {
  const get = oneLine(`go get ${module.path}@${module.version}`);
  const lines = changes.length === 0 ? [`${get} would not change the build list.`] : [`${get} would change the build list:`, ''];
  lines.push(...changes.map((change) => `  ${changeLine(change)}`));
  if (possible.length > 0) {
    lines.push('', 'Only if packages need it, which requirements do not tell:', '', ...possible.map((change) => `  ${changeLine(change)}`));
  }
  return lines.map((line) => `${line}\n`).join('');
}

function changeLine({ path, before, after, chain }: BuildListChange): string {
  const because = chain && chain.length > 2 ? `, because ${chainInWords(chain)}` : '';
  if (before === undefined) return oneLine(`+ ${path} ${after}${because}`);
  if (after === undefined) return oneLine(`- ${path} ${before}`);
  return oneLine(`${path} ${before} → ${after}${because}`);
}
