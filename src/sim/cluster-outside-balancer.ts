/**
 * The cloud's balancer: one machine on the nodes' network that carries out what is in the cloud's books. It asks the nodes
 * for their health and programs its own kernel; packets then find their way by routes and rules alone.
 *
 * VIP mode is a passthrough balancer: a route with one next hop for each healthy node, and the nodes answer clients
 * directly. Proxy mode rewrites the destination to a node port and the source to its own address. A node leaves the spread
 * after three failed checks in a row and is back after one that succeeds; without a healthy node nothing gets through.
 */
import { canonicalJson } from '../lib/plain';
import type { Plain } from '../lib/plain';
import { SECOND, MS, type Clock, type Ns, type TimerEvent, type TimerHandler } from './clock/clock';
import { forwardRules, natRules, routesFor, type BalancerRule } from './cluster-outside-spread';
import type { CloudApi } from './controllers/load-balancer/cloud-api';
import { parseCommand } from './kernel/iptables/parse';
import type { Rule, TableName } from './kernel/iptables/rules';
import type { Machine } from './kernel/machine';
import type { SocketEvent } from './kernel/machine-api';
import { netfilterState } from './kernel/netfilter/state';
import { NodeClient, type NodeClientKeyframe, type Outcome } from './node/kubelet/node-client';
import type { Trace } from './trace/trace';

/** Timer address of the balancer's agent. */
export const BALANCER_ADDRESS = 'cloud/balancer';
const CHECK_EVERY: Ns = 5 * SECOND;
const CHECK_TIMEOUT: Ns = 3 * SECOND;
const FAILURES = 3;
/** From the books to the machine. */
const ORDER_LAG: Ns = 100 * MS;

/** What is known of one port of one node. */
export interface HealthCheck {
  readonly node: string;
  readonly ip: string;
  readonly port: number;
  readonly healthy: boolean;
  readonly failures: number;
  /** When the last answer came, and what it was; null before the first. */
  readonly lastNs: Ns | null;
  readonly last: string;
  readonly timer: number;
}

export interface BalancerKeyframe {
  readonly checks: ReadonlyMap<string, HealthCheck>;
  readonly routes: ReadonlyMap<string, string>;
  readonly rules: ReadonlyMap<string, string>;
  readonly ordered: boolean;
  readonly client: NodeClientKeyframe;
}

export class Balancer implements TimerHandler {
  private checks: ReadonlyMap<string, HealthCheck> = new Map();
  /** What is in the kernel: routes by prefix, rules by table, each as text. */
  private routes: ReadonlyMap<string, string> = new Map();
  private rules: ReadonlyMap<string, string> = new Map();
  private ordered = false;
  private readonly client: NodeClient;

  constructor(
    private readonly clock: Clock,
    private readonly machine: Machine,
    private readonly device: string,
    private readonly cloud: CloudApi,
    trace: Trace,
  ) {
    const from = `Outside//${machine.name}`;
    const done = (tag: Plain, outcome: Outcome) => this.answered(String(tag), outcome);
    this.client = new NodeClient(clock, machine, BALANCER_ADDRESS, from, done, trace);
    cloud.onChange = () => this.orderCame();
  }

  /** True while an order is not carried out, or it is not decided whether a node is healthy. */
  get busy(): boolean {
    const undecided = ({ healthy, failures }: HealthCheck): boolean =>
      healthy ? failures > 0 : failures < FAILURES;
    return this.ordered || [...this.checks.values()].some(undecided);
  }

  get health(): readonly HealthCheck[] {
    return [...this.checks.values()];
  }

  handle(event: TimerEvent): void {
    switch (event.type) {
      case 'orders':
        this.ordered = false;
        return this.carryOut();
      case 'check':
        return this.check(String(event.key));
      case 'socket':
        return this.client.onSocket(Number(event.key), event.event as SocketEvent);
      case 'ask-timeout':
        return this.client.onTimeout(Number(event.id));
      default:
        throw new Error(`${BALANCER_ADDRESS} knows no timer ${event.type}`);
    }
  }

  keyframe(): BalancerKeyframe {
    const { checks, routes, rules, ordered } = this;
    return { checks, routes, rules, ordered, client: this.client.keyframe() };
  }

