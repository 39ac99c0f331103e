import { BlockList, isIP } from 'node:net';
import { addressLiteral } from './addresses.ts';
import { parseUrl } from './credentials.ts';

/**
 * The HTTP proxy for an address, or undefined. Unlike other programs, Go takes HTTP_PROXY for http alone, and it
 * understands networks such as `10.0.0.0/8` in NO_PROXY (net/http: ProxyFromEnvironment). Names in NO_PROXY are
 * undici's matter.
 */
export function proxyFor(url: URL, environment: NodeJS.ProcessEnv): string | undefined {
  const value = setting(environment, url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY');
  if (value === '' || isInNetworks(url, setting(environment, 'NO_PROXY'))) return undefined;
  return parseUrl(/^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`)?.href;
}

/** NO_PROXY, to which Go adds this machine itself. */
export function noProxyOf(environment: NodeJS.ProcessEnv): string {
  const value = setting(environment, 'NO_PROXY').trim();
  if (value === '*') return value;
  return [value, 'localhost', '127.0.0.1', '[::1]'].filter((entry) => entry !== '').join(',');
}

function setting(environment: NodeJS.ProcessEnv, name: string): string {
  return environment[name] || environment[name.toLowerCase()] || '';
}

function isInNetworks(url: URL, noProxy: string): boolean {
  const address = addressLiteral(url.hostname);
  if (address === undefined) return false;
  const networks = new BlockList();
  for (const entry of noProxy.split(/[,\s]/)) {
    const [network = '', bits = ''] = entry.split('/');
    const family = isIP(network);
    if (family === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > (family === 4 ? 32 : 128)) continue;
    networks.addSubnet(network, Number(bits), family === 4 ? 'ipv4' : 'ipv6');
  }
  return networks.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
}
