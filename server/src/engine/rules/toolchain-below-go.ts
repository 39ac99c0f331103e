import {
  DEFAULT_GO_MOD_VERSION,
  DEFAULT_GO_WORK_VERSION,
  compareGoVersions,
  goVersionOfToolchain,
  isToolchainName,
} from '../../syntax/go-version.ts';
import { dropToolchain } from '../../syntax/mod-edit.ts';
import { inFile } from '../requirement-fixes.ts';
import type { Rule } from '../rule.ts';
import { directiveFiles } from '../text-files.ts';
import type { DirectiveFile } from '../text-files.ts';

/**
 * Reports a toolchain line that says nothing, because its version is not above the go line's.
 *
 * Why it matters: the go line already demands that version, so the toolchain is never chosen. `go build` goes on with a
 * lower one, but `go list -m all` and other commands that load the whole module graph say `updates to go.mod needed`, and
 * `go mod tidy` does not always help.
 *
 * @example
 * go 1.26.0
 * toolchain go1.25.3
 *
 * @fix
 * Removes the toolchain line; which toolchain is chosen does not change.
 *
 * @see https://go.dev/doc/toolchain
 * @see https://go.dev/ref/mod#go-mod-file-toolchain
 */
export const toolchainBelowGo: Rule = {
  name: 'toolchain-below-go',
  severity: 'warning',
  summary: 'A toolchain line that is not above the go line.',
  fixAllTitle: (count) => `Remove all ${count} toolchain lines without effect`,
  *check(project) {
    for (const file of directiveFiles(project)) {
      const { toolchain } = file.parsed;
      const reason = toolchain && isToolchainName(toolchain.version.raw) ? uselessness(file, toolchain.version.raw) : undefined;
      if (!toolchain || reason === undefined) continue;
      const said = file.parsed.kind === 'mod' ? ' Commands such as go list -m all say "updates to go.mod needed".' : '';
      yield {
        at: { file: file.path, span: toolchain.version },
        message: `This toolchain line has no effect: ${reason}. Remove it.${said}`,
        unnecessary: true,
        fixes: file.editable
          ? [{ title: 'Remove the toolchain line', safety: 'safe', edits: inFile(file, dropToolchain(file.parsed)) }]
          : [],
      };
    }
  },
};

function uselessness({ parsed }: DirectiveFile, name: string): string | undefined {
  const inForce = parsed.kind === 'mod' ? DEFAULT_GO_MOD_VERSION : DEFAULT_GO_WORK_VERSION;
  const go = parsed.go?.version.value ?? inForce;
  if (name === 'default') return '"default" is what is in force without it';
  const version = goVersionOfToolchain(name);
  if (version === '') return `${name} names no version of Go`;
  if (name === `go${go}`) return `go ${go} demands that version already`;
  return compareGoVersions(version, go) < 0 ? `${name} is below go ${go}` : undefined;
}
