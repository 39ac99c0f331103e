import { isGoLineVersion, isToolchainName, isValidGoVersion } from '../../syntax/go-version.ts';
import type { Problem } from '../../syntax/directives.ts';
import type { Word } from '../../syntax/tree.ts';
import type { Finding, Fix, Rule, Severity } from '../rule.ts';
import { directiveFiles } from '../text-files.ts';
import type { DirectiveFile } from '../text-files.ts';
import { problemsFor, soundLines } from '../text-problems.ts';

/**
 * Reports a go or toolchain line whose version is none of Go's.
 *
 * Why it matters: every go command stops with `invalid go version` or `invalid toolchain version`. A few forms pass that
 * check and are no version all the same, such as `1.21.0rc1`: a pre-release has no third number. Then builds stop with
 * `updates to go.mod needed`, and `go mod tidy` itself fails.
 *
 * @example
 * go v1.26          // the go line has no v
 * toolchain 1.26.1  // a toolchain is called go1.26.1
 *
 * @fix
 * Writes the version that was evidently meant.
 *
 * @see https://go.dev/ref/mod#go-mod-file-go
 * @see https://go.dev/doc/toolchain#version
 */
export const invalidGoVersion: Rule = {
  name: 'invalid-go-version',
  severity: 'error',
  summary: 'A go or toolchain line whose version is none of Go\'s.',
  *check(project) {
    for (const file of directiveFiles(project)) {
      for (const problem of problemsFor('invalid-go-version', file)) yield faulty(file, problem);
      const { go } = file.parsed;
      if (go && soundLines(file)(go.line) && !isValidGoVersion(go.version.value)) yield pretended(file, go.version);
    }
  },
};

function faulty(file: DirectiveFile, problem: Problem): Finding {
  const written = file.text.slice(problem.start, problem.end);
  const isToolchain = problem.kind === 'toolchain';
  const meant = isToolchain ? toolchainMeant(written) : versionMeant(written);
  const form = isToolchain ? 'a toolchain is written like go1.26.1' : 'a version of Go is written like 1.26 or 1.26.1';
  return {
    at: { file: file.path, span: { start: problem.start, end: problem.end } },
    message: `"${written}" is no ${isToolchain ? 'toolchain' : 'version of Go'}: ${form}. The go command says "${problem.message}".`,
    fixes: fixes(file, problem, meant),
  };
}

/** A version that the go command's parser lets pass. */
function pretended(file: DirectiveFile, version: Word): Finding {
  const isMod = file.parsed.kind === 'mod';
  const severity: Severity = isMod ? 'error' : 'warning';
  const said = isMod ? 'The go command says "updates to go.mod needed"' : 'The go command takes it for older than every version';
  return {
    at: { file: file.path, span: version },
    severity,
    message: `"${version.raw}" is no version of Go: a pre-release is written like 1.26rc1, without a third number. ${said}.`,
    fixes: fixes(file, version, /^\d+\.\d+\.\d+(?=[a-z])/.exec(version.raw)?.[0]),
  };
}

function fixes(file: DirectiveFile, { start, end }: { start: number; end: number }, meant: string | undefined): Fix[] {
  if (meant === undefined || !file.editable) return [];
  return [{ title: `Write ${meant}`, safety: 'unsafe', edits: [{ file: file.path, start, end, newText: meant }] }];
}

/** `v1.26`, `go1.26`, `>=1.26`, `1.26.x`, `"1.26"` and `1.026` mean 1.26. */
function versionMeant(written: string): string | undefined {
  const parts = /^["'`]?(?:[<>=^~]*)(?:go|v)?(\d+)\.(\d+)(?:\.(\d+))?(?:\.[x*])?["'`]?$/i.exec(written);
  if (!parts) return undefined;
  const numbers = parts.slice(1, 4).filter((part) => part !== undefined);
  const version = numbers.map((part) => part.replace(/^0+(?=\d)/, '')).join('.');
  return isGoLineVersion(version) && isValidGoVersion(version) ? version : undefined;
}

function toolchainMeant(written: string): string | undefined {
  const version = versionMeant(written);
  const name = version && `go${version}`;
  return name !== undefined && isToolchainName(name) ? name : undefined;
}
