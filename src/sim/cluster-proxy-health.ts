/**
 * The HTTP servers inside kube-proxy: its own health on port 10256, and for each LoadBalancer Service with Local policy its
 * health check node port. They are sockets of the node's own network, so that what a balancer asks travels as packets.
 * Upstream: pkg/proxy/healthcheck/service_health.go and proxy_health.go.
 */
import type { TimerEvent, TimerHandler } from './clock/clock';
import { toRfc3339 } from './api/time';
import type { Machine } from './kernel/machine';
import type { SocketEvent } from './kernel/machine-api';
import type { NodeProxy } from './cluster-mode';
import { header, httpFromPayload, httpPayload, response } from './programs/http-message';

const PROXY_PORT = 10_256;
const JSON_TYPE = { 'Content-Type': 'application/json', 'X-Content-Type-Options': 'nosniff' };

export interface ProxyHealthKeyframe {
  readonly listeners: ReadonlyMap<number, number>;
  readonly connections: ReadonlyMap<number, number>;
}

export class ProxyHealth implements TimerHandler {
  readonly address: string;
  /** Socket by port. */
  private readonly listeners = new Map<number, number>();
  /** Port by connection. */
  private readonly connections = new Map<number, number>();

  constructor(
    private readonly node: { readonly machine: Machine; readonly proxy: Pick<NodeProxy, 'healthChecks'> },
  ) {
    this.address = `kube-proxy-health/${node.machine.name}`;
  }

  /** Listens on the ports that there are now; after each sync, and after the node came back. */
  update(): void {
    const { machine, proxy } = this.node;
    const wanted = new Set([PROXY_PORT, ...proxy.healthChecks().keys()]);
    for (const [port, socket] of [...this.listeners]) {
      if (wanted.has(port)) continue;
      machine.close(socket);
      this.listeners.delete(port);
    }
    for (const port of wanted) {
      if (this.listeners.has(port)) continue;
      const socket = machine.listen('host', 'tcp', '0.0.0.0', port, { to: this.address, key: port });
      if (typeof socket === 'number') this.listeners.set(port, socket);
    }
  }

  /** The machine has lost power, and its sockets with it. */
  forget(): void {
    this.listeners.clear();
    this.connections.clear();
  }

  handle(event: TimerEvent): void {
    const socket = event.event as SocketEvent;
    if (socket.kind === 'accepted') this.connections.set(socket.socket, Number(event.key));
    else if (socket.kind === 'data') this.answer(socket);
    else if (socket.kind === 'closed' || socket.kind === 'error') {
      if (socket.kind === 'closed') this.node.machine.close(socket.socket);
      this.connections.delete(socket.socket);
    }
  }

  keyframe(): ProxyHealthKeyframe {
    return { listeners: new Map(this.listeners), connections: new Map(this.connections) };
  }

  restore(from: ProxyHealthKeyframe): void {
    this.forget();
    for (const [port, socket] of from.listeners) this.listeners.set(port, socket);
    for (const [socket, port] of from.connections) this.connections.set(socket, port);
  }

  private answer(event: SocketEvent & { kind: 'data' }): void {
    const { machine } = this.node;
    const port = this.connections.get(event.socket);
    const request = httpFromPayload(event.payload);
    if (port === undefined || request?.kind !== 'request') return;
    machine.send(event.socket, httpPayload(this.respond(port, request.path)));
    if (header(request.headers, 'Connection')?.toLowerCase() !== 'close') return;
    machine.close(event.socket);
    this.connections.delete(event.socket);
  }

  private respond(port: number, path: string) {
    const { proxy, machine } = this.node;
    if (port === PROXY_PORT) {
      if (path !== '/healthz' && path !== '/livez') return response(404, '404 page not found\n');
      const now = toRfc3339(machine.nowNs);
      return response(
        200,
        `{"lastUpdated": "${now}","currentTime": "${now}","nodeEligible": true}`,
        JSON_TYPE,
      );
    }
    const answer = proxy.healthChecks().get(port);
    if (answer === undefined) return response(404, '404 page not found\n');
    const weight = { 'X-Load-Balancing-Endpoint-Weight': String(answer.weight) };
    return response(answer.status, JSON.stringify(answer.body), { ...JSON_TYPE, ...weight });
  }
}
