import { setRequirementIndirect } from '../../syntax/mod-edit.ts';
import { inFile } from '../requirement-fixes.ts';
import { moduleOf } from '../requirements.ts';
import type { Rule } from '../rule.ts';
import { tidyViews } from '../tidied-requirements.ts';

/**
 * Reports a requirement without `// indirect`, of a module that nothing in the main module imports.
 *
 * Why it matters: the comment tells what the module itself uses from what its dependencies need. Without it, readers and
 * tools for upgrades take the module for one of the project's own choice. `go mod tidy` writes the comment.
 *
 * It is said once all packages are known that `go mod tidy` would load, tests and build tags included.
 *
 * @example
 * require github.com/acme/log v1.4.2 // imported by github.com/acme/server alone
 *
 * @fix
 * Adds the comment.
 *
 * @see https://go.dev/ref/mod#go-mod-file-require
 * @see https://go.dev/ref/mod#go-mod-tidy
 */
export const missingIndirectComment: Rule = {
  name: 'missing-indirect-comment',
  severity: 'hint',
  summary: 'A requirement that only dependencies need, without // indirect.',
  fixAllTitle: (count) => `Mark all ${count} requirements that only dependencies need // indirect`,
  inGopls: 'should be indirect',
  later: true,
  *check(project, facts) {
    for (const { main, packages, requirements } of tidyViews(project, facts)) {
      if (!packages.tidied) continue;
      const { roots, direct } = packages.tidied;
      const kept = new Set(roots.map(({ path }) => path));
      for (const requirement of requirements) {
        const { path, version, indirect } = requirement;
        if (indirect || direct.has(path.value) || !kept.has(path.value)) continue;
        yield {
          at: { file: main.mod.path, span: { start: path.start, end: version.end } },
          module: moduleOf(requirement),
          message: `${path.value} should be marked // indirect: no package or test of this module imports it. go mod tidy adds the comment.`,
          fixes: main.mod.editable
            ? [
                {
                  title: `Mark ${path.value} // indirect`,
                  safety: 'safe',
                  edits: inFile(main.mod, setRequirementIndirect(main.mod.parsed, requirement, true)),
                },
              ]
            : [],
        };
      }
    }
  },
};
