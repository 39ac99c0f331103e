import { setRequirementIndirect } from '../../syntax/mod-edit.ts';
import type { PackageGraph } from '../package-graph.ts';
import { inFile } from '../requirement-fixes.ts';
import { moduleOf } from '../requirements.ts';
import type { Rule } from '../rule.ts';
import { tidyViews } from '../tidied-requirements.ts';

/**
 * Reports a requirement with `// indirect`, of a module that the main module imports itself.
 *
 * Why it matters: whoever looks for what the module uses passes over the line, and so do tools that upgrade direct
 * dependencies only. `go mod tidy` takes the comment away.
 *
 * The message names a package that is imported. Files for other platforms and build tags count, and tests.
 *
 * @example
 * require github.com/acme/log v1.4.2 // indirect, but main.go imports github.com/acme/log
 *
 * @fix
 * Removes the comment; what else stands in it is kept.
 *
 * @see https://go.dev/ref/mod#go-mod-file-require
 * @see https://go.dev/ref/mod#go-mod-tidy
 */
export const superfluousIndirectComment: Rule = {
  name: 'superfluous-indirect-comment',
  severity: 'hint',
  summary: 'A requirement marked // indirect that the module itself imports.',
  fixAllTitle: (count) => `Remove all ${count} superfluous // indirect comments`,
  inGopls: 'should be direct',
  later: true,
  *check(project, facts) {
    for (const { main, packages, requirements } of tidyViews(project, facts)) {
      for (const requirement of requirements) {
        const { path, version, indirect } = requirement;
        const imported = indirect ? importedFrom(packages, path.value) : undefined;
        if (imported === undefined) continue;
        yield {
          at: { file: main.mod.path, span: { start: path.start, end: version.end } },
          module: moduleOf(requirement),
          message: `${path.value} should not be marked // indirect: this module imports ${imported}. go mod tidy removes the comment.`,
          fixes: main.mod.editable
            ? [
                {
                  title: `Remove // indirect from ${path.value}`,
                  safety: 'safe',
                  edits: inFile(main.mod, setRequirementIndirect(main.mod.parsed, requirement, false)),
                },
              ]
            : [],
        };
      }
    }
  },
};

/** A package of the module that the main module imports, certain to stay so when tidy is through. */
function importedFrom({ tidied, gap, missing, directImports }: PackageGraph, path: string): string | undefined {
  const isCertain = tidied ? tidied.direct.has(path) : gap !== undefined && missing.length === 0;
  return isCertain ? directImports.get(path)?.[0] : undefined;
}
