/** Every program, in one ordered list. CoreDNS is made apart, because it needs the API store: createCoredns(store). */
import { caller } from './caller';
import { COREUTILS } from './coreutils';
import { curl } from './curl';
import { dig } from './dig';
import { getent } from './getent';
import { nc } from './nc';
import { nslookup } from './nslookup';
import { OTHER_SERVERS } from './other-servers';
import { outsideDns } from './outside';
import { ping } from './ping';
import type { Program } from './program';
import { sh } from './sh';
import { WEB_SERVERS } from './web-servers';
import { wget } from './wget';

export const PROGRAMS: readonly Program[] = [
  ...WEB_SERVERS,
  ...OTHER_SERVERS,
  outsideDns,
  caller,
  curl,
  wget,
  nslookup,
  dig,
  ping,
  nc,
  getent,
  sh,
  ...COREUTILS,
];
