import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface NetrcEntry {
  readonly machine: string;
  readonly login: string;
  readonly password: string;
}

/** An `Authorization` header of the scheme Basic (RFC 7617, UTF-8). */
export function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`;
}

/** An address as it may be shown: without user, password, query and fragment. */
export function shownUrl(url: string | URL): string {
  const parsed = typeof url === 'string' ? parseUrl(url) : url;
  if (!parsed) return 'an address that is not a URL';
  const { username, password, search, hash, href } = parsed;
  // Each setter parses anew, and nearly all addresses have nothing to hide; a `?` or `#` with nothing after it is neither.
  if (username === '' && password === '' && search === '' && hash === '' && !/[?#]$/.test(href)) return href;
  const shown = new URL(href);
  shown.username = '';
  shown.password = '';
  shown.search = '';
  shown.hash = '';
  return shown.href;
}

export function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** Reads the entries that have all of machine, login and password; a macro ends at an empty line. */
export function parseNetrc(text: string): NetrcEntry[] {
  const entries: NetrcEntry[] = [];
  let entry = { machine: '', login: '', password: '' };
  let inMacro = false;
  for (const line of text.split('\n')) {
    if (inMacro) {
      inMacro = line.trim() !== '';
      continue;
    }
    const words = line.split(/\s+/).filter((word) => word !== '');
    for (let at = 0; at < words.length; at += 2) {
      const word = words[at]!;
      const value = words[at + 1];
      if (word === 'default') return entries;
      if (value === undefined) break;
      if (word === 'machine') entry = { machine: value, login: '', password: '' };
      else if (word === 'login') entry = { ...entry, login: value };
      else if (word === 'password') entry = { ...entry, password: value };
      else if (word === 'macdef') inMacro = true;
      if (entry.machine && entry.login && entry.password) {
        entries.push(entry);
        entry = { machine: '', login: '', password: '' };
      }
    }
  }
  return entries;
}

/** The user's netrc file; empty for none (cmd/go/internal/auth/netrc.go). */
export function readNetrc(environment: NodeJS.ProcessEnv): string {
  const home = environment['HOME'] || environment['USERPROFILE'] || homedir();
  const named = environment['NETRC'];
  const usual = process.platform === 'win32' ? ['.netrc', '_netrc'] : ['.netrc'];
  for (const file of named ? [named] : usual.map((name) => join(home, name))) {
    try {
      return readFileSync(file, 'utf8');
    } catch {
      // A file that is not there, or may not be read, holds no credentials for us; the go command says nothing either.
    }
  }
  return '';
}
