/** What the clients of well-known servers take, say and exit with; client-tools.ts runs them. By their manual pages. */
import { MS, SECOND } from '../clock/clock';
import type { Ns } from '../clock/clock';
import type { Naming, ReadTarget, Target } from './client-target';
import { hostPort, targetBy } from './client-target';
import type { Os } from './program';

/** What a tool prints and exits with. */
export interface Said {
  readonly code: number;
  readonly out?: string;
  readonly err?: string;
}

/** Why there is no connection. */
export interface Trouble {
  /** An errno's name, or ENOTFOUND for a name that does not resolve. */
  readonly errno: string;
  /** strerror(3) of it. */
  readonly words: string;
  readonly ip: string;
}

/** One client: where it connects, and what it makes of what happens there. */
export interface ClientTool {
  /** How long it waits for a connection. */
  readonly limitNs: Ns;
  /** From its arguments, or a complaint. */
  target(args: readonly string[], env: Readonly<Record<string, string>>): Target | string;
  /** What it sends first, for servers whose answer we know. */
  says?(target: Target): string;
  /**
   * The connection was taken. `reply` is what came to `says`, null when the server closed before, or nothing was asked;
   * `tookNs` is the time since the program began.
   */
  up(target: Target, reply: string | null, os: Os, tookNs: Ns): Said;
  down(target: Target, trouble: Trouble): Said;
}

const POSTGRES: Naming = {
  port: 5432,
  hostFlags: 'h host',
  portFlags: 'p port',
  valued: 'U username d dbname c command f file v set',
  hostEnv: 'PGHOST',
  portEnv: 'PGPORT',
};

/** libpq takes a connection string where others take a database's name. */
function postgresTarget(valued: string): ReadTarget {
  const read = targetBy({ ...POSTGRES, valued: `${POSTGRES.valued} ${valued}` });
  return (args, env) => {
    const target = read(args, env);
    const text = target.options.d ?? target.options.dbname ?? '';
    const from = text.includes('://') ? hostPort(text) : null;
    const seconds = Number(target.options.t ?? target.options.timeout);
    const limit = seconds > 0 ? { limitNs: seconds * SECOND } : {};
    if (from === null || from.host === '') return { ...target, ...limit };
    return { ...target, host: from.host, port: from.port ?? target.port, isLocal: false, ...limit };
  };
}

const PG_SOCKET = '/var/run/postgresql';
const MYSQL_SOCKET = '/var/run/mysqld/mysqld.sock';

const pgIsready: ClientTool = {
  limitNs: 3 * SECOND,
  target: postgresTarget('t timeout'),
  up: (target) => pgSays(target, 'accepting connections', 0),
  down: (target) => pgSays(target, 'no response', 2),
};

function pgSays({ host, port, isLocal, options }: Target, what: string, code: number): Said {
  const quiet = 'q' in options || 'quiet' in options;
  return quiet ? { code } : { code, out: `${isLocal ? PG_SOCKET : host}:${port} - ${what}` };
}

const psql: ClientTool = {
  limitNs: 130 * SECOND,
  target: postgresTarget('P pset F R T'),
  up: ({ options }) => {
    const query = options.c ?? options.command ?? '';
    if (!/^\s*select\s+1\s*;?\s*$/i.test(query)) return { code: 0 };
    const plain = 't' in options || 'tuples-only' in options;
    return { code: 0, out: plain ? '1' : ' ?column? \n----------\n        1\n(1 row)\n' };
  },
  down: ({ host, port, isLocal }, { errno, words, ip }) => {
    if (errno === 'ENOTFOUND')
      return { code: 2, err: `psql: error: could not translate host name "${host}" to address: ${words}` };
    const where = isLocal
      ? `on socket "${PG_SOCKET}/.s.PGSQL.${port}" failed: No such file or directory`
      : `to server at "${host}"${host === ip ? '' : ` (${ip})`}, port ${port} failed: ${words}`;
    const asks = isLocal
      ? 'locally and accepting connections on that socket'
      : 'on that host and accepting TCP/IP connections';
    return { code: 2, err: `psql: error: connection ${where}\n\tIs the server running ${asks}?` };
  },
};

const redisCli: ClientTool = {
  limitNs: 130 * SECOND,
  target: targetBy({
    port: 6379,
    hostFlags: 'h u',
    portFlags: 'p',
    valued: 'a n r i t user pass sni cacert cert key cacertdir s',
  }),
  says: ({ words }) => `${(words.length === 0 ? ['PING'] : words).join(' ')}\r\n`,
  up: ({ options }, reply) => {
    if (reply === null) return { code: 1, err: 'Error: Server closed the connection' };
    const text = reply.trim();
    const isError = text.startsWith('-');
    return {
      code: isError && 'e' in options ? 1 : 0,
      out: text.replace(/^[-+:]/, '').replace(/^\$\d+\r\n/, ''),
    };
  },
  down: ({ host, port }, { words }) => ({
    code: 1,
    err: `Could not connect to Redis at ${host}:${port}: ${words}`,
  }),
};

