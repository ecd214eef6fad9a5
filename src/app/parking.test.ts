import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { session, type Selection } from '../state/session';
import { parkEditor } from './parking';

const POD = { kind: 'ref', ref: 'Pod/default/a' } as Selection;
const PACKET = { kind: 'packet', id: 1 } as unknown as Selection;
const editorOpen = (): boolean => session.getState().panels.editor;
const select = (selection: Selection | null): boolean => {
  session.setState({ selection });
  return editorOpen();
};

describe('the manifests on a small screen', () => {
  const known = session.getState();
  const view = { innerWidth: 1440 };
  let stop = (): void => undefined;
  beforeEach(() => {
    session.setState({ ...known, selection: null, narrow: false, panels: { ...known.panels, editor: true } });
    stop = parkEditor(view as Window);
  });
  afterEach(() => {
    stop();
    session.setState(known);
  });

  it.each([
    [1152, false, false],
    [1440, true, false],
    [1920, true, true],
  ])('at %i px stay open beside an object: %s, beside a packet: %s', (width, besideObject, besidePacket) => {
    view.innerWidth = width;
    expect(select(POD)).toBe(besideObject);
    expect(select(null)).toBe(true);
    expect(select(PACKET)).toBe(besidePacket);
    expect(select(null)).toBe(true);
  });

  it('fold for a packet that is opened from an object, and stay as the visitor puts them', () => {
    view.innerWidth = 1440;
    select(POD);
    expect(select(PACKET)).toBe(false);
    session.setState({ panels: { ...session.getState().panels, editor: true } });
    expect(select({ ...PACKET, id: 2 } as unknown as Selection)).toBe(true);
  });
});
