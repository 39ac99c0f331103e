import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { copyFile, open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Evidence, Fact, Release, VersionList } from '../engine/facts.ts';
import type { AbortSignal } from '../engine/network.ts';
import { parseMod } from '../syntax/mod-file.ts';
import { canonicalVersion, escapePath, escapeVersion } from '../syntax/module-path.ts';
import { isPseudoVersion, pseudoVersionTime } from '../syntax/pseudo-version.ts';
import type { Result } from '../syntax/result.ts';
import { isValid, sort } from '../syntax/semver.ts';
import { decodeUtf8 } from '../syntax/utf8.ts';
import { parseUrl, shownUrl } from './credentials.ts';
import type { HttpGet, HttpRequest } from './http.ts';

/** A go.mod file as it came: its bytes are what the checksum is over. */
export interface ModBytes {
  readonly bytes: Uint8Array;
  readonly text: string;
  readonly from: string;
}

/** One entry of GOPROXY (`go help goproxy`; cmd/go/internal/modfetch/proxy.go). Versions are canonical. */
export interface ModuleProxy {
  /** `@v/list`: valid versions without pseudo-versions, ascending. */
  list(path: string, signal: AbortSignal): Promise<Fact<VersionList>>;
  /** `@v/VERSION.info`. */
  info(path: string, version: string, signal: AbortSignal): Promise<Fact<Release>>;
  /**
   * `@v/QUERY.info` of a branch, a tag or a commit: the canonical version that it stands for. `latest` is what `@latest`
   * says, or the newest of the pseudo-versions that are listed.
   */
  query(path: string, query: string, signal: AbortSignal): Promise<Fact<Release>>;
  /** `@v/VERSION.mod`. */
  mod(path: string, version: string, signal: AbortSignal): Promise<Fact<ModBytes>>;
  /** `@v/VERSION.zip` as it came, written to a file (absolute) in place of what is there; and who gave it. */
  zip(path: string, version: string, file: string, signal: AbortSignal): Promise<Fact<{ readonly from: string }>>;
}

/** What is asked for, and the largest answer accepted, in bytes. */
interface Endpoint {
  readonly purpose: string;
  readonly maxBytes: number;
}

const LIST: Endpoint = { purpose: 'list', maxBytes: 16 << 20 };
const INFO: Endpoint = { purpose: 'info', maxBytes: 1 << 20 };
/** Go's own limit (codehost.MaxGoMod). */
const MOD: Endpoint = { purpose: 'mod', maxBytes: 16 << 20 };
/** Go's own limit (golang.org/x/mod/zip.MaxZipFile). */
const ZIP: Endpoint = { purpose: 'zip', maxBytes: 500 << 20 };

/** What one endpoint gave: its body, or the fact that there is none. */
type Read = { readonly state: 'read'; readonly body: Uint8Array } | Missing;
type Missing = Exclude<Fact<never>, { state: 'pending' | 'known' }>;

/**
 * A proxy at an address (https, http or file), user and password included.
 *
 * @param reach `configured` for an entry of GOPROXY, `public` for a proxy that a go-import answer named
 */
