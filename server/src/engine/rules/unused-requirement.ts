import { dropRequirement } from '../../syntax/mod-edit.ts';
import { forVendoring, inFile } from '../requirement-fixes.ts';
import { moduleOf } from '../requirements.ts';
import type { Rule } from '../rule.ts';
import { tidyViews } from '../tidied-requirements.ts';

/**
 * Reports a requirement of a module that provides no package to the build or its tests.
 *
 * Why it matters: it is downloaded and audited for nothing, and it may raise the versions of other modules. `go mod tidy`
 * removes it.
 *
 * It is said once all packages are known that `go mod tidy` would load: tests, tools, other platforms and build tags
 * included, and with pruning what dependencies' packages come from.
 *
 * @example
 * require github.com/acme/log v1.4.2 // imported by nothing any more
 *
 * @fix
 * Removes the requirement. Unsafe: it may be there for an import that is still to be written, and versions of other modules
 * may fall where it alone has raised them.
 *
 * @see https://go.dev/ref/mod#go-mod-tidy
 */
export const unusedRequirement: Rule = {
  name: 'unused-requirement',
  severity: 'hint',
  summary: 'A requirement of a module that provides no package.',
  inGopls: 'is not used in this module',
  later: true,
  *check(project, facts) {
    for (const { main, packages, requirements } of tidyViews(project, facts)) {
      if (!packages.tidied) continue;
      const kept = new Set(packages.tidied.roots.map(({ path }) => path));
      for (const requirement of requirements) {
        const { path, version } = requirement;
        if (kept.has(path.value)) continue;
        const edits = inFile(main.mod, dropRequirement(main.mod.parsed, requirement));
        yield {
          at: { file: main.mod.path, span: { start: path.start, end: version.end } },
          module: moduleOf(requirement),
          message: `No import needs this requirement of ${path.value}. go mod tidy removes it.`,
          unnecessary: true,
          fixes: main.mod.editable
            ? forVendoring(main, [{ title: `Remove the requirement of ${path.value}`, safety: 'unsafe', edits }])
            : [],
        };
      }
    }
  },
};
