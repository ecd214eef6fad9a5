/**
 * Who administers the router: static routes towards the cloud's balancer, and towards external IPs where the user wants
 * that. Routes that speakers announce by BGP come from cluster-outside-bgp.ts.
 */
import { canonicalJson } from '../lib/plain';
import { canonicalPrefix, ipFamily } from '../lib/ip';
import type { Component } from './api/watch';
import { refOf } from './api/object';
import type { Store } from './api/store';
import { balancerOf } from './cluster-outside-machines';
import type { ClusterSettings } from './cluster-settings';
import type { ClusterSpec } from './cluster-spec';
import { CLOUD_RANGES, nodeAddress } from './controllers/load-balancer/addresses';
import type { Machine } from './kernel/machine';
import type { Route } from './kernel/machine-api';
import { NIC } from './node/host';

/** Timer address of the administrator; "settings-changed" sent here makes them look again. */
export const ROUTER_ADDRESS = 'outside/router';

export class RouterAdministrator implements Component {
  readonly name = ROUTER_ADDRESS;
  readonly watches = ['Service', 'Node'];
  /** Routes in the kernel that are from here, by prefix. */
  private routes: ReadonlyMap<string, string> = new Map();

  constructor(
    private readonly store: Store,
    private readonly router: Machine,
    private readonly spec: ClusterSpec,
    private readonly settings: () => ClusterSettings,
  ) {}

  keysFor(): readonly string[] {
    return ['routes'];
  }

  reconcile(): void {
    this.program();
  }

  onTimer(event: { readonly type: string }): void {
    if (event.type === 'settings-changed') this.program();
  }

  keyframe(): unknown {
    return this.routes;
  }

  restore(from: unknown): void {
    this.routes = from as ReadonlyMap<string, string>;
  }

  private program(): void {
    const wanted = new Map(this.wanted().map((route) => [route.prefix, route]));
    for (const prefix of this.routes.keys()) if (!wanted.has(prefix)) this.router.deleteRoute('host', prefix);
    for (const [prefix, route] of wanted)
      if (this.routes.get(prefix) !== canonicalJson(route)) this.router.addRoute('host', route);
    this.routes = new Map([...wanted].map(([prefix, route]) => [prefix, canonicalJson(route)]));
  }

  private wanted(): Route[] {
    const { loadBalancer, routeExternalIps } = this.settings();
    const routes: Route[] = [];
    if (loadBalancer === 'cloud')
      for (const cidr of this.spec.underlayCidrs)
        routes.push({
          prefix: CLOUD_RANGES[cidr.includes(':') ? 'IPv6' : 'IPv4'],
          via: balancerOf(cidr),
          device: NIC,
          proto: 'static',
        });
    return routeExternalIps ? [...routes, ...this.externalRoutes()] : routes;
  }

  /** Each external IP over all nodes: any of them knows what to do with it. */
  private externalRoutes(): Route[] {
    const nodes = this.store.list('Node');
    return this.store.list('Service').flatMap((service) =>
      (service.spec.externalIPs ?? []).flatMap((ip) => {
        const family = ipFamily(ip) === 6 ? 'IPv6' : 'IPv4';
        const nexthops = nodes
          .flatMap((node) => nodeAddress(node, family) ?? [])
          .map((via) => ({ via, device: NIC, weight: 1 }));
        if (nexthops.length === 0) return [];
        const origin = { ref: refOf(service), path: 'spec.externalIPs' };
        return [{ prefix: canonicalPrefix(ip), device: NIC, proto: 'static' as const, nexthops, origin }];
      }),
    );
  }
}
