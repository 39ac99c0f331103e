import { FoldingRangeKind, MarkupKind, SymbolKind } from 'vscode-languageserver/node';
import type {
  Connection,
  DocumentLink,
  Position,
  DocumentSymbol,
  FoldingRange,
  SelectionRange,
  ServerCapabilities,
  TextEdit as ProtocolEdit,
} from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { GoEnvironment } from '../../engine/environment.ts';
import { parentDirectory } from '../../engine/file-path.ts';
import type { LineIndex, Span, TextEdit } from '../../syntax/span.ts';
import { pathOfUri, uriOfPath } from '../places.ts';
import { shownText } from '../shown-text.ts';
import { documentLinks, type FileLink } from './document-links.ts';
import { documentSymbols, type FileSymbol, type SymbolSort } from './document-symbols.ts';
import { foldingRanges, type FoldedLines } from './folding-ranges.ts';
import { finishedLineEdits, formattingEdits } from './formatting.ts';
import { moduleFileKind, parseModuleFile, type ParsedText } from './module-file.ts';
import type { OfferedFeatures } from './offered-features.ts';
import { selectionSpans } from './selection-ranges.ts';
import { encodeTokens, semanticTokens, TOKEN_MODIFIERS, TOKEN_TYPES } from './semantic-tokens.ts';

/** What the features need of the server. */
export interface FeatureHost {
  document(uri: string): TextDocument | undefined;
  offered(): OfferedFeatures;
  environment(): Promise<GoEnvironment>;
  /** As `documentationAddress` gives it. */
  documentation(): string | undefined;
  /** What is known of the requirement at a position, in Markdown; nobody is asked. */
  hover(uri: string, position: Position): Promise<{ readonly markdown: string; readonly at: Span } | undefined>;
}

/** What the server tells the client that it can do. */
export function languageFeatureCapabilities({ structure, formatting, links, hover }: OfferedFeatures): ServerCapabilities {
  const legend = { tokenTypes: [...TOKEN_TYPES], tokenModifiers: [...TOKEN_MODIFIERS] };
  return {
    ...(structure && {
      semanticTokensProvider: { legend, full: true },
      foldingRangeProvider: true,
      documentSymbolProvider: true,
      selectionRangeProvider: true,
    }),
    ...(formatting && {
      documentFormattingProvider: true,
      documentOnTypeFormattingProvider: { firstTriggerCharacter: '\n' },
    }),
    ...((links('mod') || links('work') || links('sum')) && { documentLinkProvider: {} }),
    ...(hover && { hoverProvider: true }),
  };
}

/** Answers the requests about one document's text; a document that is not open, or no module file, has nothing. */
export function registerLanguageFeatures(connection: Connection, host: FeatureHost): void {
  const texts = new ParsedDocuments();
  const parsed = (uri: string): ParsedText | undefined => {
    const document = host.document(uri);
    return document && texts.get(document);
  };

  connection.languages.semanticTokens.on(({ textDocument }) => {
    const text = parsed(textDocument.uri);
    return { data: text ? encodeTokens(semanticTokens(text.file), text) : [] };
  });
  connection.onFoldingRanges(({ textDocument }) => {
    const text = parsed(textDocument.uri);
    return text ? foldingRanges(text).map(toFoldingRange) : [];
  });
  connection.onDocumentSymbol(({ textDocument }) => {
    const text = parsed(textDocument.uri);
    return text ? documentSymbols(text.file).map((symbol) => toDocumentSymbol(symbol, text.index)) : [];
  });
  connection.onSelectionRanges(({ textDocument, positions }) => {
    const text = parsed(textDocument.uri);
    if (!text) return null;
    return positions.map((position) => {
      const spans = selectionSpans(text.file, text.index.offset(position));
      return toSelectionRange(spans, text.index);
    });
  });
  connection.onDocumentLinks(async ({ textDocument }) => {
    const text = parsed(textDocument.uri);
    if (!text || !host.offered().links(text.file.kind)) return [];
    const path = pathOfUri(textDocument.uri);
    const links = documentLinks(text.file, {
      directory: path && parentDirectory(path),
      environment: await host.environment(),
      documentation: host.documentation(),
    });
    return links.map((link) => toDocumentLink(link, text.index));
  });
  connection.onHover(async ({ textDocument, position }) => {
    const text = parsed(textDocument.uri);
    const hover = text && (await host.hover(textDocument.uri, position));
    return hover ? { contents: { kind: MarkupKind.Markdown, value: hover.markdown }, range: text.index.range(hover.at) } : null;
  });
  connection.onDocumentFormatting(({ textDocument }) => {
    const text = parsed(textDocument.uri);
    return text ? formattingEdits(text.file).map((edit) => toProtocolEdit(edit, text.index)) : [];
  });
  connection.onDocumentOnTypeFormatting(({ textDocument, position }) => {
    const text = parsed(textDocument.uri);
    return text ? finishedLineEdits(text, position.line - 1).map((edit) => toProtocolEdit(edit, text.index)) : [];
  });
}

/** Parses each version of a document once, whatever is asked of it. */
class ParsedDocuments {
  readonly #parsed = new WeakMap<TextDocument, { readonly version: number; readonly text: ParsedText }>();

  get(document: TextDocument): ParsedText | undefined {
    const known = this.#parsed.get(document);
    if (known?.version === document.version) return known.text;
    const kind = moduleFileKind(document.uri, document.languageId);
    if (kind === undefined) return undefined;
    const text = parseModuleFile(kind, document.getText());
    this.#parsed.set(document, { version: document.version, text });
    return text;
  }
}

function toProtocolEdit(edit: TextEdit, index: LineIndex): ProtocolEdit {
  return { range: index.range(edit), newText: edit.newText };
}

function toFoldingRange({ startLine, endLine, kind }: FoldedLines): FoldingRange {
  return { startLine, endLine, kind: kind === 'comments' ? FoldingRangeKind.Comment : FoldingRangeKind.Region };
}

const SYMBOL_KINDS: Record<SymbolSort, SymbolKind> = {
  module: SymbolKind.Module,
  block: SymbolKind.Namespace,
  package: SymbolKind.Package,
  version: SymbolKind.Constant,
  tool: SymbolKind.Function,
  directory: SymbolKind.File,
  setting: SymbolKind.Property,
  unknown: SymbolKind.Null,
};

function toDocumentSymbol(symbol: FileSymbol, index: LineIndex): DocumentSymbol {
  return {
    name: shownText(symbol.name),
    detail: shownText(symbol.detail),
    kind: SYMBOL_KINDS[symbol.sort],
    range: index.range(symbol.span),
    selectionRange: index.range(symbol.selection),
    children: symbol.children.map((child) => toDocumentSymbol(child, index)),
  };
}

/** Nests the spans, of which the last one, the file, is always there. */
function toSelectionRange(spans: readonly Span[], index: LineIndex): SelectionRange {
  const [outermost, ...inner] = spans.toReversed().map((span) => index.range(span));
  return inner.reduce<SelectionRange>((parent, range) => ({ range, parent }), { range: outermost! });
}

function toDocumentLink({ target, ...span }: FileLink, index: LineIndex): DocumentLink {
  const range = index.range(span);
  if (target.kind === 'file') return { range, target: uriOfPath(target.path), tooltip: 'Open its go.mod' };
  return { range, target: target.address, tooltip: 'Open its documentation' };
}
