import type { WorkDoneProgressReporter } from 'vscode-languageserver/node';
import { redactUrl } from '../host/proxy-list.ts';
import { openMeasuringHttp } from './network.ts';
import { oneLine } from './one-line.ts';
import { compareProxies, isForging, proxyAddresses, proxyText, publicModules } from './proxy-report.ts';
import type { ProxyReport } from './proxy-report.ts';
import type { ReportScene } from './report-commands.ts';
import { CannotReport, unpainted } from './shown-report.ts';
import type { ShownReport } from './shown-report.ts';

/** Compares the proxies of GOPROXY on the public modules that the workspace requires. */
export async function showProxies(
  { workbench, report, trace }: ReportScene,
  signal: AbortSignal,
  progress: WorkDoneProgressReporter,
): Promise<ShownReport> {
  const { environment, settings } = workbench;
  if (settings.reach !== 'on') throw new CannotReport(`nothing may be asked: ${settings.reachReason}`);
  const addresses = proxyAddresses(environment);
  if (addresses.length === 0) throw new CannotReport('GOPROXY names no proxy');
  const places = await workbench.places();
  const loaded = await Promise.all(places.map((place) => workbench.load(place)));
  const modules = publicModules(loaded.map(({ project }) => project), environment);
  if (modules.length === 0) throw new CannotReport('no public module with a tagged version is required here');
  const http = openMeasuringHttp(report, trace);
  try {
    const compared = await compareProxies({
      addresses,
      modules,
      settle: (look) => workbench.settle(look, signal),
      get: http.get,
      signal,
      onProxy: (address, order) => progress.report(Math.floor((order / addresses.length) * 100), oneLine(redactUrl(address))),
    });
    return view(compared, addresses.length, signal.aborted);
  } finally {
    await http.close();
  }
}

function view(report: ProxyReport, asked: number, cancelled: boolean): ShownReport {
  const { proxies } = report;
  const forging = proxies.filter(isForging).length;
  const silent = proxies.filter(({ answered }) => answered === 0).length;
  const words = [
    `${proxies.length} of ${asked} ${asked === 1 ? 'proxy' : 'proxies'} compared`,
    ...(silent > 0 ? [`${silent} without an answer`] : []),
    ...(forging > 0 ? [`${forging} with what the checksum database has not signed`] : []),
  ];
  const summary = `${cancelled ? 'Cancelled. ' : ''}${words.join(', ')}.`;
  return { summary, text: `Go module proxies\n\n${summary}\n\n${proxyText(report, unpainted)}` };
}
