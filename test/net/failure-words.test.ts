import assert from 'node:assert/strict';
import { explainGitFailure } from '../../server/src/net/git-failure.ts';
import { explainFailure } from '../../server/src/net/http-failure.ts';
import type { HttpFailureKind } from '../../server/src/net/http-failure.ts';
import { createModuleProxy } from '../../server/src/net/module-proxy.ts';

const URL_ASKED = new URL('https://proxy.example/x');
const BOUNDS = { connect: 10_000, headers: 30_000 };

/** The go command's own words for a failure, by which people search, and what to do. */
const FAILURES: readonly (readonly [code: string, kind: HttpFailureKind, goWords: string, advice: RegExp])[] = [
  ['ENOTFOUND', 'dns', 'no such host', /; check its spelling/],
  ['EAI_AGAIN', 'dns', 'Temporary failure in name resolution', /; is this machine offline/],
  ['ECONNREFUSED', 'connect', 'connection refused', /; nothing listens there/],
  ['EHOSTUNREACH', 'connect', 'no route to host', /; it may need a VPN/],
  ['ETIMEDOUT', 'timeout', 'i/o timeout', /; it may need a VPN/],
  ['UND_ERR_CONNECT_TIMEOUT', 'timeout', 'i/o timeout', /; it may need a VPN/],
  ['UND_ERR_HEADERS_TIMEOUT', 'timeout', 'timeout awaiting response headers', /; try again later/],
  ['ECONNRESET', 'reset', 'unexpected EOF', /; try again later/],
  ['CERT_HAS_EXPIRED', 'tls', 'x509: certificate has expired or is not yet valid', /; whoever runs it must renew it/],
  ['CERT_NOT_YET_VALID', 'tls', 'x509: certificate has expired or is not yet valid', /; is this machine's clock right/],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls', 'x509: certificate signed by unknown authority', /; if it is your own, add it to this machine's authorities/],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls', 'x509: certificate signed by unknown authority', /a proxy that reads TLS .*; if it is your company's, add it/],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls', 'x509: certificate is valid for', /; check the address/],
];

describe('failures in plain words', () => {
  for (const [code, kind, goWords, advice] of FAILURES) {
    it(`${code} has the words of the go command, and what to do`, () => {
      const { failure, why } = explainFailure(Object.assign(new Error('x'), { code }), URL_ASKED, BOUNDS);
      assert.equal(failure, kind);
      assert.ok(why.includes(goWords), why);
      assert.match(why, advice);
      assert.match(why, /proxy\.example/);
    });
  }

  const statuses: readonly (readonly [status: string, advice: RegExp])[] = [
    ['401 Unauthorized', /; it wants a login, from GOAUTH or a netrc file$/],
    ['403 Forbidden', /; the go command stops here too/],
    ['407 Proxy Authentication Required', /; .* name it in HTTPS_PROXY/],
    ['429 Too Many Requests', /; it is asked too often/],
    ['500 Internal Server Error', /; it is at fault itself/],
    ['503 Service Unavailable', /; it is at fault itself/],
  ];
  for (const [statusText, advice] of statuses) {
    it(`${statusText} of a proxy says what to do`, async () => {
      const answer = { kind: 'answer', status: Number.parseInt(statusText, 10), statusText, body: new Uint8Array(), headers: {}, url: '' } as const;
      const fact = await createModuleProxy('https://me:s3cr3t@proxy.example', async () => answer).list('example.com/a', new AbortController().signal);
      assert.ok(fact.state === 'unavailable');
      assert.ok(fact.why.startsWith(`proxy https://proxy.example answered ${statusText}; `), fact.why);
      assert.match(fact.why, advice);
    });
  }

  const ofGit: readonly (readonly [message: string, goWords: string, advice: RegExp])[] = [
    ["fatal: could not read Username for 'https://h': terminal prompts disabled", "could not read Username for 'https://h'", /; git ls-remote in a terminal asks/],
    ['git@h: Permission denied (publickey).', 'Permission denied (publickey)', /; ssh-add -l shows/],
    ['Host key verification failed.', 'Host key verification failed', /; connect once with ssh, and compare the key/],
    ["fatal: Authentication failed for 'https://h/a'", 'Authentication failed', /; what its credential helper has may be old/],
    ["fatal: unable to access 'https://h/': Could not resolve host: h", 'Could not resolve host', /; check its spelling/],
    ["fatal: unable to access 'https://h/': SSL certificate problem: self-signed certificate", 'self-signed certificate', /; if it is your company's, name its authority/],
  ];
  for (const [message, words, advice] of ofGit) {
    it(`git's "${words}" is quoted, with what to do`, () => {
      const failure = explainGitFailure(message, 'h');
      assert.ok(failure.kind === 'failure');
      assert.ok(failure.why.includes(words), failure.why);
      assert.match(failure.why, advice);
    });
  }
});
