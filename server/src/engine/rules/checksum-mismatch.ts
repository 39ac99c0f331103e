import type { SumLine } from '../../syntax/directives.ts';
import { rememberedOf } from '../../syntax/memory.ts';
import { sumLineKey } from '../../syntax/sum-file.ts';
import type { SumLineKey } from '../../syntax/sum-file.ts';
import { checksumLineUse, comparedLines } from '../checksum-lines.ts';
import type { LineUse } from '../checksum-lines.ts';
import type { Facts } from '../facts.ts';
import { isModuleVersion, moduleKey } from '../module-version.ts';
import type { MainModule, Project, SourceFile } from '../project.ts';
import { Replacements } from '../replacements.ts';
import { moduleOf } from '../requirements.ts';
import { inFile } from '../requirement-fixes.ts';
import { routeOf } from '../route.ts';
import type { Finding, Related, Rule, Severity, Unchecked } from '../rule.ts';
import { moduleLines } from '../sum-files.ts';

/**
 * Reports a go.sum hash that is not the one the checksum database has signed.
 *
 * Why it matters: the go command stops with `checksum mismatch` and `SECURITY ERROR`. Behind it may be a tag that was
 * moved after its first release, a proxy or cache that serves something else, a hash from before a repository became
 * public, or a merge gone wrong. Nobody but the author can tell which, so look before you accept another hash.
 *
 * The database's answer is believed only after its signature, the consistency of its tree with the one seen before, and
 * the record's place in that tree are verified. Modules under GONOSUMDB, and all with GOSUMDB=off, are not looked up; with
 * `check --deep` their lines are compared with what was downloaded, as the go command does, and the message says so.
 * It is an error where a go command is known to compare the line, a warning where that is not known, and a line that
 * nothing reads is left to stale-checksum.
 *
 * @example
 * github.com/acme/log v1.4.2 h1:… // the database has signed another hash
 *
 * @fix
 * Puts the signed hash in the line's place. Unsafe: if the code in use is what the old hash stood for, it is not what
 * the rest of the world gets under this version.
 *
 * @see https://go.dev/ref/mod#authenticating
 * @see https://go.dev/ref/mod#checksum-database
 */
export const checksumMismatch: Rule = {
  name: 'checksum-mismatch',
  severity: 'error',
  summary: 'A go.sum hash is not the one that the checksum database has signed.',
  later: true,
  *check(project, facts) {
    for (const main of project.modules) {
      if (main.sum) yield* checkFile(project, facts, main, main.sum, checksumLineUse(project, main, facts));
    }
    const { workspace } = project;
    const first = project.modules[0];
    if (workspace?.sum && first) yield* checkFile(project, facts, first, workspace.sum, useInWorkspace);
  },
};

/** Which lines of go.work.sum are read depends on the whole workspace's packages. */
function useInWorkspace(): LineUse {
  return { state: 'unknown', why: 'go.work.sum is read only for what the workspace loads' };
}

function* checkFile(
  project: Project,
  facts: Facts,
  main: MainModule,
  sum: NonNullable<MainModule['sum']>,
  useOf: (line: SumLine) => LineUse,
): Iterable<Finding | Unchecked> {
  for (const line of comparedLines(moduleLines(sum))) {
    const key = sumLineKey(line);
    if (!namesModule(key)) continue;
    const { path, version, mod } = key;
    const module = { path, version };
    const isVouched = routeOf(project.environment, path).sumDb !== undefined;
    if (!isVouched && !project.thorough) continue;
    const use = useOf(line);
    // In a workspace another member may read what this one has no use for.
    const isRead = use.state === 'read' || (use.state === 'stale' && use.stillRead === true);
    if (use.state === 'stale' && !isRead && (use.byText || !project.workspace)) continue;
    // What is downloaded anyway is compared where nobody vouches for it, as the go command does.
    if (!isVouched && !isRead) continue;
    const signed = facts.ask({ kind: isVouched ? 'checksums' : 'downloaded-checksums', ...module });
    if (signed.state === 'unavailable') {
      yield { at: { file: sum.path, span: line.hash }, module, unchecked: 'the checksum', why: signed.why };
    }
    if (signed.state !== 'known' || use.state === 'pending') continue;
    const hash = mod ? signed.value.mod : signed.value.zip;
    if (hash === undefined || hash === line.hash.value) continue;
    const hashed = { hash, by: signed.value.database, isSigned: isVouched };
    yield finding(main, sum, line, hashed, isRead ? 'error' : 'warning');
  }
}

/** Something that the go command could download. */
const namesModule = rememberedOf((key: SumLineKey) => isModuleVersion(key));

interface RightHash {
  readonly hash: string;
  /** Who has it: the name of a checksum database, or where the module was downloaded to. */
  readonly by: string;
  readonly isSigned: boolean;
}

function finding(
  main: MainModule,
  sum: SourceFile<unknown>,
  line: SumLine,
  { hash, by, isSigned }: RightHash,
  severity: Severity,
): Finding {
  const { path, version, mod } = sumLineKey(line);
  const what = mod ? `the go.mod file of ${path} ${version}` : `${path} ${version}`;
  const label = `${path}@${version}${mod ? '/go.mod' : ''}`;
  return {
    at: { file: sum.path, span: line.hash },
    module: { path, version },
    severity,
    message:
      `This is not the hash of ${what}: ${by} has${isSigned ? ' signed' : ''} ${hash}. ` +
      `${severity === 'error' ? 'On a fresh download' : 'If the line is used'}, the go command says ` +
      `"verifying ${label}: checksum mismatch". The tag may have been moved after its release, or a download tampered ` +
      `with; find out which before you accept the ${isSigned ? 'signed' : 'other'} hash.`,
    related: relatedRequirements(main, { path, version }),
    fixes: sum.editable
      ? [
          {
            title: `Put the hash that ${by} has${isSigned ? ' signed' : ''}`,
            safety: 'unsafe',
            edits: inFile(sum, [{ start: line.hash.start, end: line.hash.end, newText: hash }]),
          },
        ]
      : [],
  };
}

function relatedRequirements(main: MainModule, module: { path: string; version: string }): Related[] {
  const replacements = Replacements.ofModule(main);
  return main.mod.parsed.require
    .filter((requirement) => {
      const source = replacements.source(moduleOf(requirement));
      return source.kind === 'module' && moduleKey(source) === moduleKey(module);
    })
    .map(({ line }) => ({
      at: { file: main.mod.path, span: line },
      message: 'This requirement fails to download while go.sum has the other hash.',
    }));
}
