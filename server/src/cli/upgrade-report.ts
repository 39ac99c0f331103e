import type { BuildListChange, UpgradePlan } from '../engine/upgrade-plan.ts';
import { jsonText } from './json-text.ts';

/** The stable, documented form: docs/cli.md. */
export function jsonUpgrade({ module, before, changes, possible }: UpgradePlan): string {
  const list = (all: readonly BuildListChange[]) =>
    all.map(({ path, before: from, after, chain }) => ({ path, before: from ?? null, after: after ?? null, chain: chain ?? [] }));
  return jsonText({ schema: 1, module, before: before ?? null, changes: list(changes), possible: list(possible) });
}
