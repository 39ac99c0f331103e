import type { Unchecked } from '../engine/rule.ts';

/** Why something could not be checked, and how often that was so. */
export interface UncheckedReason {
  readonly reason: string;
  readonly count: number;
}

/** The reasons, the most frequent first. They may hold what a server said, so they are not printable as they are. */
export function uncheckedReasons(unchecked: readonly Unchecked[]): UncheckedReason[] {
  const counts = new Map<string, number>();
  for (const { unchecked: what, why } of unchecked) {
    const reason = `${what}: ${why}`;
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts].map(([reason, count]) => ({ reason, count })).sort((a, b) => b.count - a.count);
}
