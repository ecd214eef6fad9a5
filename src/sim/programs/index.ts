/** Every program, in one ordered list. CoreDNS is made apart, because it needs the API store: createCoredns(store). */
import { caller } from './caller';
import { curl } from './curl';
import { OTHER_SERVERS } from './other-servers';
import { outsideDns } from './outside';
import { COREUTILS } from './coreutils';
import type { Program } from './program';
import { sh } from './sh';
import { WEB_SERVERS } from './web-servers';

export const PROGRAMS: readonly Program[] = [
  ...WEB_SERVERS,
  ...OTHER_SERVERS,
  outsideDns,
  caller,
  curl,
  sh,
  ...COREUTILS,
];
