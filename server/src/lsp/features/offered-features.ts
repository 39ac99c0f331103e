import type { ModuleFile } from './module-file.ts';

/** The setting `gomodHealth.languageFeatures`. */
export type LanguageFeaturesSetting = 'auto' | 'on' | 'off';

/** Which language features the server offers, and for which files. */
export interface OfferedFeatures {
  /** Semantic tokens, folding, symbols and selection ranges, which gopls has for no module file. */
  readonly structure: boolean;
  /** Formatting of go.mod and go.work, on demand and on type. */
  readonly formatting: boolean;
  links(kind: ModuleFile['kind']): boolean;
  /** The selected version, on a requirement of go.mod. */
  readonly hover: boolean;
}

/**
 * Beside an active gopls, `auto` leaves out what it answers itself, lest everything appear twice: formatting of go.mod and
 * go.work, links for go.mod (gopls/internal/server: format.go, link.go of gopls v0.20). Its hover in go.mod (hover.go) tells
 * which packages need a module; ours, which version is selected and who requires it, and is shown as well.
 */
export function offeredFeatures(setting: LanguageFeaturesSetting, goplsActive: boolean): OfferedFeatures {
  const any = setting !== 'off';
  const shared = setting === 'on' || (any && !goplsActive);
  return {
    structure: any,
    formatting: shared,
    links: (kind) => (kind === 'mod' ? shared : any),
    hover: any,
  };
}

/** Reads the initialization options of a client; what is not of the documented form counts as not set. */
export function readOfferedFeatures(options: unknown): OfferedFeatures {
  const { languageFeatures, goplsActive } = (options ?? {}) as { languageFeatures?: unknown; goplsActive?: unknown };
  const setting = languageFeatures === 'on' || languageFeatures === 'off' ? languageFeatures : 'auto';
  return offeredFeatures(setting, goplsActive === true);
}
