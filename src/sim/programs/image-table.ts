/**
 * The table of known images: what they start, which C library they are built with and which tools they hold. Taken from
 * the images' published Dockerfiles.
 */

/** Which command-line tools an image has. */
export type ToolSet = 'none' | 'busybox' | 'busybox-curl' | 'debian' | 'debian-curl' | 'all';

export interface ImageFacts {
  /** Repository paths without registry; a path that ends in one of them after a slash fits too. */
  readonly names: readonly string[];
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly libc: 'glibc' | 'musl';
  readonly tools: ToolSet;
  /** Further programs that it brings, apart from its tools: clients of its own server. */
  readonly brings?: readonly string[];
  /** Interpreters: what they are told to run is somebody's own server. */
  readonly ownBinaries?: boolean;
}

/** Clients of well-known servers (client-tools-table.ts). */
const CLIENTS = (
  'redis-cli valkey-cli pg_isready psql mysqladmin mariadb-admin mysql mariadb healthcheck.sh mongosh mongo ' +
  'rabbitmq-diagnostics rabbitmqctl grpc_health_probe grpc-health-probe nodetool cqlsh etcdctl'
).split(' ');

/** Commands whose program has another name. */
export const COMMAND_PROGRAMS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(CLIENTS.map((name) => [name, 'client'])),
  ash: 'sh',
  bash: 'sh',
  'httpd-foreground': 'apache',
  httpd: 'busybox-httpd',
  printenv: 'env',
  egrep: 'grep',
  ping6: 'ping',
  netcat: 'nc',
  whoami: 'whoami',
  'docker-entrypoint.sh': 'server',
  'redis-server': 'redis',
  mysqld: 'mysql',
  mariadbd: 'mysql',
  mongod: 'mongo',
  python: 'interpreter',
  python3: 'interpreter',
  node: 'interpreter',
  npm: 'server',
  java: 'server',
  ruby: 'interpreter',
  perl: 'interpreter',
  php: 'interpreter',
  gunicorn: 'server',
  uvicorn: 'server',
  flask: 'server',
};

const BASE = (
  'sh ash sleep cat env printenv hostname echo head tail grep wc true false test [ date seq touch rm ls id ' +
  'printf sort uname mkdir pwd : cut uniq tr tee sed awk basename dirname cp mv ln install mktemp find chown chmod ' +
  'chgrp sync rmdir mount umount which timeout rev tac tar gzip gunzip dd truncate mkfifo mknod'
).split(' ');
const BUSYBOX = [...BASE, ...'wget nslookup ping ping6 nc httpd ps kill traceroute sysctl unzip'.split(' ')];
const DEBIAN = [...BASE, 'bash', 'getent'];

/** Commands by tool set. Only names in `all` are tools; any other name is an image's own binary. */
export const TOOLS: Readonly<Record<ToolSet, readonly string[]>> = {
  none: [],
  busybox: [...BUSYBOX, 'getent'],
  'busybox-curl': [...BUSYBOX, 'getent', 'curl'],
  debian: DEBIAN,
  'debian-curl': [...DEBIAN, 'curl'],
  all: [...new Set([...BUSYBOX, ...DEBIAN, 'curl', 'dig', 'host', 'netcat', 'egrep'])],
};

/** What we take an image for that we have never heard of. */
export const UNKNOWN_IMAGE: ImageFacts = {
  names: [],
  entrypoint: ['server'],
  cmd: [],
  libc: 'glibc',
  tools: 'all',
  ownBinaries: true,
};

const PLAIN = { cmd: [], libc: 'glibc' as const, tools: 'debian' as const };
const STATIC = { cmd: [], libc: 'glibc' as const, tools: 'none' as const };

export const IMAGES: readonly ImageFacts[] = [
  {
    names: ['nginx', 'nginxinc/nginx-unprivileged', 'bitnami/nginx'],
    entrypoint: ['nginx'],
    cmd: ['-g', 'daemon off;'],
    libc: 'glibc',
    tools: 'debian-curl',
  },
  { ...PLAIN, names: ['httpd'], entrypoint: ['httpd-foreground'] },
  { ...STATIC, names: ['traefik/whoami', 'containous/whoami'], entrypoint: ['/whoami'] },
  { ...STATIC, names: ['hashicorp/http-echo'], entrypoint: ['/http-echo'] },
  {
    names: ['e2e-test-images/agnhost', 'agnhost'],
    entrypoint: ['/agnhost'],
    cmd: ['pause'],
    libc: 'musl',
    tools: 'all',
  },
  { ...STATIC, names: ['pause'], entrypoint: ['/pause'] },
  { ...STATIC, names: ['google-samples/hello-app', 'hello-app'], entrypoint: ['hello-app'] },
  { ...STATIC, names: ['kicbase/echo-server', 'jmalloc/echo-server'], entrypoint: ['echo-server'] },
  {
    ...PLAIN,
    names: ['ealen/echo-server', 'kennethreitz/httpbin', 'kong/httpbin'],
    entrypoint: ['server', '--fixed-port=80'],
    ownBinaries: true,
  },
  {
    ...PLAIN,
    names: ['paulbouwer/hello-kubernetes'],
    entrypoint: ['server', '--fixed-port=8080'],
    ownBinaries: true,
  },
  { ...STATIC, names: ['coredns/coredns', 'coredns'], entrypoint: ['/coredns'] },
  { ...STATIC, names: ['kube-webhook-certgen'], entrypoint: ['/kube-webhook-certgen'] },
  {
    ...STATIC,
    names: ['metallb/controller'],
    entrypoint: ['/metallb-controller'],
    ownBinaries: true,
  },
  {
    ...PLAIN,
    names: ['redis', 'valkey/valkey'],
    entrypoint: ['redis-server'],
    brings: ['redis-cli', 'valkey-cli'],
  },
  {
    ...PLAIN,
    names: ['postgres', 'bitnami/postgresql'],
    entrypoint: ['postgres'],
    brings: ['pg_isready', 'psql'],
  },
  {
    ...PLAIN,
    names: ['mysql', 'mariadb'],
    entrypoint: ['mysqld'],
    brings: ['mysqladmin', 'mysql', 'mariadb-admin', 'mariadb', 'healthcheck.sh'],
  },
  { ...PLAIN, names: ['mongo', 'mongodb'], entrypoint: ['mongod'], brings: ['mongosh', 'mongo'] },
  { names: ['busybox'], entrypoint: [], cmd: ['sh'], libc: 'musl', tools: 'busybox' },
  { names: ['alpine'], entrypoint: [], cmd: ['/bin/sh'], libc: 'musl', tools: 'busybox' },
  { names: ['debian', 'ubuntu'], entrypoint: [], cmd: ['bash'], libc: 'glibc', tools: 'debian' },
  {
    names: ['curlimages/curl', 'curl/curl'],
    entrypoint: ['curl'],
    cmd: [],
    libc: 'musl',
    tools: 'busybox-curl',
  },
  { names: ['nicolaka/netshoot'], entrypoint: [], cmd: ['bash'], libc: 'musl', tools: 'all' },
  {
    names: ['e2e-test-images/jessie-dnsutils', 'jessie-dnsutils', 'dnsutils'],
    entrypoint: ['sleep'],
    cmd: ['infinity'],
    libc: 'glibc',
    tools: 'all',
  },
  {
    names: ['python', 'node', 'openjdk', 'eclipse-temurin', 'ruby', 'php', 'golang'],
    entrypoint: [],
    cmd: ['sh'],
    libc: 'glibc',
    tools: 'debian-curl',
    ownBinaries: true,
  },
];
