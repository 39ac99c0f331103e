/** Why git could not do it: a definite "there is no such repository", or something else in plain words. */
export type GitFailure =
  | { readonly kind: 'absent'; readonly said: string }
  | { readonly kind: 'failure'; readonly failure: 'redirect' | 'not-installed' | 'other'; readonly why: string };

/**
 * Reads git's messages (in English). What could be a matter of credentials or of the network is never `absent`:
 * hosts that hide private repositories ask for a password in both cases.
 */
export function explainGitFailure(message: string, host: string): GitFailure {
  const text = withoutCredentials(message);
  if (/\bspawn\b.*\bENOENT\b/.test(text)) {
    return { kind: 'failure', failure: 'not-installed', why: 'git is not installed' };
  }
  for (const [pattern, explain] of KNOWN) {
    const match = pattern.exec(text);
    if (match) return explain(host, match);
  }
  return other(`git can't read ${host}: ${firstLine(text)}`);
}

type Explain = (host: string, match: RegExpExecArray) => GitFailure;

const KNOWN: readonly (readonly [RegExp, Explain])[] = [
  [/you don't have permission to view it/, (host) => other(
    `${host} says that the repository could not be found or may not be seen by this user`,
  )],
  [/could not read (Username|Password) for '([^']*)'[^\n]*/, (host, match) => other(
    `could not read ${match[1]} for '${match[2]}': the repository is private or does not exist, ` +
      `and git has no credentials for ${host}; git ls-remote in a terminal asks for them`,
  )],
  [/Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED/, (host) => other(
    `Host key verification failed: ssh does not know the key of ${host}, or it changed; connect once with ssh, and compare the key`,
  )],
  [/Permission denied \(([^)]*)\)/, (host, match) => other(
    `Permission denied (${match[1]}): ${host} does not accept this user's ssh keys; ssh-add -l shows those that are offered`,
  )],
  [/Authentication failed|HTTP Basic: Access denied|Invalid username or (password|token)/, (host) => other(
    `Authentication failed: ${host} does not accept git's credentials; what its credential helper has may be old`,
  )],
  [/Could not resolve (host|hostname):? ?([^\s;]*)/i, (host) => other(
    `Could not resolve host: the name ${host} can't be found (DNS); check its spelling, and whether this network knows it`,
  )],
  [/Connection refused/i, (host) => other(`connection refused by ${host}`)],
  [/Connection timed out|Operation timed out|Timeout was reached|timed out after/i, (host) => other(
    `${host} did not answer git in time`,
  )],
  [/Failed to connect to|Couldn't connect to server|No route to host|Network is unreachable/i, (host) => other(
    `git can't connect to ${host}`,
  )],
  [/Empty reply from server|early EOF|remote end hung up unexpectedly|Recv failure|Connection reset/i, (host) => other(
    `${host} closed the connection before its answer to git was complete`,
  )],
  [/unable to update url base from redirection|requested URL returned error: 30\d/, (host) => ({
    kind: 'failure', failure: 'redirect', why: `${host} redirects git elsewhere`,
  })],
  [/SSL certificate problem: ([^\n]*)|server certificate verification failed[^\n]*/, (host, match) => other(
    `the certificate of ${host} is not trusted: ${match[1] ?? match[0]}; if it is your company's, name its authority in git's http.sslCAInfo`,
  )],
  [/transport '([^']*)' not allowed/, (_host, match) => other(
    `transport '${match[1]}' not allowed by git's configuration`,
  )],
  [/detected dubious ownership[^\n]*/, (host) => other(
    `git refuses ${host}: detected dubious ownership of the repository (see safe.directory)`,
  )],
  [/requested URL returned error: (4(?!04|10)\d\d|5\d\d)/, (host, match) => other(
    `${host} answered git with ${match[1]}`,
  )],
  [/repository '[^']*' not found|Repository not found/i, () => absent('repository not found')],
  [/requested URL returned error: (404|410)/, () => absent('repository not found')],
  [/does not appear to be a git repository/, () => absent('no git repository there')],
];

/** A message of git without user and password in addresses. */
export function withoutCredentials(text: string): string {
  return text.replace(/(:\/\/)[^/@\s']+@/g, '$1');
}

/** The line that says most: the first that is fatal, an error, or anything. */
function firstLine(text: string): string {
  const lines = text.split('\n').map((line) => line.trim()).filter((line) => line !== '');
  const line = lines.find((each) => /^(fatal|error):/i.test(each)) ?? lines[0] ?? 'it failed without a message';
  const safe = line.replace(/[^\x20-\x7e]+/g, '?');
  return safe.length > 300 ? `${safe.slice(0, 300)}…` : safe;
}

function absent(said: string): GitFailure {
  return { kind: 'absent', said };
}

function other(why: string): GitFailure {
  return { kind: 'failure', failure: 'other', why };
}