  restore(from: BalancerKeyframe): void {
    this.checks = from.checks;
    this.routes = from.routes;
    this.rules = from.rules;
    this.ordered = from.ordered;
    this.client.restore(from.client);
  }

  private orderCame(): void {
    if (this.ordered) return;
    this.ordered = true;
    this.clock.schedule(ORDER_LAG, BALANCER_ADDRESS, { type: 'orders' });
  }

  private carryOut(): void {
    const wanted = new Map<string, { node: string; ip: string; port: number }>();
    for (const { targets, healthPort: port } of this.cloud.balancers)
      for (const { name: node, ip } of targets) wanted.set(hostPort(ip, port), { node, ip, port });
    for (const [key, { timer }] of this.checks) if (!wanted.has(key)) this.clock.cancel(timer);
    const fresh = { healthy: false, failures: 0, lastNs: null, last: 'not asked yet', timer: 0 };
    const added = [...wanted.keys()].filter((key) => !this.checks.has(key));
    this.checks = new Map(
      [...wanted].map(([key, one]) => [key, this.checks.get(key) ?? { ...one, ...fresh }]),
    );
    for (const key of added) this.check(key);
    this.program();
  }

  private check(key: string): void {
    const known = this.checks.get(key);
    if (known === undefined) return;
    const timer = this.clock.schedule(CHECK_EVERY, BALANCER_ADDRESS, { type: 'check', key });
    this.change(key, { ...known, timer });
    const { ip, port } = known;
    const what = `health check http://${key}/healthz`;
    const http = { path: '/healthz', scheme: 'HTTP', headers: { 'User-Agent': 'cloud-health-check' } };
    this.client.start({ kind: 'http', ip, port, ...http, timeoutNs: CHECK_TIMEOUT, what, tag: key });
  }

  private answered(key: string, { ok, message }: Outcome): void {
    const known = this.checks.get(key);
    if (known === undefined) return;
    const failures = ok ? 0 : known.failures + 1;
    const healthy = ok || (known.healthy && failures < FAILURES);
    const last = ok ? '200 OK' : message;
    this.change(key, { ...known, healthy, failures, last, lastNs: this.clock.nowNs });
    if (healthy !== known.healthy) this.program();
  }

  private change(key: string, check: HealthCheck): void {
    this.checks = new Map(this.checks).set(key, check);
  }

  private program(): void {
    const spreads = this.cloud.balancers.map((balancer) => {
      const up = balancer.targets.filter(
        ({ ip }) => this.checks.get(hostPort(ip, balancer.healthPort))?.healthy,
      );
      return { balancer, targets: up };
    });
    const routes = spreads.map((spread) => routesFor(spread, this.device));
    for (const prefix of this.routes.keys())
      if (!routes.some((route) => route.prefix === prefix)) this.machine.deleteRoute('host', prefix);
    for (const route of routes)
      if (this.routes.get(route.prefix) !== canonicalJson(route)) this.machine.addRoute('host', route);
    this.routes = new Map(routes.map((route) => [route.prefix, canonicalJson(route)]));
    for (const family of [4, 6] as const) {
      const own = spreads.filter(({ balancer }) => balancer.family === `IPv${family}`);
      this.write('nat', family, natRules(own, this.device));
      this.write('filter', family, forwardRules(own));
    }
  }

  private write(table: TableName, family: 4 | 6, lines: readonly BalancerRule[]): void {
    const text = lines.map(({ line, ref }) => `${line} ${ref}`).join('\n');
    if ((this.rules.get(`${family}/${table}`) ?? '') === text) return;
    this.rules = new Map(this.rules).set(`${family}/${table}`, text);
    const chains = new Map<string, Rule[]>();
    for (const { line, ref } of lines) {
      const command = parseCommand(line);
      if (command.op !== 'append') continue;
      const rule = { ...command.rule, origin: { ref, path: 'spec.ports' } };
      chains.set(command.chain, [...(chains.get(command.chain) ?? []), rule]);
    }
    const inputs = [...chains].map(([name, rules]) => ({ name, rules }));
    netfilterState(this.machine.netfilter('host')).rules.restore(table, inputs, { family });
  }
}

function hostPort(ip: string, port: number): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}
