import type { RuleSettings } from '../engine/analysis.ts';
import { rules } from '../engine/rules/index.ts';
import type { Reach } from '../host/fact-source.ts';

/** What the editor's user chose, and whether the workspace is trusted. */
export interface Settings {
  readonly reach: Reach;
  readonly reachReason: string;
  readonly rules: RuleSettings;
}

/** Reads the section `gomodHealth`; what is not of the documented form counts as not set. */
export function readSettings(section: unknown, trusted: boolean): Settings {
  const values = isObject(section) ? section : {};
  const chosen = Object.entries(isObject(values['rules']) ? values['rules'] : {}).filter(
    (entry): entry is [string, RuleSettings[string]] => RULE_SETTINGS.has(entry[1]),
  );
  const silent = trusted && values['goplsActive'] === true && values['besideGopls'] !== 'all' ? BESIDE_GOPLS : {};
  return { ...reachOf(values['network'], trusted), rules: { ...silent, ...Object.fromEntries(chosen) } };
}

/** Rules of what gopls shows as well; it does so in trusted workspaces alone. */
const BESIDE_GOPLS: RuleSettings = Object.fromEntries(
  rules.filter(({ inGopls }) => inGopls !== undefined).map(({ name }) => [name, 'beside-gopls' as const]),
);

const RULE_SETTINGS = new Set<unknown>(['error', 'warning', 'info', 'hint', 'off']);

function reachOf(network: unknown, trusted: boolean): Pick<Settings, 'reach' | 'reachReason'> {
  if (!trusted) return { reach: 'off', reachReason: 'the workspace is not trusted' };
  if (network === 'off') return { reach: 'off', reachReason: 'gomodHealth.network is "off"' };
  if (network === 'cacheOnly') return { reach: 'cacheOnly', reachReason: 'gomodHealth.network is "cacheOnly"' };
  return { reach: 'on', reachReason: '' };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
