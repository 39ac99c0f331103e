/** One entry of GOPROXY, in its order. */
export type ProxyEntry =
  | {
      readonly kind: 'proxy';
      /** The address without a trailing slash; `https`, `http` or `file`. */
      readonly url: string;
      /** Which failures let the go command go on to the next entry: `,` only "not there", `|` any. */
      readonly fallBackOn: 'absent' | 'any';
    }
  | { readonly kind: 'direct' }
  | { readonly kind: 'off' };

/** The go command's settings, as far as they bear on modules (cmd/go/internal/cfg/cfg.go). */
export interface GoEnvironment {
  /** The entries of GOPROXY up to and including the first `direct` or `off`. */
  readonly proxies: readonly ProxyEntry[];
  /** Glob lists, as written; GONOPROXY and GONOSUMDB already have GOPRIVATE as their default. */
  readonly noProxy: string;
  readonly noSumDb: string;
  readonly private: string;
  readonly insecure: string;
  readonly vcs: string;
  /** GOSUMDB as written: `off`, a name, a name and key, either with a URL. */
  readonly sumDb: string;
  /** Absolute directory of the module cache, or undefined when there is no home directory to put it in. */
  readonly moduleCache: string | undefined;
  readonly goFlags: readonly string[];
  /** GOWORK: `off`, an absolute path, or empty for the nearest go.work upwards. */
  readonly work: string;
}
