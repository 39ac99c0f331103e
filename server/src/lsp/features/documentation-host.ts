/** Where the documentation of public modules is shown, unless the user names another place. */
export const DEFAULT_DOCUMENTATION_HOST = 'pkg.go.dev';

/**
 * The address, without a slash at its end, that module paths are appended to; undefined when there is to be no
 * documentation: for an empty setting, and for one that is no host, lest a name goes where nobody wanted it.
 *
 * @param setting a host, a host with a path, or an http or https address; the default where it is not set
 */
export function documentationAddress(setting: unknown): string | undefined {
  if (setting === undefined || setting === null) return `https://${DEFAULT_DOCUMENTATION_HOST}`;
  if (typeof setting !== 'string') return undefined;
  const address = setting.includes('://') ? setting : `https://${setting}`;
  if (!/^https?:/i.test(address) || !URL.canParse(address)) return undefined;
  const { protocol, hostname, host, pathname, search, hash, username, password } = new URL(address);
  if (hostname === '' || search !== '' || hash !== '' || username !== '' || password !== '') return undefined;
  return `${protocol}//${host}${pathname.replace(/\/+$/, '')}`;
}
