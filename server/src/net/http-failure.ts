import { PrivateAddressError } from './addresses.ts';

/**
 * The kinds of failure that are worth telling apart: `reset` can heal by itself, `refused` is our own doing,
 * `cancelled` is the caller's.
 */
export type HttpFailureKind =
  | 'cancelled'
  | 'refused'
  | 'redirect'
  | 'dns'
  | 'connect'
  | 'tls'
  | 'timeout'
  | 'reset'
  | 'garbled'
  | 'too-large';

export interface HttpFailure {
  readonly failure: HttpFailureKind;
  readonly why: string;
}

/** Says in plain words why no answer came, with Go's own words for the same case where they differ. */
export function explainFailure(
  error: unknown,
  url: URL,
  bounds: { readonly connect: number; readonly headers: number },
): HttpFailure {
  const chain = causesOf(error);
  for (const cause of chain) {
    if (cause instanceof PrivateAddressError) {
      return { failure: 'refused', why: `${cause.message}, so nothing is asked there` };
    }
    if (cause.name === 'HTTPParserError') {
      return { failure: 'garbled', why: `${url.host} answered something that is not HTTP` };
    }
    const known = byCode(String((cause as { code?: unknown }).code ?? ''), url, bounds);
    if (known) return known;
  }
  const message = chain.map((cause) => cause.message).find((text) => text !== '') ?? 'unknown failure';
  const tunnel = /^Proxy response \((\d+)\) !== 200/.exec(message);
  if (tunnel) {
    const why = `the HTTP proxy refused the connection to ${url.host} with status ${tunnel[1]}`;
    return { failure: 'connect', why: tunnel[1] === '407' ? `${why} Proxy Authentication Required; ${LOGIN}` : why };
  }
  if (/^Proxy Authentication Required/.test(message)) {
    return { failure: 'connect', why: `the HTTP proxy answered 407 Proxy Authentication Required; ${LOGIN}` };
  }
  if (/^(HTTP\/2: )?"?(GOAWAY|Stream closed|other side closed)/i.test(message)) return closed(url);
  return { failure: 'garbled', why: `${url.host}: ${message}` };
}

function byCode(
  code: string,
  url: URL,
  bounds: { readonly connect: number; readonly headers: number },
): HttpFailure | undefined {
  const host = url.host;
  if (code.startsWith('ERR_HTTP2') || code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return closed(url);
  switch (code) {
    case 'ENOTFOUND':
      return { failure: 'dns', why: `no such host: the name ${url.hostname} can't be found (DNS); check its spelling, and whether this network knows it` };
    case 'EAI_AGAIN':
      return { failure: 'dns', why: `Temporary failure in name resolution: DNS does not answer for ${url.hostname}; is this machine offline?` };
    case 'ECONNREFUSED':
      return { failure: 'connect', why: `connection refused by ${host}; nothing listens there, or a firewall is in between` };
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
      return { failure: 'connect', why: `no route to host ${host}; it may need a VPN, or an HTTP proxy in HTTPS_PROXY` };
    case 'EACCES':
    case 'EPERM':
      return { failure: 'connect', why: `this machine does not permit a connection to ${host}; ask whoever looks after its firewall` };
    case 'ETIMEDOUT':
    case 'UND_ERR_CONNECT_TIMEOUT':
      return { failure: 'timeout', why: `${host} did not accept a connection within ${bounds.connect / 1000} s (i/o timeout); it may need a VPN, or an HTTP proxy in HTTPS_PROXY` };
    case 'UND_ERR_HEADERS_TIMEOUT':
      return { failure: 'timeout', why: `${host} did not begin to answer within ${bounds.headers / 1000} s (timeout awaiting response headers); try again later` };
    case 'UND_ERR_BODY_TIMEOUT':
      return { failure: 'timeout', why: `${host} stopped in the middle of its answer; try again later` };
    case 'ECONNRESET':
    case 'EPIPE':
    case 'ECONNABORTED':
    case 'UND_ERR_SOCKET':
      return closed(url);
    case 'CERT_HAS_EXPIRED':
      return tls(`the certificate of ${host} has expired (x509: certificate has expired or is not yet valid); whoever runs it must renew it, unless this clock is wrong`);
    case 'CERT_NOT_YET_VALID':
      return tls(`the certificate of ${host} is not valid yet (x509: certificate has expired or is not yet valid); is this machine's clock right?`);
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return tls(`the certificate of ${host} is signed by itself alone ${UNKNOWN_AUTHORITY}; if it is your own, ${TRUST}`);
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return tls(
        `the certificate of ${host} is from an authority that is not trusted here, ` +
          `perhaps a proxy that reads TLS ${UNKNOWN_AUTHORITY}; if it is your company's, ${TRUST}`,
      );
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
    case 'UND_ERR_PRX_TLS':
      return tls(
        `the certificate that ${host} showed is for another host ` +
          `(x509: certificate is valid for …, not ${url.hostname}); check the address, or what stands in between`,
      );
    case 'CERT_REVOKED':
      return tls(`the certificate of ${host} was revoked; whoever runs it must renew it`);
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
      return tls(`${host} does not speak TLS as it should; is it an http address, or does something stand in between?`);
    case 'UND_ERR_DESTROYED':
    case 'UND_ERR_CLOSED':
      return { failure: 'cancelled', why: 'cancelled' };
  }
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_')) return tls(`${host}: TLS failed (${code})`);
  return undefined;
}

const UNKNOWN_AUTHORITY = '(x509: certificate signed by unknown authority)';
const TRUST = "add it to this machine's authorities";

function closed(url: URL): HttpFailure {
  return { failure: 'reset', why: `${url.host} closed the connection before its answer was complete (unexpected EOF); try again later` };
}

function tls(why: string): HttpFailure {
  return { failure: 'tls', why };
}

const LOGIN = 'name its user and password in HTTPS_PROXY or HTTP_PROXY';

/** An error, its causes and, where several addresses of a host were tried, their errors; outermost first. */
function causesOf(error: unknown): Error[] {
  const found: Error[] = [];
  const waiting: unknown[] = [error];
  while (waiting.length > 0 && found.length < 20) {
    const next = waiting.shift();
    if (!(next instanceof Error)) continue;
    found.push(next);
    waiting.push(next.cause);
    if (next instanceof AggregateError) waiting.push(...next.errors);
  }
  return found;
}
