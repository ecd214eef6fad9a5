/**
 * Monaco with what manifests need and no more, and the YAML language with Kubernetes schemas that come with the page.
 * monaco-yaml 5.5.1 expects an older Monaco: `createWebWorker` now wants the worker itself, and language workers expect
 * two messages before they listen (remcohaszing/monaco-yaml#272). The shim below supplies both.
 */
import * as monaco from 'monaco-editor/editor';
import EditorWorker from 'monaco-editor/editor/editor.worker?worker';
import 'monaco-editor/editor/contrib/suggest/browser/suggestController';
import { StandaloneServices } from 'monaco-editor/editor/standalone/browser/standaloneServices';
import 'monaco-editor/features/bracketMatching/register';
import 'monaco-editor/features/clipboard/register';
import 'monaco-editor/features/codicon/register';
import 'monaco-editor/features/comment/register';
import 'monaco-editor/features/contextmenu/register';
import 'monaco-editor/features/cursorUndo/register';
import 'monaco-editor/features/find/register';
import 'monaco-editor/features/folding/register';
import 'monaco-editor/features/gotoError/register';
import 'monaco-editor/features/hover/register';
import 'monaco-editor/features/indentation/register';
import 'monaco-editor/features/linesOperations/register';
import 'monaco-editor/features/multicursor/register';
import 'monaco-editor/features/placeholderText/register';
import 'monaco-editor/features/snippet/register';
import 'monaco-editor/features/toggleTabFocusMode/register';
import 'monaco-editor/features/wordOperations/register';
import 'monaco-editor/languages/definitions/yaml/register';
import { configureMonacoYaml, type JSONSchema } from 'monaco-yaml';
import schemaUrl from './schemas/k8s.json?url';
import YamlWorker from './yaml.worker?worker';

export { monaco };

interface SchemaFile {
  readonly definitions: Readonly<Record<string, object>>;
  readonly gvks: readonly { readonly apiVersion: string; readonly kind: string; readonly ref: string }[];
}

type WorkerOptions = { label: string; createData?: unknown; host?: object; keepIdleModels?: boolean };

function shimmed(): typeof monaco {
  const createWebWorker = (options: WorkerOptions): unknown => {
    const worker = new YamlWorker({ name: options.label });
    worker.postMessage('ignore');
    worker.postMessage(options.createData);
    const { host, keepIdleModels } = options;
    return monaco.editor.createWebWorker({ worker, host, keepIdleModels } as never);
  };
  // "yaml-schema: inmemory://…" behind each message helps nobody.
  const setModelMarkers: typeof monaco.editor.setModelMarkers = (model, owner, markers) =>
    monaco.editor.setModelMarkers(
      model,
      owner,
      markers.map((marker) => ({ ...marker, source: 'schema' })),
    );
  const editor = { ...monaco.editor, createWebWorker, setModelMarkers };
  return { ...monaco, editor } as unknown as typeof monaco;
}

/**
 * One schema for all documents: each picks its own kind. `type: object` inside every `if` keeps an empty document from
 * matching all of them.
 */
function rootSchema({ definitions, gvks }: SchemaFile): JSONSchema {
  const apiVersions = [...new Set(gvks.map((one) => one.apiVersion))];
  const kindsOf = (apiVersion: string): string[] =>
    gvks.filter((one) => one.apiVersion === apiVersion).map((one) => one.kind);
  const when = (properties: Record<string, object>, then: object): object => ({
    if: { type: 'object', properties, required: Object.keys(properties) },
    then,
  });
  return {
    definitions,
    type: ['object', 'null'],
    required: ['apiVersion', 'kind'],
    properties: {
      apiVersion: { type: 'string', examples: apiVersions, description: 'API group and version' },
      kind: { type: 'string', description: 'Kind of object' },
    },
    allOf: [
      ...apiVersions.map((apiVersion) =>
        when(
          { apiVersion: { const: apiVersion } },
          { properties: { kind: { anyOf: [{ enum: kindsOf(apiVersion) }, { type: 'string' }] } } },
        ),
      ),
      ...gvks.map(({ apiVersion, kind, ref }) =>
        when({ apiVersion: { const: apiVersion }, kind: { const: kind } }, { $ref: ref }),
      ),
    ],
  } as JSONSchema;
}

/** What Monaco remembers of its visitors; all we want of it is that completion says what a field means from the start. */
const FIRST_WISHES = {
  onDidChangeValue: () => () => ({ dispose: () => undefined }),
  onWillSaveState: () => ({ dispose: () => undefined }),
  onDidChangeTarget: () => ({ dispose: () => undefined }),
  get: (_key: string, _scope: unknown, fallback: unknown) => fallback,
  getBoolean: (key: string, _scope: unknown, fallback: boolean) => key === 'expandSuggestionDocs' || fallback,
  getNumber: (_key: string, _scope: unknown, fallback: unknown) => fallback,
  getObject: (_key: string, _scope: unknown, fallback: unknown) => fallback,
  store: () => undefined,
  storeAll: () => undefined,
  remove: () => undefined,
};

let ready: Promise<void> | null = null;

/** Prepares Monaco once; the schemas follow when they have been read. */
export function prepareMonaco(): Promise<void> {
  ready ??= (async () => {
    self.MonacoEnvironment = { getWorker: () => new EditorWorker() };
    // Services are only taken before the first is used.
    StandaloneServices.initialize({ storageService: FIRST_WISHES });
    const answer = await fetch(schemaUrl);
    const schema = rootSchema((await answer.json()) as SchemaFile);
    configureMonacoYaml(shimmed(), {
      validate: true,
      hover: true,
      completion: true,
      format: { enable: false },
      yamlVersion: '1.1',
      enableSchemaRequest: false,
      // Hovers name the end of the address as their source.
      schemas: [{ uri: 'inmemory://schemas/Kubernetes%20API', fileMatch: ['**/*'], schema }],
    });
  })();
  return ready;
}
