/**
 * Every program, in one ordered list. CoreDNS is made apart, because it needs the API store: createCoredns(store). Most are
 * entered by name and looked up when they run, so that a list of all programs needs none of them to be loaded.
 */
import { caller } from './caller';
import { client } from './client-tools';
import { COREUTILS } from './coreutils';
import { curl } from './curl';
import { dig } from './dig';
import { getent } from './getent';
import { host } from './host';
import { MORE_WEB_SERVERS } from './more-web-servers';
import { nc } from './nc';
import { nslookup } from './nslookup';
import { OTHER_SERVERS } from './other-servers';
import { outsideDns } from './outside';
import { ping } from './ping';
import type { Program } from './program';
import { sh } from './sh';
import { sleep } from './sleep';
import { timeout } from './timeout';
import { traceroute } from './traceroute';
import { WEB_SERVERS } from './web-servers';
import { wget } from './wget';

function named(name: string, program: () => Program): Program {
  return {
    name,
    get handlesSignals() {
      return program().handlesSignals ?? false;
    },
    start: (os) => program().start(os),
    onEvent: (os, event) => program().onEvent(os, event),
  };
}

function allNamed(names: string, programs: () => readonly Program[]): Program[] {
  return names.split(' ').map((name) => named(name, () => programs().find((one) => one.name === name)!));
}

export const PROGRAMS: readonly Program[] = [
  ...WEB_SERVERS,
  ...allNamed(
    'nginx server interpreter apache hello-app echo-server http-echo busybox-httpd',
    () => MORE_WEB_SERVERS,
  ),
  ...allNamed('agnhost pause redis postgres mysql mongo', () => OTHER_SERVERS),
  outsideDns,
  named('caller', () => caller),
  curl,
  named('wget', () => wget),
  named('nslookup', () => nslookup),
  named('dig', () => dig),
  named('host', () => host),
  named('ping', () => ping),
  named('traceroute', () => traceroute),
  named('nc', () => nc),
  named('getent', () => getent),
  named('client', () => client),
  named('timeout', () => timeout),
  sh,
  sleep,
  ...allNamed(
    'cat echo printf head tail grep wc sort seq env hostname touch rm ls date ps kill mkdir pwd id uname true false : test [ cut uniq tr tee sed awk basename dirname ' +
      'cp mv ln install mktemp find chown chmod chgrp sync rmdir mount umount sysctl ulimit which ' +
      'rev tac tar gzip gunzip unzip dd truncate mkfifo mknod',
    () => COREUTILS,
  ),
];
