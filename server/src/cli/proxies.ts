import { isAbsolute } from 'node:path';
import { parseProxyList } from '../host/proxy-list.ts';
import { settle } from '../host/settlement.ts';
import { openMeasuringHttp } from '../lsp/network.ts';
import { compareProxies, isForging, proxyAddresses, proxyText, publicModules } from '../lsp/proxy-report.ts';
import { CannotRun } from './cannot-run.ts';
import { terminalColors } from './colors.ts';
import { findPlaceAbove, openProject, openWorkplace } from './workplace.ts';

export interface ProxiesOptions {
  readonly format: 'text' | 'json';
  /** A file to write every request to. */
  readonly trace?: string;
}

/**
 * Runs `gomod-health proxies`: asks each proxy about the public modules that the project in the working directory
 * requires. The exit status is 1 when one gives what the checksum database has not signed.
 */
export async function proxies(urls: readonly string[], options: ProxiesOptions): Promise<number> {
  const workplace = await openWorkplace(options.trace === undefined ? {} : { trace: options.trace });
  const http = openMeasuringHttp(workplace.report, workplace.trace);
  try {
    const addresses = urls.length > 0 ? urls.map(addressOf) : proxyAddresses(workplace.environment);
    if (addresses.length === 0) throw new CannotRun('GOPROXY names no proxy; name those to compare');
    const project = await openProject(await findPlaceAbove('.', workplace), workplace);
    const modules = publicModules([project], workplace.environment);
    if (modules.length === 0) throw new CannotRun('no public module with a tagged version is required here, so there is nothing to ask about');
    const { signal } = new AbortController();
    const report = await compareProxies({
      addresses,
      modules,
      settle: (look) => settle(look, workplace.store, { signal }),
      get: http.get,
      signal,
    });
    const json = `${JSON.stringify({ schema: 1, ...report }, undefined, 2)}\n`;
    process.stdout.write(options.format === 'json' ? json : proxyText(report, terminalColors()));
    return report.proxies.some(isForging) ? 1 : 0;
  } finally {
    await http.close();
    await workplace.close();
  }
}

function addressOf(url: string): string {
  const list = parseProxyList(url, isAbsolute);
  if (!list.ok) throw new CannotRun(list.error);
  const [entry, ...more] = list.value;
  if (more.length > 0 || entry?.kind !== 'proxy') throw new CannotRun('each argument must be the address of one proxy');
  return entry.url;
}
