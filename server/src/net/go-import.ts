/** One `<meta name="go-import" content="PREFIX VCS REPOROOT [SUBDIRECTORY]">` (`go help importpath`). */
export interface GoImport {
  readonly prefix: string;
  readonly vcs: string;
  readonly repoRoot: string;
  readonly subdirectory: string;
}

/**
 * The go-import tags of a page's head, `mod` entries first; another entry of the same prefix does not count beside
 * one (cmd/go/internal/vcs/discovery.go:parseMetaGoImports).
 */
export function parseGoImports(html: string): GoImport[] {
  const found = metaTags(html)
    .filter((attributes) => attributes.get('name') === 'go-import')
    .map((attributes) => (attributes.get('content') ?? '').split(/\s+/).filter((field) => field !== ''))
    .filter((fields) => fields.length === 3 || fields.length === 4)
    .map(([prefix = '', vcs = '', repoRoot = '', subdirectory = '']) => ({ prefix, vcs, repoRoot, subdirectory }));
  const proxies = found.filter(({ vcs }) => vcs === 'mod');
  const superseded = new Set(proxies.map(({ prefix }) => prefix));
  return [...proxies, ...found.filter(({ vcs, prefix }) => vcs !== 'mod' && !superseded.has(prefix))];
}

/** The entry for an import path; `several` when more than one claims it, undefined when none does (matchGoImport). */
export function matchGoImport(imports: readonly GoImport[], path: string): GoImport | 'several' | undefined {
  const matching = imports.filter(({ prefix }) => path === prefix || path.startsWith(`${prefix}/`));
  const [first, second] = matching;
  if (second === undefined || (first!.vcs === 'mod' && second.vcs !== 'mod')) return first;
  return 'several';
}

/** Why a subdirectory can't be one (vcs.go:validateRepoSubDir). */
export function subdirectoryFault(subdirectory: string): string | undefined {
  if (subdirectory.startsWith('/')) return 'leading slash';
  if (subdirectory.startsWith('-')) return 'leading hyphen';
  if (subdirectory.split('/').includes('..')) return 'parent directory';
  return undefined;
}

/** The attributes of the `meta` elements up to the head's end or the body's beginning, names in lower case. */
function metaTags(html: string): Map<string, string>[] {
  const tags: Map<string, string>[] = [];
  const lower = html.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  // What is not closed ends the reading, so that the time is linear whatever a server sends.
  for (let at = html.indexOf('<'); at !== -1; at = html.indexOf('<', at)) {
    const comment = html.startsWith('<!--', at);
    const end = comment ? html.indexOf('-->', at + 4) : endOfTag(html, at + 1);
    if (end === -1) break;
    const [, closing = '', element = ''] = (comment ? null : TAG.exec(lower.slice(at, at + 20))) ?? [];
    if ((element === 'body' && closing === '') || (element === 'head' && closing === '/')) break;
    if (element === 'meta' && end - at <= MAX_TAG) tags.push(parseAttributes(html.slice(at + 5, end)));
    at = end + 1;
    if (closing === '' && ['script', 'style', 'title'].includes(element)) {
      at = lower.indexOf(`</${element}`, at);
      if (at === -1) break;
    }
  }
  return tags;
}

const TAG = /^<(\/?)([a-z][a-z0-9]*)/;

/** The longest `meta` element that is read, in UTF-16 units. */
const MAX_TAG = 4096;

/** The `>` that closes a tag; one in quotes does not. */
function endOfTag(html: string, from: number): number {
  let quote = '';
  for (let at = from; at < html.length; at += 1) {
    const character = html[at]!;
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === '"' || character === "'") {
      quote = character;
    } else if (character === '>') {
      return at;
    }
  }
  return -1;
}

function parseAttributes(text: string): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const [, name, double, single, bare] of text.matchAll(ATTRIBUTE)) {
    const key = name!.toLowerCase();
    if (!attributes.has(key)) attributes.set(key, unescapeHtml(double ?? single ?? bare ?? ''));
  }
  return attributes;
}

const ATTRIBUTE = /([^\s"'<>/=]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+))/g;
const ENTITY = /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]+));/gi;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescapeHtml(text: string): string {
  return text.replace(ENTITY, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return ENTITIES[name.toLowerCase()] ?? whole;
    const code = decimal !== undefined ? Number(decimal) : parseInt(hex!, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
