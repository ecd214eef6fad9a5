import { expect, it } from 'vitest';
import { COREUTILS } from './coreutils';
import { PROGRAMS } from './index';
import { MORE_WEB_SERVERS } from './more-web-servers';
import { OTHER_SERVERS } from './other-servers';

it('lists every program once, under the name that it gives itself', () => {
  const names = PROGRAMS.map((program) => program.name);
  expect(new Set(names).size).toBe(names.length);
  for (const program of [...COREUTILS, ...MORE_WEB_SERVERS, ...OTHER_SERVERS])
    expect(names).toContain(program.name);
  // A name that nothing answers to would fail here.
  for (const program of PROGRAMS)
    expect(['boolean', 'function', 'undefined']).toContain(typeof program.handlesSignals);
});
