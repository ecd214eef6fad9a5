import { describe, expect, it } from 'vitest';
import { DESCRIBE_TABS, layoutRows, layoutTabs } from './tabwriter';

describe('columns', () => {
  it('makes every column at least 6 wide and ends rows at an empty last cell with its padding', () => {
    expect(
      layoutRows([
        ['NAME', 'TIER'],
        ['b', ''],
      ]).text,
    ).toBe('NAME   TIER\nb      \n');
    expect(layoutRows([['b', 'x']]).text).toBe('b     x\n');
  });

  it('only ever widens remembered columns', () => {
    const first = layoutRows([
      ['NAME', 'A'],
      ['long-name', '1'],
    ]);
    expect(layoutRows([['b', '2']], first.widths).text).toBe('b           2\n');
  });

  it('shares widths within a run of lines that have the column', () => {
    const text = 'Name:\tweb\nIPs:\n  IP:\t10.0.0.1\nControlled By:\tx\n';
    expect(layoutTabs(text, DESCRIBE_TABS)).toBe(
      'Name:  web\nIPs:\n  IP:           10.0.0.1\nControlled By:  x\n',
    );
  });
});
