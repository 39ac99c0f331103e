import { analyze, type ReportedFinding, type RuleSettings } from './analysis.ts';
import type { Answers, Fact, Facts, Question } from './facts.ts';
import type { Rule } from './rule.ts';
import type { Project } from './project.ts';

/**
 * What the text alone shows, at once and before anybody is asked: the findings that the rules have as long as nothing is
 * known of the world. Those that are for later have none here.
 */
export function analyzeText(project: Project, rules: readonly Rule[], settings: RuleSettings = {}): readonly ReportedFinding[] {
  const readers = rules.filter(({ later }) => later !== true);
  return analyze(project, NOTHING_KNOWN, readers, settings).findings;
}

const PENDING: Fact<never> = { state: 'pending' };

const NOTHING_KNOWN: Facts = {
  ask<Q extends Question>(): Fact<Answers[Q['kind']]> {
    return PENDING;
  },
};
