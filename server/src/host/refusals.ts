import type { MainModule, Project, SourceFile } from '../engine/project.ts';
import type { Finding } from '../engine/rule.ts';
import type { ModFile, SumFile, WorkFile } from '../syntax/directives.ts';
import { LineIndex } from '../syntax/span.ts';

/**
 * What the go command says against a project's files that no finding tells of: one sentence a file, so that a file that
 * could not be understood is never passed over as one without faults.
 */
export function refusals({ workspace, modules }: Project, findings: readonly Finding[]): string[] {
  const sentences = [
    ...(workspace ? [ofProblems(workspace.work, findings), workspace.sum && ofProblems(workspace.sum, findings)] : []),
    ...modules.flatMap((main) => [ofModule(main, findings), main.sum && ofProblems(main.sum, findings)]),
  ];
  return sentences.filter((sentence) => sentence !== undefined);
}

function ofModule({ mod }: MainModule, findings: readonly Finding[]): string | undefined {
  const sentence = ofProblems(mod, findings);
  if (sentence !== undefined || mod.parsed.module !== undefined) return sentence;
  return mod.parsed.problems.length > 0 ? undefined : `${mod.path}: missing module declaration${MEANING}`;
}

const MEANING = '; the go command does not accept this file';

/** The first of its problems, in the go command's words. */
function ofProblems(
  { path, text, parsed }: SourceFile<ModFile | SumFile | WorkFile>,
  findings: readonly Finding[],
): string | undefined {
  if (parsed.problems.length === 0) return undefined;
  const lines = new LineIndex(text);
  const lineOf = (offset: number): number => lines.position(offset).line + 1;
  const told = new Set(findings.filter(({ at }) => at.file === path).map(({ at }) => lineOf(at.span.start)));
  const untold = parsed.problems.filter(
    ({ start, reportedAt }) => !told.has(lineOf(start)) && !told.has(lineOf(reportedAt)),
  );
  const [first] = untold;
  if (first === undefined) return undefined;
  const more = untold.length > 1 ? `, and ${untold.length - 1} more` : '';
  return `${path}:${lineOf(first.reportedAt)}: ${first.message.replace(/\s*\n\s*/g, ' ')}${more}${MEANING}`;
}
