import { workspace } from 'vscode';

/** The settings of VS Code's own that bear on how servers are reached. */
export const connectionSettings = ['http.proxy', 'http.noProxy', 'http.proxyStrictSSL', 'http.proxySupport'] as const;

/**
 * VS Code's settings for HTTP as the server takes them: by an environment variable, since messages may be logged and a
 * proxy's address may hold a password. What is not set is left to the environment.
 */
export function connectionEnvironment(): Readonly<Record<string, string>> {
  const http = workspace.getConfiguration('http');
  // The user wants no extension to use them.
  if (http.get('proxySupport') === 'off') return {};
  const settings = {
    'http.proxy': http.get<string>('proxy') || undefined,
    'http.noProxy': http.get<string[]>('noProxy') ?? undefined,
    'http.proxyStrictSSL': http.get<boolean>('proxyStrictSSL'),
  };
  return { GOMOD_HEALTH_EDITOR: JSON.stringify(settings) };
}
