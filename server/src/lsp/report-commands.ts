import type { WorkDoneProgressReporter } from 'vscode-languageserver/node';
import type { GoEnvironmentReport } from '../host/go-environment.ts';
import type { Trace } from '../net/http.ts';
import { showEnvironment } from './environment-view.ts';
import { showProxies } from './proxy-view.ts';
import type { ShownReport } from './shown-report.ts';
import { verifyModuleTags } from './tag-verification.ts';
import { EXPLAIN_VERSION, explainVersionOf } from './version-report.ts';
import type { Workbench } from './workbench.ts';

/** What a report is made from. */
export interface ReportScene {
  readonly workbench: Workbench;
  readonly report: GoEnvironmentReport;
  readonly trace: Trace;
}

/** A command whose answer is a text to read. */
export interface ReportCommand {
  /** Of its progress. */
  readonly title: string;
  /** Throws CannotReport where there is nothing to tell. The arguments are those of the command, whatever they are. */
  readonly run: (
    scene: ReportScene,
    signal: AbortSignal,
    progress: WorkDoneProgressReporter,
    args: readonly unknown[],
  ) => Promise<ShownReport>;
}

/** By the name that a client executes. */
export const reportCommands: Readonly<Record<string, ReportCommand>> = {
  'gomodHealth.verifyModuleTags': {
    title: 'Verifying module tags',
    run: ({ workbench }, signal, progress) => verifyModuleTags(workbench, signal, progress),
  },
  'gomodHealth.showGoEnvironment': {
    title: "Reading Go's environment",
    run: ({ workbench }) => showEnvironment(workbench),
  },
  [EXPLAIN_VERSION]: {
    title: 'Reading the module graph',
    run: ({ workbench }, signal, _, [uri, position]) => explainVersionOf(workbench, signal, uri, position),
  },
  'gomodHealth.compareProxies': { title: 'Comparing proxies', run: showProxies },
};
