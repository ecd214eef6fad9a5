import { beforeEach, describe, expect, it, vi } from 'vitest';
import { session } from '../state/session';
import { COMMANDS } from './commands';
import { commandFor, listenForKeys, spell, type KeyPress } from './keys';

const press = (key: string, mods: Partial<KeyPress> = {}): KeyPress => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...mods,
});

describe('commands', () => {
  it('have one id and at most one owner of each key', () => {
    const ids = COMMANDS.map((one) => one.id);
    expect(new Set(ids).size).toBe(ids.length);
    const keys = COMMANDS.flatMap((one) => one.keys ?? []);
    expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([]);
  });
});

describe('keys', () => {
  beforeEach(() => session.setState({ phase: 'ready', selection: null }));

  it.each([
    [press(' '), 'play'],
    [press('.'), 'hop'],
    [press('ArrowRight'), 'hop'],
    [press('>', { shiftKey: true }), 'event'],
    [press('s', { ctrlKey: true }), 'apply'],
    [press('s', { metaKey: true }), 'apply'],
    [press('k', { ctrlKey: true }), 'palette'],
    [press('/'), 'palette'],
    [press('+', { shiftKey: true }), 'faster'],
    [press('-'), 'slower'],
    [press('q'), null],
    [press('.', { altKey: true }), null],
  ])('on the page %j is %s', (key, id) => {
    expect(commandFor(key, 'page')?.id ?? null).toBe(id);
  });

  it('leave typing alone, but for Apply and the palette', () => {
    expect(commandFor(press(' '), 'typing')).toBeNull();
    expect(commandFor(press('/'), 'typing')).toBeNull();
    expect(commandFor(press('t'), 'typing')).toBeNull();
    expect(commandFor(press('s', { ctrlKey: true }), 'typing')?.id).toBe('apply');
    expect(commandFor(press('k', { ctrlKey: true }), 'typing')?.id).toBe('palette');
  });

  it('leave a button its Space and a slider its arrows', () => {
    expect(commandFor(press(' '), 'button')).toBeNull();
    expect(commandFor(press('.'), 'button')?.id).toBe('hop');
    expect(commandFor(press('ArrowRight'), 'widget')).toBeNull();
    expect(commandFor(press('.'), 'widget')?.id).toBe('hop');
  });

  it('do nothing that makes no sense now', () => {
    expect(commandFor(press('Escape'), 'page')).toBeNull();
    session.setState({ selection: { kind: 'ref', ref: 'Pod/default/a' } });
    expect(commandFor(press('Escape'), 'page')?.id).toBe('close');
    session.setState({ phase: 'starting' });
    expect(commandFor(press(' '), 'page')).toBeNull();
  });

  it('are spelled in one way', () => {
    expect(spell(press('K', { ctrlKey: true, shiftKey: true }))).toBe('mod+shift+k');
  });

  it('rest while a dialog lies over the page or is being fetched, but for those with Ctrl', () => {
    vi.stubGlobal('Element', class {});
    const listeners = new Map<string, (event: unknown) => void>();
    const view = {
      addEventListener: (type: string, listener: (event: unknown) => void) => listeners.set(type, listener),
      removeEventListener: () => undefined,
    };
    listenForKeys(view as unknown as Window);
    const type = (one: KeyPress) => listeners.get('keydown')?.({ ...one, target: null, preventDefault() {} });
    type(press('k', { ctrlKey: true }));
    expect(session.getState().dialog).toBe('palette');
    type(press('s'));
    expect(session.getState().dialog).toBe('palette');
    session.setState({ dialog: null });
    type(press('s'));
    expect(session.getState().dialog).toBe('settings');
    session.setState({ dialog: null });
  });
});