export function createModuleProxy(
  address: string,
  get: HttpGet,
  reach: HttpRequest['reach'] = 'configured',
): ModuleProxy {
  const base = address.replace(/\/+$/, '');
  const shown = shownUrl(base).replace(/\/+$/, '');

  async function read(
    path: string,
    endpoint: Result<string>,
    { maxBytes, purpose }: Endpoint,
    signal: AbortSignal,
    file?: string,
  ): Promise<Read> {
    const escaped = escapePath(path);
    if (!escaped.ok) return unavailable(escaped.error);
    if (!endpoint.ok) return unavailable(endpoint.error);
    const url = `${base}/${escaped.value}/${endpoint.value}`;
    if (parseUrl(base)?.protocol === 'file:') return readFile(url, shown, maxBytes, file);
    const answer = await get(url, { signal, maxBytes, purpose, reach, ...(file !== undefined && { file }) });
    if (answer.kind === 'failure') return unavailable(`proxy ${shown}: ${answer.why}`);
    if (answer.status === 200) return { state: 'read', body: answer.body };
    if (answer.status === 404 || answer.status === 410) return absent({ from: shown, said: answer.statusText });
    return unavailable(`proxy ${shown} answered ${answer.statusText}${adviceFor(answer.status)}`);
  }

  function garbled(what: string): Missing {
    return unavailable(`invalid response from proxy ${shown}: ${what}`);
  }

  function readInfo(path: string, revision: string, signal: AbortSignal): Promise<Fact<Release>> {
    return releaseAt(path, endpointOf(revision, '.info'), signal);
  }

  async function releaseAt(path: string, endpoint: Result<string>, signal: AbortSignal): Promise<Fact<Release>> {
    const answer = await read(path, endpoint, INFO, signal);
    if (answer.state !== 'read') return answer;
    const info = parseInfo(decode(answer.body));
    if (!info.ok) return garbled(info.error);
    const { version, time } = info.value;
    return { state: 'known', value: { version, ...(time !== undefined && { time }), from: shown } };
  }

  /** The newest version of a module without tags (proxyRepo.Latest, latestFromList). */
  async function readLatest(path: string, signal: AbortSignal): Promise<Fact<Release>> {
    const latest = await releaseAt(path, { ok: true, value: '@latest' }, signal);
    if (latest.state !== 'absent') return latest;
    const list = await read(path, LIST_FILE, LIST, signal);
    if (list.state !== 'read') return list;
    const version = newestOf(decode(list.body));
    // Whoever has a list has the say, so that nobody else is asked.
    if (version === undefined) return unavailable('no matching versions for query "latest"');
    return readInfo(path, version, signal);
  }

  return {
    async list(path, signal) {
      const answer = await read(path, LIST_FILE, LIST, signal);
      if (answer.state !== 'read') return answer;
      const versions = parseList(decode(answer.body));
      if (!versions) return garbled('its list holds no version, but something else');
      return { state: 'known', value: { versions, from: shown } };
    },

    async info(path, version, signal) {
      const info = await readInfo(path, version, signal);
      if (info.state !== 'known' || info.value.version === version) return info;
      const said = printable(info.value.version);
      return unavailable(`proxy ${shown} returned info for version ${said} instead of requested version ${version}`);
    },

    async query(path, query, signal) {
      const info = query === 'latest' ? await readLatest(path, signal) : await readInfo(path, query, signal);
      if (info.state !== 'known' || canonicalVersion(info.value.version) === info.value.version) return info;
      return garbled(`${printable(info.value.version)} is not a canonical version`);
    },

    async mod(path, version, signal) {
      const answer = await read(path, endpointOf(version, '.mod'), MOD, signal);
      if (answer.state !== 'read') return answer;
      const text = decode(answer.body);
      const fault = modFault(text);
      if (fault !== undefined) return garbled(`parsing go.mod: ${fault}`);
      return { state: 'known', value: { bytes: answer.body, text, from: shown } };
    },

    async zip(path, version, file, signal) {
      const answer = await read(path, endpointOf(version, '.zip'), ZIP, signal, file);
      return answer.state === 'read' ? { state: 'known', value: { from: shown } } : answer;
    },
  };
}

/** Text as the syntax room holds it: bytes that are not UTF-8 stay distinguishable. */
export function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return decodeUtf8([...bytes]);
  }
}

function endpointOf(version: string, suffix: string): Result<string> {
  const escaped = escapeVersion(version);
  if (!escaped.ok) return escaped;
  // Go leaves these characters of a path as they are, and some servers do not take the escaped ones for equal.
  const encoded = encodeURIComponent(escaped.value).replace(/%(24|26|2B|3A|3D|40)/g, decodeURIComponent);
  return { ok: true, value: `@v/${encoded}${suffix}` };
}

const LIST_FILE: Result<string> = { ok: true, value: '@v/list' };

/** The pseudo-version, or the line with a time, that is the newest of a list; undefined where there is none. */
function newestOf(list: string): string | undefined {
  let newest: { readonly version: string; readonly at: number } | undefined;
  for (const line of list.split('\n')) {
    const [version = '', told] = line.trim().split(/\s+/);
    if (!isValid(version)) continue;
    const time = told ?? timeOf(version);
    const at = time === undefined || !isTime(time) ? NaN : Date.parse(time);
    if (at > (newest?.at ?? -Infinity)) newest = { version, at };
  }
  return newest?.version;
}

