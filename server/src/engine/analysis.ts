import type { Answers, Fact, Facts, Question } from './facts.ts';
import { boundedText } from './bounded-text.ts';
import { questionKey } from './facts.ts';
import type { Project } from './project.ts';
import { namesOtherFiles } from './readonly-module.ts';
import type { Finding, Rule, Severity, Unchecked } from './rule.ts';

/** A finding with the name of its rule and the severity in force. */
export interface ReportedFinding extends Finding {
  readonly rule: string;
  readonly severity: Severity;
}

export interface ReportedUnchecked extends Unchecked {
  readonly rule: string;
}

export interface Analysis {
  readonly findings: readonly ReportedFinding[];
  readonly unchecked: readonly ReportedUnchecked[];
}

/** What holds for a rule instead of its own severity; `beside-gopls` leaves out what gopls shows as well. */
export type RuleSetting = Severity | 'off' | 'beside-gopls';
export type RuleSettings = Readonly<Record<string, RuleSetting>>;

/** Holds the rules against a project, with what is known of the world. */
export function analyze(project: Project, facts: Facts, rules: readonly Rule[], settings: RuleSettings = {}): Analysis {
  const findings: ReportedFinding[] = [];
  const unchecked: ReportedUnchecked[] = [];
  for (const rule of rules) {
    const setting = settings[rule.name] ?? rule.defaultSetting;
    if (setting === 'off') continue;
    for (const report of rule.check(project, facts)) {
      if ('unchecked' in report) unchecked.push({ ...report, why: boundedText(report.why), rule: rule.name });
      else if (setting !== 'beside-gopls' || report.inGopls === false) {
        const severity = setting === undefined || setting === 'beside-gopls' ? severityOf(report, rule, project) : setting;
        findings.push({ ...bounded(report), rule: rule.name, severity });
      }
    }
  }
  return { findings: findings.sort(byPlace), unchecked };
}

/** What is said quotes words of the file and of servers, of whatever length. */
function bounded(finding: Finding): Finding {
  const { message, related, fixes } = finding;
  return {
    ...finding,
    message: boundedText(message),
    ...(related && { related: related.map((other) => ({ ...other, message: boundedText(other.message) })) }),
    ...(fixes && { fixes: fixes.map((fix) => ({ ...fix, title: boundedText(fix.title) })) }),
  };
}

/** Where GOFLAGS names another go.mod, no go command fails on this one. */
function severityOf(finding: Finding, rule: Rule, { environment }: Project): Severity {
  const severity = finding.severity ?? rule.severity;
  return severity === 'error' && namesOtherFiles(environment) ? 'warning' : severity;
}

/** Facts as far as they are known, and a note of every question whose answer is wanted. */
export interface RecordedFacts extends Facts {
  /** The questions asked that have no answer yet, or one that should be asked again. */
  readonly wanted: ReadonlyMap<string, Question>;
}

/** An answer that is known now; `refresh` when it is old enough to be asked again. */
export interface HeldFact {
  readonly fact: Fact<Answers[keyof Answers]>;
  readonly refresh: boolean;
}

/**
 * Facts over a look-up by key, noting what is asked and not held.
 *
 * @param published what the facts have in common with those of other rounds
 */
export function recordFacts(
  held: (key: string, question: Question) => HeldFact | undefined,
  published?: object,
): RecordedFacts {
  const wanted = new Map<string, Question>();
  return {
    wanted,
    published,
    ask<Q extends Question>(question: Q): Fact<Answers[Q['kind']]> {
      const key = questionKey(question);
      const answer = held(key, question);
      if (!answer || answer.refresh) wanted.set(key, question);
      // The store keeps each answer under the key of its own question, so the kinds agree.
      return (answer?.fact ?? { state: 'pending' }) as Fact<Answers[Q['kind']]>;
    },
  };
}

/** The order in which findings are reported. */
export function byPlace(a: ReportedFinding, b: ReportedFinding): number {
  if (a.at.file !== b.at.file) return a.at.file < b.at.file ? -1 : 1;
  return a.at.span.start - b.at.span.start || a.at.span.end - b.at.span.end || (a.rule < b.rule ? -1 : 1);
}
