import type { AnswerCache } from './answer-cache.ts';
import { identityOf } from './answer-cache-proxy.ts';
import type { HttpAnswer, HttpGet, HttpValidators } from './http.ts';

/**
 * Lets lists of versions be asked for with the validators that came with the last one, so that a server may answer 304
 * without sending it again; the answer is then the kept one, as a 200.
 */
export function createValidatingGet(get: HttpGet, cache: AnswerCache): HttpGet {
  return async (url, request) => {
    if (request.purpose !== 'list') return get(url, request);
    const key = identityOf(url);
    const kept = await cache.read('validated', key);
    const validators = kept?.value as HttpValidators | undefined;
    const answer = await get(url, validators ? { ...request, validators } : request);
    if (answer.kind === 'failure') return answer;
    if (kept && answer.status === 304) {
      return { ...answer, status: 200, statusText: '200 OK', body: kept.body };
    }
    if (answer.status === 200) keep(key, answer, cache);
    return answer;
  };
}

function keep(key: string, answer: HttpAnswer & { kind: 'answer' }, cache: AnswerCache): void {
  const { etag, 'last-modified': lastModified } = answer.headers;
  if (etag === undefined && lastModified === undefined) return;
  cache.write('validated', key, { ...(etag && { etag }), ...(lastModified && { lastModified }) }, answer.body);
}
