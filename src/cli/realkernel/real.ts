/**
 * The lab on the kernel of this machine: one network namespace a host, wired by veth pairs, with nothing that leads out.
 * Namespaces carry a prefix of their own and are deleted by `close`.
 */
import { execFile, execFileSync, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import {
  CLIENTS_OUTSIDE,
  HOSTS,
  ROUTED_TO_N1,
  TCP_PORTS,
  UDP_PORTS,
  type LabHost,
  type Question,
} from './lab';

/** First try, and the patient one that a silent first try is followed by. */
const TIMEOUT_MS = 400;
const PATIENT_MS = 3_000;

interface Agent {
  readonly process: ChildProcessWithoutNullStreams;
  readonly waiting: Map<number, (outcome: string) => void>;
}

function sh(script: string, input = ''): string {
  return execFileSync('sh', ['-ec', script], { input, stdio: ['pipe', 'pipe', 'pipe'] }).toString();
}

/** Null when the script works in a network namespace of its own, else the last line it complained with. */
function complaint(script: string): string | null {
  try {
    execFileSync('unshare', ['-n', 'sh', '-ec', script], { stdio: ['ignore', 'ignore', 'pipe'] });
    return null;
  } catch (error) {
    const said = String((error as { stderr?: Buffer }).stderr ?? error).trim();
    return said.split('\n')[0] ?? 'failed';
  }
}

/** Why a real lab with these rules cannot be had here; null when it can. */
export function whyNot(mode: 'iptables' | 'nftables'): string | null {
  if (process.platform !== 'linux') return 'not Linux';
  if (process.getuid?.() !== 0) return 'not root';
  const missing = complaint('ip link add v0 type veth peer name v1; ip link add br0 type bridge');
  if (missing !== null) return `no network namespaces with veth and bridge (${missing})`;
  const dice =
    '-m statistic --mode random --probability 0.5 -m conntrack --ctstate NEW -m addrtype --dst-type LOCAL';
  const tool =
    mode === 'iptables'
      ? complaint(
          `iptables-restore --version; iptables -t nat -A OUTPUT -m comment --comment x ${dice} -j MARK --set-xmark 1/1`,
        )
      : complaint(
          'nft add table ip x; nft add chain ip x y; nft add rule ip x y numgen random mod 2 vmap { 0 : drop }; nft add rule ip x y fib daddr type local reject',
        );
  return tool === null ? null : `${mode} rules cannot be set (${tool})`;
}

/** Why affinity cannot be tried in iptables mode; null when it can. */
export function whyNoAffinity(): string | null {
  return complaint('iptables -t nat -A OUTPUT -m recent --name x --rcheck --seconds 10 --reap -j RETURN');
}

/** Why no ping can be sent; null when one can. */
export function whyNoPing(): string | null {
  return complaint('python3 -c "import socket; socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)"');
}

export class RealLab {
  private readonly prefix = `hopyard-${process.pid}-${Math.floor(performance.now())}`;
  private readonly agents = new Map<string, Agent>();
  private lastId = 0;
  private readonly atExit = () => this.close();

  /** Builds the namespaces and sets the rules of n1. */
  constructor(
    mode: 'iptables' | 'nftables',
    rules: readonly string[],
    private readonly sysctls: Readonly<Record<string, number>>,
  ) {
    process.once('exit', this.atExit);
    try {
      sh(this.script());
      const load = mode === 'iptables' ? 'iptables-restore' : 'nft -f -';
      sh(`ip netns exec ${this.netns('n1')} ${load}`, `${rules.join('\n')}\n`);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  async start(): Promise<void> {
    await Promise.all(HOSTS.map((host) => this.startAgent(host)));
  }

  /** One try; "timeout" may also mean that this machine is slow. */
  ask(question: Question): Promise<string> {
    return this.send(question, TIMEOUT_MS);
  }

  askPatiently(question: Question): Promise<string> {
    return this.send(question, PATIENT_MS);
  }

  /** Sends one ICMP echo request by a raw socket and says what came back. */
  ping(client: string, ip: string): Promise<string> {
    const args = ['netns', 'exec', this.netns(client), 'python3', '-c', PING, ip];
    return new Promise((resolve, reject) => {
      execFile('ip', args, (error, out) => (error ? reject(error) : resolve(out.trim())));
    });
  }

  /** Ends the programs and deletes the namespaces; what is in them goes with them. */
  close(): void {
    process.off('exit', this.atExit);
    for (const { process: agent } of this.agents.values()) agent.kill('SIGKILL');
    this.agents.clear();
    const names = ['switch', ...HOSTS.map((host) => host.name)];
    // One that was never made is no trouble.
    sh(names.map((name) => `ip netns del ${this.netns(name)} 2>/dev/null || true`).join('\n'));
  }

  private netns(name: string): string {
    return `${this.prefix}-${name}`;
  }

  /** One run of `ip` for the devices, routes and addresses of each namespace, in an order in which they can be made. */
  private script(): string {
    const names = ['switch', ...HOSTS.map((host) => host.name)];
    const batches = new Map(names.map((name) => [name, ['link set lo up']]));
    const ip = (name: string, what: string) => void batches.get(name)!.push(what);
    ip('switch', 'link add br0 type bridge');
    ip('switch', 'link set br0 up');
    for (const { name, ip: address } of HOSTS.filter((host) => host.node === undefined)) {
      ip('switch', `link add p-${name} type veth peer name eth0 netns ${this.netns(name)}`);
      ip('switch', `link set p-${name} master br0 up`);
      ip(name, 'link set eth0 up');
      ip(name, `addr add ${address}/24 dev eth0`);
    }
    for (const host of HOSTS) if (host.node !== undefined) this.addPod(host, host.node, ip);
    for (const address of CLIENTS_OUTSIDE) ip('out', `addr add ${address}/32 dev eth0`);
    for (const name of ['n1', 'n2']) ip(name, 'route add default via 192.168.0.1');
    for (const name of ['n1', 'out']) ip(name, 'route add 10.244.2.0/24 via 192.168.0.12');
    for (const name of ['n2', 'out'])
      for (const prefix of ROUTED_TO_N1) ip(name, `route add ${prefix} via 192.168.0.11`);
    const made = names.map((name) => `ip netns add ${this.netns(name)}`);
    // Settings of devices to come are taken from "default", so they are made first.
    const set = names.map((name) => `ip netns exec ${this.netns(name)} sysctl -qw ${this.settings(name)}`);
    const run = [...batches].map(
      ([name, lines]) => `ip -n ${this.netns(name)} -batch - <<'END'\n${lines.join('\n')}\nEND`,
    );
    return [...made, ...set, ...run].join('\n');
  }

  private settings(name: string): string {
    const settings: Record<string, number> = {
      'net.ipv4.conf.all.rp_filter': 0,
      'net.ipv4.conf.default.rp_filter': 0,
      'net.ipv4.conf.all.send_redirects': 0,
      'net.ipv4.conf.default.send_redirects': 0,
      'net.ipv4.ip_forward': name === 'n1' || name === 'n2' ? 1 : 0,
      // Errors are answers here, and their usual pace would turn some of them into silence.
      'net.ipv4.icmp_ratelimit': 0,
      ...(name === 'n1' ? this.sysctls : {}),
    };
    return Object.entries(settings)
      .map(([setting, value]) => `${setting}=${value}`)
      .join(' ');
  }

  private addPod(host: LabHost, node: string, ip: (name: string, what: string) => void): void {
    const { name } = host;
    const gateway = `10.244.${node.slice(1)}.1`;
    ip(node, `link add veth-${name} type veth peer name eth0 netns ${this.netns(name)}`);
    ip(node, `addr add ${gateway}/32 dev veth-${name}`);
    ip(node, `link set veth-${name} up`);
    ip(node, `route add ${host.ip}/32 dev veth-${name}`);
    ip(name, `addr add ${host.ip}/32 dev eth0`);
    ip(name, 'link set eth0 up');
    ip(name, `route add ${gateway}/32 dev eth0`);
    ip(name, `route add default via ${gateway}`);
  }

  private startAgent({ name }: LabHost): Promise<void> {
    const file = join(import.meta.dirname, 'agent.mjs');
    const args = ['netns', 'exec', this.netns(name), process.execPath, file, name];
    const child = spawn('ip', [...args, TCP_PORTS.join(','), UDP_PORTS.join(',')]);
    const agent: Agent = { process: child, waiting: new Map() };
    this.agents.set(name, agent);
    let complaints = '';
    child.stderr.on('data', (text) => (complaints += String(text)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { id, outcome } = JSON.parse(line) as { id: number; outcome: string };
      agent.waiting.get(id)?.(outcome);
      agent.waiting.delete(id);
    });
    return new Promise((resolve, reject) => {
      agent.waiting.set(0, () => resolve());
      child.on('exit', () => reject(new Error(`the program in ${name} has ended: ${complaints}`)));
    });
  }

  private send({ client, target }: Question, timeoutMs: number): Promise<string> {
    const agent = this.agents.get(client.host)!;
    const id = ++this.lastId;
    const { protocol, ip, port } = target;
    return new Promise((resolve) => {
      agent.waiting.set(id, resolve);
      const question = { id, protocol, ip, port, source: client.source, timeoutMs };
      agent.process.stdin.write(`${JSON.stringify(question)}\n`);
    });
  }
}

const PING = `
import errno, select, socket, struct, sys
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
def checksum(b):
    t = sum(struct.unpack('!%dH' % (len(b) // 2), b))
    t = (t >> 16) + (t & 0xffff)
    return ~(t + (t >> 16)) & 0xffff
head = struct.pack('!BBHHH', 8, 0, 0, 77, 1)
try:
    s.sendto(struct.pack('!BBHHH', 8, 0, checksum(head), 77, 1), (sys.argv[1], 0))
except OSError as error:
    print(errno.errorcode[error.errno])
    sys.exit()
names = {0: 'echo-reply', (3, 3): 'refused', (3, 1): 'EHOSTUNREACH', (3, 0): 'ENETUNREACH', 11: 'time-exceeded'}
while True:
    if not select.select([s], [], [], 0.6)[0]:
        print('timeout')
        break
    p = s.recv(2000)[20:]
    if p[0] in (0, 3, 11):
        print(names.get(p[0]) or names.get((p[0], p[1])) or p[:2])
        break
`;
