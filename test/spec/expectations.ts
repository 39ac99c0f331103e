/** Who holds an expectation of a judged case against the command line: a test file of this folder, or none, with the reason. */
export type Judge =
  | 'selection'
  | 'queries'
  | 'go.sum'
  | 'files'
  /** Nothing that is wrong with the files: only running that command shows it. */
  | { readonly onlyBy: string };

/** Tells who judges an expectation; undefined where nobody does. */
export function judgeOf(words: string): Judge | undefined {
  return JUDGES.find(([pattern]) => pattern.test(words))?.[1];
}

const JUDGES: readonly (readonly [RegExp, Judge])[] = [
  [/^(?:not)?selected /, 'selection'],
  [/^resolves |^(?:error|ok) .*from go list -m \S+@\S+$/, 'queries'],
  [/^(?:stale|keep|missing|malformed|wrong|conflict) |^tidy-clean$/, 'go.sum'],
  [/^output .*unknown hashes in go\.sum/, { onlyBy: 'tidy warns of it while it adds the hash, which is reported as missing' }],
  [/^output "-(?:junk|example)\S* ?.*from .*go mod tidy -diff$/, { onlyBy: 'the difference that -diff prints; its lines have verdicts of their own' }],
  [/^output "[+-](?:require|go) |^output "found /, 'files'],
  [/^output .*from go list -m -/, { onlyBy: 'a list that is printed: no verdict about the files' }],
  [/^output "example\.com\/c v1\.0\.0" from go list -m all$/, 'selection'],
  [/^output "go 1\.26" /, { onlyBy: 'the go command that runs writes its own version' }],
  [/^(?:adds|lacks) .* -compat=/, { onlyBy: 'a flag of that one run' }],
  [/^(?:adds|lacks) go\.work\.sum /, { onlyBy: 'what a build in a workspace writes; nothing is wrong before' }],
  [/^lacks go\.sum /, { onlyBy: 'what the command leaves behind' }],
  [/^(?:error|ok) /, 'files'],
];