function timeOf(version: string): string | undefined {
  const time = pseudoVersionTime(version);
  return time.ok ? time.value : undefined;
}

/** Undefined when the text is something else than a list. Lines that are no version do not count, as Go has it. */
function parseList(text: string): string[] | undefined {
  const words = text.split('\n').map((line) => line.trim().split(/\s+/)[0] ?? '').filter((word) => word !== '');
  const valid = words.filter(isValid);
  if (words.length > 0 && valid.length === 0) return undefined;
  return sort([...new Set(valid.filter((version) => !isPseudoVersion(version)))]);
}

function parseInfo(text: string): Result<{ version: string; time: string | undefined }> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return { ok: false, error: 'its .info is not JSON' };
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    return { ok: false, error: 'its .info is not a JSON object' };
  }
  // Go matches the names of fields without regard to case (encoding/json).
  const fields = new Map(Object.entries(parsed).map(([name, value]) => [name.toLowerCase(), value as unknown]));
  const version = fields.get('version');
  const time = fields.get('time') ?? undefined;
  if (typeof version !== 'string') return { ok: false, error: 'its .info has no version' };
  if (time !== undefined && (typeof time !== 'string' || !isTime(time))) {
    return { ok: false, error: 'the time in its .info is not a time' };
  }
  return { ok: true, value: { version, time } };
}

/** RFC 3339, as Go writes and reads it. */
function isTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text));
}

/** Why the go command would not take a text for a dependency's go.mod; it tells a go.mod from an HTML page, too. */
export function modFault(text: string): string | undefined {
  const parsed = parseMod(text, 'lax');
  const problem = parsed.problems[0];
  if (problem) return printable(problem.message);
  return parsed.module ? undefined : 'missing module line';
}

/** What a server wrote, short and on one line, so that it can stand in a message. */
export function printable(text: string): string {
  const safe = text.replace(/[^\x20-\x7e]+/g, '?');
  return safe.length > 100 ? `${safe.slice(0, 100)}…` : safe;
}

/** @param to where the content goes; undefined for memory */
async function readFile(url: string, shown: string, maxBytes: number, to: string | undefined): Promise<Read> {
  let file: FileHandle | undefined;
  try {
    const location = new URL(url);
    if (location.host !== '' || location.search !== '' || location.hash !== '') {
      return unavailable(`invalid file:// proxy URL with non-path elements: ${shown}`);
    }
    // A named pipe must not hold us up.
    file = await open(fileURLToPath(location), constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stat = await file.stat();
    if (!stat.isFile()) return unavailable(`proxy ${shown}: ${shownUrl(url)} is not a file`);
    if (stat.size > maxBytes) return unavailable(`proxy ${shown}: ${shownUrl(url)} has more than ${maxBytes} bytes`);
    if (to === undefined) return { state: 'read', body: await file.readFile() };
    await copyFile(location, to);
    return { state: 'read', body: new Uint8Array() };
  } catch (error) {
    return explainFileError(error as NodeJS.ErrnoException, shown);
  } finally {
    await file?.close();
  }
}

function explainFileError(error: NodeJS.ErrnoException, shown: string): Read {
  if (error.code === 'ENOENT') return absent({ from: shown, said: 'no such file' });
  if (error.code === 'EACCES' || error.code === 'EPERM') {
    return unavailable(`proxy ${shown} may not be read: permission denied`);
  }
  return unavailable(`proxy ${shown} can't be read: ${error.code ?? error.message}`);
}

/** What to do about a status that says neither what is there nor that nothing is. */
function adviceFor(status: number): string {
  if (status === 401) return '; it wants a login, from GOAUTH or a netrc file';
  if (status === 403) return '; the go command stops here too, as only 404 and 410 mean that something is not there';
  if (status === 407) return '; the HTTP proxy before it wants a login: name it in HTTPS_PROXY or HTTP_PROXY';
  if (status === 429) return '; it is asked too often, so try again later';
  return status >= 500 ? '; it is at fault itself, so try again later or name another proxy in GOPROXY' : '';
}

function absent(evidence: Evidence): { state: 'absent'; evidence: readonly Evidence[] } {
  return { state: 'absent', evidence: [evidence] };
}

function unavailable(why: string): { state: 'unavailable'; why: string } {
  return { state: 'unavailable', why };
}
