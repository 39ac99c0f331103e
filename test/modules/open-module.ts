import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { analyze } from '../../server/src/engine/analysis.ts';
import type { Facts, Question } from '../../server/src/engine/facts.ts';
import { rules } from '../../server/src/engine/rules/index.ts';
import { factSource } from '../../server/src/host/fact-source.ts';
import { FactStore } from '../../server/src/host/fact-store.ts';
import { readGoEnvironment } from '../../server/src/host/go-environment.ts';
import { moduleCache } from '../../server/src/host/module-cache.ts';
import { findProject, loadProject } from '../../server/src/host/project-loader.ts';
import { settle } from '../../server/src/host/settlement.ts';
import { sourceFiles } from '../../server/src/host/source-files.ts';
import { sourceScan } from '../../server/src/host/source-scan.ts';
import { createNetwork } from '../../server/src/net/network.ts';

/** What is known while go.sum is judged. */
export type Knowledge = 'text' | 'graph' | 'packages';

export interface Verdicts {
  /** Numbers of the lines called stale, from zero. */
  readonly stale: ReadonlySet<number>;
  /** Keys of the lines called missing. */
  readonly missing: ReadonlySet<string>;
}

export interface OpenModule {
  /** What is said of the module with another go.sum. */
  verdicts(sum: string, knowledge: Knowledge): Promise<Verdicts>;
  close(): Promise<void>;
}

const SUM_RULES = rules.filter(({ name }) => name === 'stale-checksum' || name === 'missing-checksum');

/** Opens a module whose needs are in the module cache, without a network, as the server keeps it open. */
export async function openModule(directory: string, env: Readonly<Record<string, string>>): Promise<OpenModule> {
  const { environment } = await readGoEnvironment({ env: { ...env, GOPROXY: 'off', GOSUMDB: 'off' }, platform: process.platform });
  const files = sourceFiles();
  const place = await findProject(directory, environment, files);
  if (!place || environment.moduleCache === undefined) throw new Error(`${directory} can't be opened`);
  const network = createNetwork({ settings: environment, environment: env, cacheDirectory: undefined });
  const cache = moduleCache(environment.moduleCache);
  const source = factSource({ environment, reach: 'cacheOnly', network, cache, scan: sourceScan(), files });
  // Nothing changes meanwhile but go.sum, so that no answer grows old.
  const store = new FactStore(source, { now: () => 0 });
  const { signal } = new AbortController();
  return {
    async verdicts(sum, knowledge) {
      writeFileSync(join(directory, 'go.sum'), sum);
      const { project } = await loadProject(place, { environment, files, nearby: [] });
      const look = (facts: Facts) => analyze(project, limited(facts, knowledge), SUM_RULES).findings;
      const findings = await settle(look, store, { signal });
      const stale = findings.filter(({ rule }) => rule === 'stale-checksum').map(({ at }) => lineOf(sum, at.span.start));
      const missing = findings.filter(({ rule }) => rule === 'missing-checksum').map(({ module }) => `${module!.path} ${module!.version}`);
      return { stale: new Set(stale), missing: new Set(missing) };
    },
    close: () => network.close(),
  };
}

const OF_PACKAGES: ReadonlySet<Question['kind']> = new Set(['package-source', 'directory-source']);

function limited(facts: Facts, knowledge: Knowledge): Facts {
  if (knowledge === 'packages') return facts;
  const isHidden = (kind: Question['kind']) => knowledge === 'text' || OF_PACKAGES.has(kind);
  return {
    ask: (question) => (isHidden(question.kind) ? { state: 'unavailable', why: 'it is kept from this look' } : facts.ask(question)),
  };
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length - 1;
}
