import { remembered } from '../syntax/memory.ts';
import { splitPathVersion } from '../syntax/module-path.ts';
import { isPseudoVersion, pseudoVersionBase, pseudoVersionRev, pseudoVersionTime } from '../syntax/pseudo-version.ts';
import { major } from '../syntax/semver.ts';

/** Why the go command would never have made a pseudo-version. */
export interface PseudoVersionFault {
  /** In plain words. */
  readonly why: string;
  /** In the go command's words. */
  readonly said: string;
}

/** What is wrong with a version of a module as a pseudo-version; undefined for what is none. */
export function pseudoVersionFault(path: string, version: string): PseudoVersionFault | undefined {
  const judgement = version.includes('-') ? judge(version) : undefined;
  return judgement?.fault ?? (splitPathVersion(path).pathMajor === '' ? judgement?.faultWithoutMajor : undefined);
}

interface Judgement {
  /** What is wrong whatever the path. */
  readonly fault?: PseudoVersionFault | undefined;
  /** What is wrong where the path has no major version. */
  readonly faultWithoutMajor?: PseudoVersionFault | undefined;
}

/** In the order in which the go command checks them (cmd/go/internal/modfetch/coderepo.go:validatePseudoVersion). */
const judge = remembered((value): Judgement => {
  if (!isPseudoVersion(value)) return {};
  if (value.endsWith('-00010101000000-000000000000')) {
    return { fault: { why: 'it stands for a module that a replace directive takes from elsewhere, and there is none', said: 'invalid version: unknown revision 000000000000' } };
  }
  const rev = pseudoVersionRev(value);
  if (rev.ok && /^[0-9a-fA-F]+$/.test(rev.value) && !/^[0-9a-f]{12}$/.test(rev.value)) return { fault: revisionFault(rev.value) };
  const time = pseudoVersionTime(value);
  if (!time.ok) return { fault: { why: 'its time has to be YYYYMMDDhhmmss', said: 'invalid pseudo-version: does not match version-control timestamp' } };
  const base = pseudoVersionBase(value);
  if (!base.ok) return { fault: { why: 'no version comes before it', said: `invalid pseudo-version: ${base.error}` } };
  const given = major(value);
  if (base.value !== '' || given === 'v0') return {};
  return {
    faultWithoutMajor: {
      why: 'a commit with no tag before it is v0.0.0',
      said: `invalid pseudo-version: major version without preceding tag must be v0, not ${given}`,
    },
  };
});

function revisionFault(rev: string): PseudoVersionFault | undefined {
  if (rev.length < 12) return { why: `its revision has ${rev.length} digits of twelve`, said: 'invalid pseudo-version: revision is shorter than canonical' };
  if (rev.length > 12) return { why: `its revision has ${rev.length} digits, not twelve`, said: 'invalid pseudo-version: revision is longer than canonical' };
  return { why: 'its revision has capital letters', said: 'invalid pseudo-version: does not match short name of revision' };
}
