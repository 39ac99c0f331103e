import type { GoVariable } from '../host/go-environment.ts';
import { redactUrl } from '../host/proxy-list.ts';

/** How servers are reached, beside what Go's own variables say. */
export interface Connection {
  /** The process's environment with the editor's settings on top, for our requests and for git's. */
  readonly environment: NodeJS.ProcessEnv;
  /** The certificate of the HTTP proxy is not verified; those of the servers behind it always are. */
  readonly insecureProxy: boolean;
  /** Each with where it comes from: `environment`, `default`, or a setting of the editor's; without credentials. */
  readonly variables: Readonly<Record<ConnectionVariableName, GoVariable>>;
}

export type ConnectionVariableName = 'HTTP_PROXY' | 'HTTPS_PROXY' | 'NO_PROXY' | 'SSL_CERT_FILE' | 'SSL_CERT_DIR' | 'NODE_EXTRA_CA_CERTS';

/**
 * The variable by which an editor hands its settings over, as JSON. It is no message of the protocol, because those may be
 * logged and a proxy's address may hold a password.
 */
export const EDITOR_SETTINGS = 'GOMOD_HEALTH_EDITOR';

/** What an editor may set, by VS Code's names; what is not set leaves the environment as it is. */
interface EditorSettings {
  readonly 'http.proxy'?: string;
  readonly 'http.noProxy'?: readonly string[];
  readonly 'http.proxyStrictSSL'?: boolean;
}

/** Reads the ways to servers from a process's environment. A proxy that the editor sets counts for http and https alike. */
export function readConnection(processEnvironment: NodeJS.ProcessEnv): Connection {
  const settings = readEditorSettings(processEnvironment[EDITOR_SETTINGS]);
  const environment = { ...processEnvironment };
  const variables = Object.fromEntries(NAMES.map((name) => [name, variableOf(name, environment)]));
  for (const [names, setting, value] of [
    [['HTTP_PROXY', 'HTTPS_PROXY'], 'http.proxy', settings['http.proxy']],
    [['NO_PROXY'], 'http.noProxy', settings['http.noProxy']?.join(',')],
  ] as const) {
    if (!value) continue;
    for (const name of names) {
      // Some programs, git among them, prefer the small letters.
      environment[name] = value;
      environment[name.toLowerCase()] = value;
      variables[name] = { value: redactUrl(value), why: setting };
    }
  }
  return {
    environment: Object.fromEntries(Object.entries(environment).filter(([name]) => name !== EDITOR_SETTINGS)),
    insecureProxy: settings['http.proxyStrictSSL'] === false,
    variables: variables as Connection['variables'],
  };
}

const NAMES: readonly ConnectionVariableName[] = [
  'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS',
];

/** Those of proxies are known in small letters too. */
function variableOf(name: ConnectionVariableName, environment: NodeJS.ProcessEnv): GoVariable {
  const value = environment[name] || (name.endsWith('_PROXY') ? environment[name.toLowerCase()] : undefined) || '';
  return { value: redactUrl(value), why: value === '' ? 'default' : 'environment' };
}

/** What is not of the documented form counts as not set. */
function readEditorSettings(json: string | undefined): EditorSettings {
  const found = parse(json ?? '{}');
  const { 'http.proxy': proxy, 'http.noProxy': noProxy, 'http.proxyStrictSSL': strict } = found;
  return {
    ...(typeof proxy === 'string' && { 'http.proxy': proxy.trim() }),
    ...(Array.isArray(noProxy) && { 'http.noProxy': noProxy.filter((entry) => typeof entry === 'string') }),
    ...(typeof strict === 'boolean' && { 'http.proxyStrictSSL': strict }),
  };
}

function parse(json: string): Readonly<Record<string, unknown>> {
  try {
    const found: unknown = JSON.parse(json);
    return typeof found === 'object' && found !== null ? (found as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
