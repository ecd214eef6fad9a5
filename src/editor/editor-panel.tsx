/**
 * The manifests: a plain text field at once, Monaco as soon as the first packet has been seen, and what the cluster says
 * of the text below. A narrow screen keeps the plain field, which phones edit better.
 */
import { lazy, Suspense, useEffect, useMemo, useState, type ComponentType } from 'react';
import { useCount } from '../state/mirror-hooks';
import { removeFile } from '../state/replacing';
import { showPanel, useSession } from '../state/session';
import { useWorkspace, workspace } from '../state/workspace';
import { IconButton, PanelHead } from '../ui/controls';
import { count } from '../ui/format';
import './editor.css';
import { Foot } from './foot';
import { loadMonaco } from './monaco-steps';
import { outline, OUTLINE_CHARS } from './outline';
import { PlainEditor } from './plain-editor';

type View = ComponentType<{ onBroken: () => void }>;

/** Where Monaco cannot be fetched, the plain field stays. */
const MonacoView = lazy(async (): Promise<{ default: View }> => {
  try {
    return await loadMonaco();
  } catch {
    return { default: PlainEditor };
  }
});

/** True once the first packet is here, or after a while without one. */
function useMayLoad(): boolean {
  const packets = useCount('packets');
  const narrow = useSession((state) => state.narrow);
  const [waited, setWaited] = useState(false);
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setWaited(true), 5000);
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => {
    if (packets === 0) return;
    const timer = setTimeout(() => setSeen(true), 300);
    return () => clearTimeout(timer);
  }, [packets > 0]); // eslint-disable-line react-hooks/exhaustive-deps
  return !narrow && (waited || seen);
}

export function EditorPanel() {
  const note = useNote();
  const narrow = useSession((state) => state.narrow);
  const mayLoad = useMayLoad();
  const [broken, setBroken] = useState(false);
  return (
    <>
      <PanelHead title="Manifests" note={note}>
        <IconButton
          icon={narrow ? 'close' : 'left'}
          name="Close manifests"
          {...(narrow ? {} : { keyHint: 'M' })}
          onPress={() => showPanel('editor', false)}
        />
      </PanelHead>
      <FileTabs />
      {/* nokey: the canvas library takes Space for itself wherever it does not recognise a text field, as in Monaco. */}
      <div className="code nokey">
        {mayLoad && !broken ? (
          <Suspense fallback={<PlainEditor />}>
            <MonacoView onBroken={() => setBroken(true)} />
          </Suspense>
        ) : (
          <PlainEditor />
        )}
      </div>
      <Foot />
    </>
  );
}

/** How much there is: objects, or the size of a text that is too long to be looked through. */
function useNote(): string {
  const files = useWorkspace((state) => state.files);
  return useMemo(() => {
    const chars = files.reduce((sum, file) => sum + file.text.length, 0);
    if (chars > OUTLINE_CHARS) return `${(chars / 1e6).toFixed(1)} MB`;
    const objects = files.reduce((sum, file) => sum + outline(file.text).length, 0);
    return count(objects, 'object');
  }, [files]);
}

/** One tab a file, when there is more than one. */
function FileTabs() {
  const files = useWorkspace((state) => state.files);
  const active = useWorkspace((state) => state.active);
  if (files.length < 2) return null;
  return (
    <div className="files" role="group" aria-label="Files">
      {files.map((file) => (
        <span key={file.name} className={file.name === active ? 'file on' : 'file'}>
          <button
            type="button"
            className="link plain"
            aria-pressed={file.name === active}
            title={file.name}
            onClick={() => workspace.setState({ active: file.name })}
          >
            {file.name}
          </button>
          <IconButton icon="close" name={`Remove ${file.name}`} onPress={() => removeFile(file.name)} />
        </span>
      ))}
    </div>
  );
}
