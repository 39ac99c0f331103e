import type { ProxyEntry } from '../engine/environment.ts';
import type { Evidence, Fact } from '../engine/facts.ts';

/**
 * Asks the entries of GOPROXY in their order, as the go command does (cmd/go/internal/modfetch/proxy.go:TryProxies).
 *
 * The first entry that knows decides. `absent` needs a definite "not there" from every entry that was asked, so that
 * one entry that could not tell makes the whole answer unavailable, even where `|` let the others go on.
 */
export async function askChain<T>(
  entries: readonly ProxyEntry[],
  ask: (entry: Exclude<ProxyEntry, { kind: 'off' }>) => Promise<Fact<T>>,
): Promise<Fact<T>> {
  if (entries.length === 0) {
    return { state: 'unavailable', why: 'GOPROXY list is not the empty string, but contains no entries' };
  }
  const evidence: Evidence[] = [];
  let reason: string | undefined;
  for (const entry of entries) {
    if (entry.kind === 'off') {
      reason ??= 'module lookup disabled by GOPROXY=off';
      break;
    }
    const fact = await ask(entry);
    if (fact.state === 'known' || fact.state === 'pending') return fact;
    if (fact.state === 'absent') {
      evidence.push(...fact.evidence);
      continue;
    }
    // The last of these is the one that the go command reports; what the origin says comes last anyway.
    reason = fact.why;
    if (entry.kind === 'proxy' && entry.fallBackOn === 'absent') break;
  }
  return reason === undefined ? { state: 'absent', evidence } : { state: 'unavailable', why: reason };
}
