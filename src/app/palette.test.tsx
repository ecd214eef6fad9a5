// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen } from '@testing-library/preact';
import { afterEach, describe, expect, it } from 'vitest';
import { session } from '../state/session';
import { findEntries, Palette } from './palette';

const entries = [
  { name: 'Show events', note: 'View' },
  { name: 'backend', note: 'Service in default' },
  { name: 'backend-7c8b', note: 'Pod in default' },
  { name: 'Back', note: 'Time' },
];
const found = (typed: string): string[] => findEntries(entries, typed).map((one) => one.name);

describe('finding', () => {
  it.each([
    ['', ['Show events', 'backend', 'backend-7c8b', 'Back']],
    ['back', ['backend', 'backend-7c8b', 'Back']],
    ['pod back', ['backend-7c8b']],
    ['DEFAULT', ['backend', 'backend-7c8b']],
    ['nothing', []],
  ])('%j', (typed, names) => expect(found(typed)).toEqual(names));

  it('puts names that begin with it first', () => {
    const list = [
      { name: 'Open an example', note: '' },
      { name: 'Example', note: '' },
    ];
    expect(findEntries(list, 'ex').map((one) => one.name)).toEqual(['Example', 'Open an example']);
  });
});

describe('the palette', () => {
  afterEach(cleanup);

  it('runs what is chosen by keys alone, and closes', () => {
    Element.prototype.scrollIntoView = () => undefined;
    session.setState({ dialog: 'palette', theme: 'system' });
    render(<Palette />);
    const field = screen.getByRole('combobox');
    fireEvent.change(field, { target: { value: 'theme' } });
    expect(screen.getAllByRole('option').map((one) => one.getAttribute('aria-selected'))).toEqual([
      'true',
      'false',
    ]);
    fireEvent.keyDown(field, { key: 'ArrowDown' });
    fireEvent.keyDown(field, { key: 'Enter' });
    expect(session.getState().theme).toBe('dark');
    expect(session.getState().dialog).toBeNull();
  });
});