const MYSQL: Naming = {
  port: 3306,
  hostFlags: 'h host',
  portFlags: 'P port',
  valued: 'u user e execute D database S socket protocol connect-timeout connect_timeout defaults-extra-file',
};

/** For MySQL's clients "localhost" is the Unix socket, too. */
const mysqlTarget: ReadTarget = (args, env) => {
  const target = targetBy(MYSQL)(args, env);
  const isLocal = target.isLocal || target.host === 'localhost';
  return { ...target, host: isLocal ? '127.0.0.1' : target.host, isLocal };
};

/** Number and text of the client library's errors 2002, 2003 and 2005. */
function mysqlError({ host, port, isLocal }: Target, { errno }: Trouble): [number, string] {
  if (errno === 'ENOTFOUND') return [2005, `Unknown MySQL server host '${host}' (-2)`];
  if (isLocal) return [2002, `Can't connect to local MySQL server through socket '${MYSQL_SOCKET}' (2)`];
  const code = ({ ECONNREFUSED: 111, ETIMEDOUT: 110, EHOSTUNREACH: 113 } as Record<string, number>)[errno];
  return [2003, `Can't connect to MySQL server on '${host}:${port}' (${code ?? 101})`];
}

const mysqladmin: ClientTool = {
  limitNs: 10 * SECOND,
  target: mysqlTarget,
  up: ({ words }) => ({ code: 0, ...(words.includes('ping') ? { out: 'mysqld is alive' } : {}) }),
  down: (target, trouble) => {
    const host = target.isLocal ? 'localhost' : target.host;
    const text = mysqlError(target, trouble)[1];
    const check = target.isLocal
      ? `Check that mysqld is running and that the socket: '${MYSQL_SOCKET}' exists!`
      : `Check that mysqld is running on ${host} and that the port is ${target.port}.\nYou can check this by doing 'telnet ${host} ${target.port}'`;
    return { code: 1, err: `mysqladmin: connect to server at '${host}' failed\nerror: '${text}'\n${check}` };
  },
};

const mysql: ClientTool = {
  limitNs: 10 * SECOND,
  target: mysqlTarget,
  up: ({ options }) => {
    const query = options.e ?? options.execute ?? '';
    return /^\s*select\s+1\s*;?\s*$/i.test(query) ? { code: 0, out: '1\n1' } : { code: 0 };
  },
  down: (target, trouble) => {
    const [number, text] = mysqlError(target, trouble);
    return { code: 1, err: `ERROR ${number} (HY000): ${text}` };
  },
};

/** The check that MariaDB's image brings: silent, it only exits. */
const mariadbCheck: ClientTool = {
  limitNs: 10 * SECOND,
  target: mysqlTarget,
  up: () => ({ code: 0 }),
  down: () => ({ code: 1 }),
};

function mongo(answer: string): ClientTool {
  return {
    limitNs: 30 * SECOND,
    target: (args, env) => {
      const naming = {
        port: 27017,
        hostFlags: 'host',
        portFlags: 'port',
        valued: 'eval u p username password f',
      };
      const target = targetBy(naming)(args, env);
      const address = hostPort(target.words.find((word) => /:\d+/.test(word)) ?? '');
      if (!target.isLocal || address === null || address.host === '') return target;
      return { ...target, host: address.host, port: address.port ?? target.port, isLocal: false };
    },
    up: ({ options }) => {
      const script = options.eval ?? '';
      if (/\.ok\b/.test(script)) return { code: 0, out: '1' };
      return /ping/.test(script) ? { code: 0, out: answer } : { code: 0 };
    },
    down: ({ host, port }, { errno }) => {
      const what =
        errno === 'ENOTFOUND' ? `getaddrinfo ENOTFOUND ${host}` : `connect ${errno} ${host}:${port}`;
      return { code: 1, err: `MongoNetworkError: ${what}` };
    },
  };
}

