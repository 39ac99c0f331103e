import type { ModuleVersion } from '../engine/module-version.ts';
import type { VersionExplanation } from '../engine/version-explanation.ts';
import { oneLine } from './one-line.ts';

/** Which requirements force a version, and who would have to require less, as plain text. */
export function textExplanation(explanation: VersionExplanation): string {
  const { chains, more } = explanation;
  const lines = [verdict(explanation)];
  if (chains.length > 0) {
    lines.push('', `${count(chains.length, more)} to it:`);
    for (const chain of chains) lines.push('', ...chain.map((module, depth) => `${'  '.repeat(depth + 1)}${name(module)}`));
    if (explanation.version === explanation.selected) lines.push('', ...changes(explanation));
  }
  return lines.map((line) => `${line}\n`).join('');
}

function verdict({ path, version, selected, required }: VersionExplanation): string {
  const module = oneLine(path);
  if (selected === undefined) return `Nothing in the module graph requires ${module}.`;
  if (selected === '') return `${module} is a main module, which stands for every version of it.`;
  if (version === selected) return `${module} ${selected} is selected.`;
  const asked = `${module} ${oneLine(version ?? '')}`;
  if (required.includes(version!)) return `${asked} is required, but ${selected} is selected.`;
  return `Nothing in the module graph requires ${asked}; ${selected} is selected.`;
}

function count(shown: number, more: boolean): string {
  if (more) return `More than ${shown} chains of requirements lead`;
  return shown === 1 ? 'One chain of requirements leads' : `${shown} chains of requirements lead`;
}

/** Who would have to change for a lower version. */
function changes({ requirers, lower }: VersionExplanation): string[] {
  const less = lower === undefined ? 'nothing would require it' : `at most ${oneLine(lower)} would be selected`;
  return [
    requirers.length === 1 ? 'For a lower version this one must require less:' : 'For a lower version each of these must require less:',
    ...requirers.map((module) => `  ${name(module)}`),
    `Without ${requirers.length === 1 ? 'it' : 'them'} ${less}.`,
  ];
}

function name({ path, version }: ModuleVersion): string {
  return oneLine(`${path} ${version}`.trim());
}
