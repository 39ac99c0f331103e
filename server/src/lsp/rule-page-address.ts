import manifest from '../../../package.json' with { type: 'json' };

/** The address of the folder with the rules' pages, as package.json tells it; undefined where it names no repository. */
export const RULE_PAGES: string | undefined = rulePagesOf(manifest);

/** The address of a rule's page, for the link behind a diagnostic's code. */
export function rulePageAddress(pages: string | undefined, rule: string): string | undefined {
  return pages === undefined ? undefined : `${pages}/${encodeURIComponent(rule)}.md`;
}

/** What package.json may say of where a package comes from (npm's `package.json`: repository, homepage). */
interface Manifest {
  readonly name: string;
  readonly repository?: string | { readonly url: string; readonly directory?: string };
  readonly homepage?: string;
}

/**
 * Where docs/rules can be read: below `repository`, in the form that GitHub and GitLab share, or else below `homepage`.
 * Only https addresses count.
 */
export function rulePagesOf({ repository, homepage }: Manifest): string | undefined {
  const { url, directory } = typeof repository === 'string' ? { url: repository } : (repository ?? { url: undefined });
  const place = url === undefined ? undefined : webAddress(url);
  if (place !== undefined) return [`${place}/blob/HEAD`, directory, 'docs/rules'].filter(Boolean).join('/');
  const home = homepage === undefined ? undefined : webAddress(homepage.replace(/#.*$/, ''));
  return home && `${home}/docs/rules`;
}

/** `git+https://host/a/b.git` as a browser has it. */
function webAddress(address: string): string | undefined {
  const web = address.replace(/^git\+/, '').replace(/\/+$/, '').replace(/\.git$/, '');
  return /^https:\/\/[^/\s@]+\/\S+$/.test(web) ? web : undefined;
}