const rabbit: ClientTool = {
  limitNs: 60 * SECOND,
  target: targetBy({ port: 5672, valued: 'n node t timeout' }),
  up: ({ words, options }, _reply, os) => {
    const node = `rabbit@${os.process.container?.hostname ?? os.process.machine}`;
    if ('q' in options || 'quiet' in options || 's' in options) return { code: 0 };
    if (words[0] !== 'ping') return { code: 0, out: `Status of node ${node} ...` };
    const intro = `Will ping ${node}. This only checks if the OS process is running and registered with epmd. Timeout: 60000 ms.`;
    return { code: 0, out: `${intro}\nPing succeeded` };
  },
  down: () => ({
    code: 69,
    err: "Error: unable to perform an operation on node 'rabbit'. Please see diagnostics information and suggestions below.",
  }),
};

const grpcHealthProbe: ClientTool = {
  limitNs: SECOND,
  target: (args, env) => {
    const target = targetBy({
      port: 0,
      hostFlags: 'addr',
      valued: 'service connect-timeout rpc-timeout user-agent',
    })(args, env);
    if (!target.options.addr) return 'error: -addr not specified';
    const limit = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(target.options['connect-timeout'] ?? '');
    const unit = { ms: SECOND / 1000, s: SECOND, m: 60 * SECOND }[limit?.[2] ?? 's'] ?? SECOND;
    return limit === null ? target : { ...target, limitNs: Number(limit[1]) * unit };
  },
  up: () => ({ code: 0, err: 'status: SERVING' }),
  down: ({ options }) => ({
    code: 2,
    err: `timeout: failed to connect service "${options.addr}" within ${options['connect-timeout'] ?? '1s'}`,
  }),
};

/** Not simulated: Cassandra's ring; `nodetool status` knows this node alone and, as the real one then says, "?" of its load. */
const nodetool: ClientTool = {
  limitNs: 10 * SECOND,
  target: targetBy({ port: 9042 }),
  up: ({ words }, _reply, os) => {
    if (words[0] !== 'status') return { code: 0 };
    const ip = os.process.container?.podIPs[0] ?? '127.0.0.1';
    const head =
      'Datacenter: datacenter1\n=======================\nStatus=Up/Down\n|/ State=Normal/Leaving/Joining/Moving';
    return {
      code: 0,
      out: `${head}\n--  Address  Load  Tokens  Owns  Host ID  Rack\nUN  ${ip}  ?  16  ?  -  rack1`,
    };
  },
  down: () => ({
    code: 1,
    err: "nodetool: Failed to connect to '127.0.0.1:7199' - ConnectException: 'Connection refused (Connection refused)'.",
  }),
};

const cqlsh: ClientTool = {
  limitNs: 5 * SECOND,
  target: (args, env) => {
    const target = targetBy({ port: 9042, valued: 'e u p execute username password f file' })(args, env);
    const [host, port] = target.words;
    if (host === undefined) return target;
    return { ...target, host, port: Number(port) || target.port, isLocal: false };
  },
  up: () => ({ code: 0 }),
  down: ({ host, port }, { words }) => ({
    code: 1,
    err: `Connection error: ('Unable to connect to any servers', {'${host}:${port}': ${words}})`,
  }),
};

const etcdctl: ClientTool = {
  limitNs: 5 * SECOND,
  target: targetBy({
    port: 2379,
    hostFlags: 'endpoints',
    valued: 'cacert cert key w write-out',
    hostEnv: 'ETCDCTL_ENDPOINTS',
  }),
  up: ({ host, port, words }, _reply, _os, tookNs) => {
    if (words[0] !== 'endpoint') return { code: 0 };
    const took = `${Number((tookNs / MS).toFixed(6))}ms`;
    return { code: 0, out: `${host}:${port} is healthy: successfully committed proposal: took = ${took}` };
  },
  down: ({ host, port }) => ({
    code: 1,
    err: `${host}:${port} is unhealthy: failed to commit proposal: context deadline exceeded\nError: unhealthy cluster`,
  }),
};

const TOOLS: Readonly<Record<string, ClientTool>> = {
  'redis-cli': redisCli,
  'valkey-cli': redisCli,
  pg_isready: pgIsready,
  psql,
  mysqladmin,
  'mariadb-admin': mysqladmin,
  mysql,
  mariadb: mysql,
  'healthcheck.sh': mariadbCheck,
  mongosh: mongo('{ ok: 1 }'),
  mongo: mongo('{ "ok" : 1 }'),
  'rabbitmq-diagnostics': rabbit,
  rabbitmqctl: rabbit,
  grpc_health_probe: grpcHealthProbe,
  'grpc-health-probe': grpcHealthProbe,
  nodetool,
  cqlsh,
  etcdctl,
};

/** The client that a command line is for; only for commands of client-names.ts. */
export function clientOf(args: readonly string[]): ClientTool {
  return TOOLS[args[0]?.split('/').pop() ?? '']!;
}
