/** Keeps Monaco's models and the workspace in step: typing goes to the workspace, replaced files come to the models. */
import type { editor as MonacoEditor, Uri } from 'monaco-editor/editor';
import type { Diagnostic } from '../sim/view';
import { session } from '../state/session';
import { typeText, workspace } from '../state/workspace';
import { monaco } from './monaco-setup';

const OWNER = 'cluster';
/** Above this many characters the language service would take more memory than it is worth. */
const LANGUAGE_CHARS = 1_000_000;

let writing = false;
/** The text of the workspace that a model stands for; its own may differ in ends of lines. */
const stands = new WeakMap<MonacoEditor.ITextModel, string>();

function uriOf(name: string): Uri {
  return monaco.Uri.from({ scheme: 'file', path: `/${name}` });
}

const languageFor = (chars: number): 'yaml' | 'plaintext' => (chars > LANGUAGE_CHARS ? 'plaintext' : 'yaml');

/** The model of a file, made when first asked for. */
export function modelOf(name: string): MonacoEditor.ITextModel {
  const uri = uriOf(name);
  const known = monaco.editor.getModel(uri);
  if (known !== null) return known;
  const text = workspace.getState().files.find((file) => file.name === name)?.text ?? '';
  const model = monaco.editor.createModel(text, languageFor(text.length), uri);
  stands.set(model, text);
  model.updateOptions({
    tabSize: 2,
    insertSpaces: true,
    bracketColorizationOptions: { enabled: false, independentColorPoolPerBracketType: false },
  });
  model.onDidChangeContent(() => {
    const language = languageFor(model.getValueLength());
    if (model.getLanguageId() !== language) monaco.editor.setModelLanguage(model, language);
    if (writing) return;
    const typed = model.getValue();
    stands.set(model, typed);
    typeText(name, typed);
  });
  return model;
}

/** Follows the workspace and the diagnostics until the returned function is called. */
export function keepInStep(): () => void {
  const take = (): void => {
    const { files } = workspace.getState();
    const wanted = new Map(files.map((file) => [uriOf(file.name).toString(), file.text]));
    for (const model of monaco.editor.getModels()) {
      if (model.uri.scheme !== 'file') continue;
      const text = wanted.get(model.uri.toString());
      if (text === undefined) model.dispose();
      else if (stands.get(model) !== text) replaceText(model, text);
    }
    for (const file of files) modelOf(file.name);
  };
  take();
  mark(session.getState().diagnostics);
  const leave = [
    workspace.subscribe((state, before) => {
      if (state.files !== before.files) take();
    }),
    session.subscribe((state, before) => {
      if (state.diagnostics !== before.diagnostics) mark(state.diagnostics);
    }),
  ];
  return () => leave.forEach((stop) => stop());
}

/** As one edit, so that undo brings the old text back. */
function replaceText(model: MonacoEditor.ITextModel, text: string): void {
  stands.set(model, text);
  writing = true;
  model.pushStackElement();
  model.pushEditOperations(null, [{ range: model.getFullModelRange(), text }], () => null);
  model.pushStackElement();
  writing = false;
}

/** Shows the cluster's words at their places. */
function mark(diagnostics: readonly Diagnostic[]): void {
  const { MarkerSeverity } = monaco;
  const severity = {
    error: MarkerSeverity.Error,
    warning: MarkerSeverity.Warning,
    info: MarkerSeverity.Info,
  };
  for (const file of workspace.getState().files) {
    const markers = diagnostics
      .filter((one) => one.range.file === file.name)
      .map(({ range, message, severity: level }) => ({
        severity: severity[level],
        message,
        source: 'cluster',
        startLineNumber: range.line,
        startColumn: range.column,
        endLineNumber: range.endLine,
        endColumn: range.endColumn,
      }));
    monaco.editor.setModelMarkers(modelOf(file.name), OWNER, markers);
  }
}
