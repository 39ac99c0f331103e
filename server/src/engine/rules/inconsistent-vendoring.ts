import type { VendorList } from '../../syntax/vendor-list.ts';
import type { Project } from '../project.ts';
import { mayUseVendor } from '../readonly-module.ts';
import type { Finding, Place, Rule } from '../rule.ts';
import { vendorFaults } from '../vendor-consistency.ts';
import type { VendorFault } from '../vendor-consistency.ts';

/**
 * Reports a line of go.mod or go.work that does not agree with vendor/modules.txt.
 *
 * Why it matters: with a vendor directory and go 1.14 or above, go commands build from there, and first hold its list of
 * modules against go.mod. Where they differ, every build stops with `inconsistent vendoring`. It follows each edit of go.mod
 * that nobody ran `go mod vendor` after, and every merge that took one file and not the other.
 *
 * In a workspace it is the vendor directory beside go.work that counts, if `go work vendor` made it. Nothing is said where
 * GOFLAGS has another -mod, under which the directory is not used.
 *
 * There is no fix, since the vendored files have to be copied: run `go mod vendor`, or `go work vendor` in a workspace.
 *
 * @example
 * require github.com/acme/log v1.5.0 // vendor/modules.txt: # github.com/acme/log v1.4.2
 *
 * @see https://go.dev/ref/mod#vendoring
 * @see https://go.dev/ref/mod#go-mod-vendor
 */
export const inconsistentVendoring: Rule = {
  name: 'inconsistent-vendoring',
  severity: 'error',
  summary: 'A vendor directory that does not agree with go.mod.',
  *check(project) {
    const vendor = vendorInUse(project);
    if (!vendor || !mayUseVendor(project)) return;
    const command = project.workspace ? 'go work vendor' : 'go mod vendor';
    const faults = vendorFaults(project, vendor);
    if (vendor.modules.size > 0) yield* byPlace(faults, command);
    else if (faults[0]) yield withoutList(project, faults[0], command);
  },
};

function vendorInUse({ workspace, modules }: Project): VendorList | undefined {
  if (workspace) return workspace.work.parsed.problems.length === 0 ? workspace.vendor : undefined;
  return modules[0]?.vendor;
}

function* byPlace(faults: readonly VendorFault[], command: string): Iterable<Finding> {
  const places = new Map<string, [VendorFault, ...VendorFault[]]>();
  for (const fault of faults) {
    const key = placeKey(fault.at);
    const group = places.get(key);
    if (group) group.push(fault);
    else places.set(key, [fault]);
  }
  for (const [first, ...others] of places.values()) {
    const said = [first, ...others].map((fault) => `"${fault.said}"`).join(' and ');
    yield {
      at: first.at,
      module: first.module,
      message: `The vendor directory does not agree with go.mod, so that builds stop with "inconsistent vendoring": ${said}. Run ${command}.`,
    };
  }
}

/** One finding for all lines: the directory may well be another tool's. */
function withoutList(project: Project, { said }: VendorFault, command: string): Finding {
  const { mod } = project.modules[0]!;
  return {
    at: { file: mod.path, span: mod.parsed.module!.path },
    message:
      'There is a vendor directory, but it has no list of modules in vendor/modules.txt, so that builds stop with ' +
      `"inconsistent vendoring": "${said}". Run ${command}, or build with -mod=mod if the directory is not Go's.`,
  };
}

function placeKey({ file, span }: Place): string {
  return `${file} ${span.start}`;
}
