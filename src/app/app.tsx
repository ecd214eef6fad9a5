/** The page: bar, manifests, canvas with its caption, inspector, drawer. On a narrow screen panels are sheets. */
import { useState, type DragEvent } from 'react';
import { Canvas } from '../canvas/canvas';
import { Caption } from '../canvas/caption';
import { EditorPanel } from '../editor/editor-panel';
import { Inspector } from '../inspector/inspector';
import { showPanel, useSession, type PanelName } from '../state/session';
import { IconButton, Splitter } from '../ui/controls';
import { run } from './commands';
import { Dialogs } from './dialog-place';
import { Drawer } from './drawer';
import { takeFiles } from './files';
import { Notice, Starting } from './notice';
import { RefusedBanner } from './refused-banner';
import { SpeedDial } from './speed-dial';
import { TopBar } from './top-bar';
import { AutoSwitch, Transport, VirtualTime } from './transport';

export function App() {
  const narrow = useSession((state) => state.narrow);
  return (
    <div className={narrow ? 'app narrow' : 'app'} onDragOver={allowFiles} onDrop={dropFiles}>
      <a className="skip" href="#stage">
        Skip to the cluster
      </a>
      <TopBar />
      <RefusedBanner />
      {narrow ? <NarrowBody /> : <WideBody />}
      <Dialogs />
      <Notice />
    </div>
  );
}

function allowFiles(event: DragEvent): void {
  if (event.dataTransfer.types.includes('Files')) event.preventDefault();
}

function dropFiles(event: DragEvent): void {
  if (event.dataTransfer.files.length === 0) return;
  event.preventDefault();
  void takeFiles(event.dataTransfer.files);
  showPanel('editor', true);
}

function WideBody() {
  const panels = useSession((state) => state.panels);
  const kind = useSession((state) => state.selection?.kind ?? null);
  const selected = kind !== null;
  const [editorWidth, setEditorWidth] = useState(() =>
    Math.min(380, Math.max(300, Math.round(window.innerWidth * 0.264))),
  );
  const [packetWidth, setPacketWidth] = useState(420);
  // An object leaves the manifests open beside it, so it takes less.
  const [objectWidth, setObjectWidth] = useState(340);
  const [drawerHeight, setDrawerHeight] = useState(220);
  const [width, setWidth] = kind === 'ref' ? [objectWidth, setObjectWidth] : [packetWidth, setPacketWidth];
  const side = selected ? width : 220;
  return (
    <>
      <div className="middle">
        {panels.editor ? (
          <section className="column ed" style={{ width: editorWidth }} aria-label="Manifests">
            <EditorPanel />
            <Splitter
              name="Width of the manifests"
              edge="right"
              size={editorWidth}
              min={260}
              max={760}
              onSize={setEditorWidth}
            />
          </section>
        ) : (
          <Rail name="editor" title="Manifests" icon="right" />
        )}
        <Stage />
        {panels.inspector ? (
          <aside className="side" style={{ width: side }} aria-label="Inspector">
            <Inspector />
            {selected && (
              <Splitter
                name="Width of the inspector"
                edge="left"
                size={width}
                min={300}
                max={760}
                onSize={setWidth}
              />
            )}
          </aside>
        ) : (
          <Rail name="inspector" title={selected ? 'Inspector' : 'Cluster'} icon="left" />
        )}
      </div>
      <section
        className="below"
        style={panels.drawer ? { height: drawerHeight } : undefined}
        aria-label="Terminal and tables"
      >
        <Drawer open={panels.drawer} />
        {panels.drawer && (
          <Splitter
            name="Height of the drawer"
            edge="top"
            size={drawerHeight}
            min={120}
            max={640}
            onSize={setDrawerHeight}
          />
        )}
      </section>
    </>
  );
}

/** What is left of a panel that is folded away. */
function Rail({ name, title, icon }: { name: PanelName; title: string; icon: 'left' | 'right' }) {
  return (
    <section className={`railv ${name}`} aria-label={title}>
      <IconButton icon={icon} name={`Open ${title.toLowerCase()}`} onPress={() => run(name)} />
      <span className="v">{title}</span>
    </section>
  );
}

function Stage() {
  return (
    <main className="stage" id="stage" tabIndex={-1}>
      <div className="canvas-box">
        <Canvas />
        <Starting />
      </div>
      <Caption />
    </main>
  );
}

const SHEETS: Readonly<Record<PanelName, string>> = {
  editor: 'Manifests',
  inspector: 'Inspector',
  drawer: 'Terminal and tables',
};

function NarrowBody() {
  const sheet = useSession((state) => state.sheet);
  const [tall, setTall] = useState(false);
  return (
    <>
      <Stage />
      {sheet !== null && (
        <section className={tall ? 'sheet tall' : 'sheet'} aria-label={SHEETS[sheet]}>
          <button
            type="button"
            className="grab"
            aria-expanded={tall}
            aria-label={tall ? 'Make the sheet smaller' : 'Make the sheet larger'}
            onClick={() => setTall(!tall)}
          >
            <span />
          </button>
          {sheet === 'editor' && <EditorPanel />}
          {sheet === 'inspector' && <Inspector />}
          {sheet === 'drawer' && <Drawer open />}
        </section>
      )}
      <footer className="trans" aria-label="Time">
        <Transport large />
        <div className="trans-row">
          <SpeedDial />
          <AutoSwitch />
          <VirtualTime bare />
        </div>
      </footer>
    </>
  );
}
