import type { CodeAction, Command, TextDocumentEdit, WorkspaceEdit } from 'vscode-languageclient/node';

/**
 * Lets VS Code open its preview for an edit that needs confirmation with every change ticked.
 *
 * VS Code opens the preview when an edit needs confirmation, and leaves just the edits that do unticked: “Apply” would then
 * change nothing. So the confirmation is asked for by one more edit, which changes nothing, in place of the real ones.
 */
export function tickPreviews(actions: readonly (CodeAction | Command)[]): (CodeAction | Command)[] {
  return actions.map((action) => {
    if (!('edit' in action) || action.edit === undefined) return action;
    return { ...action, edit: tickPreview(action.edit) };
  });
}

const askerId = 'gomodHealth.preview';

function tickPreview(edit: WorkspaceEdit): WorkspaceEdit {
  const annotations = Object.entries(edit.changeAnnotations ?? {});
  const first = edit.documentChanges?.find((change): change is TextDocumentEdit => 'textDocument' in change);
  if (first === undefined || !annotations.some(([, { needsConfirmation }]) => needsConfirmation)) return edit;
  const start = { line: 0, character: 0 };
  const asker = { range: { start, end: start }, newText: '', annotationId: askerId };
  return {
    documentChanges: [...(edit.documentChanges ?? []), { textDocument: first.textDocument, edits: [asker] }],
    changeAnnotations: {
      ...Object.fromEntries(annotations.map(([id, annotation]) => [id, { ...annotation, needsConfirmation: false }])),
      [askerId]: { label: 'Choose Apply for every change below that is ticked', needsConfirmation: true },
    },
  };
}
