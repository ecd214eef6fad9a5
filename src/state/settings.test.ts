/** Settings as they are saved and read back. */
import { expect, it } from 'vitest';
import { decodeWorkspace, encodeWorkspace } from './saving';
import { readSettings } from './settings';

const files = [{ name: 'a.yaml', text: '' }];

it('come back with the workspace', () => {
  const settings = {
    proxyMode: 'ipvs',
    ipvsScheduler: 'lc',
    ipFamilies: ['IPv6', 'IPv4'],
    loadBalancer: 'none',
  } as const;
  const bytes = encodeWorkspace({ name: 'x', files, active: 'a.yaml', settings });
  expect(decodeWorkspace(bytes)).toEqual({ saved: { name: 'x', files, active: 'a.yaml', settings } });
});

it.each([null, 3, { proxyMode: 'userspace' }, { ipFamilies: ['IPv4', 'IPv4'] }, { masqueradeAll: 'yes' }])(
  'leave out what is none: %j',
  (value) => {
    expect(readSettings(value)).toEqual({});
  },
);
