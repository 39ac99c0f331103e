import {
  createConnection,
  ProposedFeatures,
  TextDocuments,
  TextDocumentSyncKind,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';

/**
 * The least that a language server can do, on the same library and bundled in the same way: it keeps the documents,
 * parses nothing, and answers every edit at once with no findings.
 */
const connection = createConnection(ProposedFeatures.all);
const documents = new TextDocuments(TextDocument);

connection.onInitialize(() => ({
  capabilities: { textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental } },
}));

documents.onDidChangeContent(({ document }) => {
  const { uri, version } = document;
  void connection.sendDiagnostics({ uri, version, diagnostics: [] });
});

documents.listen(connection);
connection.listen();
