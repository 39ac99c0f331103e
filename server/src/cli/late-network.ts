import type { OpenNetwork } from '../net/network.ts';

/**
 * A network that is opened with the first question, since loading the program for it takes longer than most answers from the
 * disk.
 *
 * @param offline what the opened network says of itself
 */
export function lateNetwork(offline: boolean, open: () => Promise<OpenNetwork>): OpenNetwork {
  let opening: Promise<OpenNetwork> | undefined;
  let requests = (): number => 0;

  function opened(): Promise<OpenNetwork> {
    opening ??= open().then((network) => {
      requests = () => network.requests;
      return network;
    });
    return opening;
  }

  return {
    versions: async (...asked) => (await opened()).versions(...asked),
    release: async (...asked) => (await opened()).release(...asked),
    query: async (...asked) => (await opened()).query(...asked),
    mod: async (...asked) => (await opened()).mod(...asked),
    zip: async (...asked) => (await opened()).zip(...asked),
    tags: async (...asked) => (await opened()).tags(...asked),
    checksums: async (...asked) => (await opened()).checksums(...asked),
    offline,
    get requests() {
      return requests();
    },
    close: async () => (await opening)?.close(),
  };
}
