/**
 * The service controller of a cloud-controller-manager: orders a balancer for each Service of type LoadBalancer, writes its
 * address into the status, and cancels it through a finalizer (k8s.io/cloud-provider controllers/service/controller.go,
 * KEP-980). Which nodes are behind it does not depend on their readiness (KEP-3458): the balancer's health checks see to that.
 *
 * Not simulated: quotas and failures of the cloud.
 */
import { sha256Hex } from '../../../lib/hash';
import { canonicalJson } from '../../../lib/plain';
import { SECOND } from '../../clock/clock';
import { EventRecorder } from '../../api/events';
import type { Node } from '../../api/kinds/cluster';
import type { LoadBalancerStatus } from '../../api/kinds/meta';
import type { Service } from '../../api/kinds/service';
import { refOf } from '../../api/object';
import { keyOf, splitKey, type ControllerDeps } from '../deps';
import type { CloudApi, CloudBalancer, CloudTarget } from './cloud-api';
import { familiesOf, familyOf, nodeAddress, poolAddresses, poolFor, type IpFamily } from './addresses';
import { wantsLoadBalancer } from './provider';

export const FINALIZER = 'service.kubernetes.io/load-balancer-cleanup';
const EXCLUDED = 'node.kubernetes.io/exclude-from-external-load-balancers';
const TO_BE_DELETED = 'ToBeDeletedByClusterAutoscaler';
/** "hostname": the status names the balancer instead of giving its address. */
const ADDRESS_ANNOTATION = 'hopyard.dev/cloud-address';
/** "Proxy": the balancer ends connections' addresses itself, and kube-proxy leaves the address alone (KEP-1860). */
const IP_MODE_ANNOTATION = 'hopyard.dev/cloud-ip-mode';
/** kube-proxy's own health port, asked where any node will do (KEP-3836). */
const PROXY_HEALTH_PORT = 10_256;
/** How long the cloud takes for an order: between 3 and 5 s. */
const ORDER_NS = 3 * SECOND;
const ORDER_SPREAD_NS = 2 * SECOND;
/** From a refused order to the next; the real wait grows from 5 s to 5 min. */
const RETRY_NS = 60 * SECOND;

/** An order that the cloud works on. */
interface Pending {
  readonly timer: number;
  readonly form: string;
}

export interface CloudKeyframe {
  readonly pending: ReadonlyMap<string, Pending>;
  /** What was ordered last, by Service. */
  readonly ensured: ReadonlyMap<string, string>;
}

export class CloudServiceController {
  private readonly pending = new Map<string, Pending>();
  private readonly ensured = new Map<string, string>();
  private readonly events: EventRecorder;

  constructor(
    private readonly deps: ControllerDeps,
    private readonly address: string,
    private readonly cloud: CloudApi,
  ) {
    this.events = new EventRecorder(deps, { component: 'service-controller' });
  }

  /** True while the cloud works on an order. */
  get busy(): boolean {
    return this.pending.size > 0;
  }

  sync(key: string): void {
    const { namespace, name } = splitKey(key);
    const service = this.deps.store.get('Service', namespace, name);
    if (service === undefined) return this.forget(key);
    if (wantsLoadBalancer(service)) return this.ensure(key, service);
    this.forget(key, service);
  }

  /** Nodes have changed: balancers that stand get the new list. */
  syncNodes(): void {
    for (const balancer of this.cloud.balancers) {
      if (canonicalJson(balancer.targets) === canonicalJson(this.targets(balancer.family))) continue;
      const all = this.cloud.find(balancer.tag);
      this.cloud.order(
        balancer.tag,
        all.map((one) => ({ ...one, targets: this.targets(one.family) })),
      );
      const service = this.deps.store.byRef(balancer.ref);
      if (service !== undefined)
        this.events.record(service, 'Normal', 'UpdatedLoadBalancer', 'Updated load balancer with new hosts');
    }
  }

  /** The cloud has carried out an order. */
  finished(key: string): void {
    const order = this.pending.get(key);
    this.pending.delete(key);
    const { namespace, name } = splitKey(key);
    const service = this.deps.store.get('Service', namespace, name);
    if (order === undefined || service === undefined || !wantsLoadBalancer(service)) return;
    const balancers = familiesOf(service.spec).map((family) => this.balancerFor(key, service, family));
    const granted = balancers.filter((balancer) => balancer !== null);
    if (granted.length < balancers.length) {
      const asked = service.spec.loadBalancerIP ?? '';
      const why = asked === '' ? 'no address is left' : `requested address ${asked} is not available`;
      const text = `Error syncing load balancer: failed to ensure load balancer: ${why}`;
      this.events.record(service, 'Warning', 'SyncLoadBalancerFailed', text);
      this.ensured.set(key, order.form);
      this.deps.clock.schedule(RETRY_NS, this.address, { type: 'cloud-retry', key });
      return;
    }
    this.cloud.order(key, granted);
    this.ensured.set(key, order.form);
    this.writeStatus(service, { ingress: ingressOf(granted) });
    this.events.record(service, 'Normal', 'EnsuredLoadBalancer', 'Ensured load balancer');
    if (formOf(service) !== order.form) this.ensure(key, service);
  }

  /** Orders once more what the cloud has refused. */
  retry(key: string): void {
    if (this.cloud.find(key).length > 0) return;
    this.ensured.delete(key);
    this.sync(key);
  }

  /** The cloud is no longer the provider: everything it gave is taken back. */
  uninstall(): void {
    for (const service of this.deps.store.list('Service')) this.forget(keyOf(service), service);
  }

  keyframe(): CloudKeyframe {
    return { pending: new Map(this.pending), ensured: new Map(this.ensured) };
  }

  restore(from: CloudKeyframe): void {
    this.pending.clear();
    this.ensured.clear();
    for (const [key, order] of from.pending) this.pending.set(key, order);
    for (const [key, form] of from.ensured) this.ensured.set(key, form);
  }

  private ensure(key: string, service: Service): void {
    const form = formOf(service);
    if (this.pending.has(key) || this.ensured.get(key) === form) return;
    this.events.record(service, 'Normal', 'EnsuringLoadBalancer', 'Ensuring load balancer');
    this.setFinalizer(service, true);
    const { clock } = this.deps;
    const tookNs = ORDER_NS + clock.random.below('cloud/orders', ORDER_SPREAD_NS);
    const timer = clock.schedule(tookNs, this.address, { type: 'cloud-ordered', key });
    this.pending.set(key, { timer, form });
  }

  /** Cancels what was ordered for a Service that is gone, is going, or has another type. */
  private forget(key: string, service?: Service): void {
    this.deps.clock.cancel(this.pending.get(key)?.timer);
    this.pending.delete(key);
    this.ensured.delete(key);
    const held = service?.metadata.finalizers?.includes(FINALIZER) === true;
    if (held) this.events.record(service, 'Normal', 'DeletingLoadBalancer', 'Deleting load balancer');
    this.cloud.order(key, []);
    if (!held) return;
    this.writeStatus(service, {});
    this.setFinalizer(service, false);
    this.events.record(service, 'Normal', 'DeletedLoadBalancer', 'Deleted load balancer');
  }

  private setFinalizer({ metadata }: Service, on: boolean): void {
    this.deps.store.patch('Service', metadata.namespace ?? '', metadata.name, (service) => {
      const { finalizers = [], ...rest } = service.metadata;
      if (finalizers.includes(FINALIZER) === on) return service;
      const next = on ? [...finalizers, FINALIZER] : finalizers.filter((one) => one !== FINALIZER);
      return { ...service, metadata: { ...rest, ...(next.length > 0 ? { finalizers: next } : {}) } };
    });
  }

  private writeStatus({ metadata }: Service, loadBalancer: LoadBalancerStatus): void {
    const { store } = this.deps;
    const now = store.get('Service', metadata.namespace ?? '', metadata.name);
    if (now !== undefined) store.updateStatus({ ...now, status: { ...now.status, loadBalancer } });
  }

  private balancerFor(tag: string, service: Service, family: IpFamily): CloudBalancer | null {
    const ip = this.addressFor(tag, service, family);
    if (ip === null) return null;
    const { spec, metadata } = service;
    const named = metadata.annotations?.[ADDRESS_ANNOTATION] === 'hostname';
    const proxy = named || metadata.annotations?.[IP_MODE_ANNOTATION] === 'Proxy';
    const local = spec.externalTrafficPolicy === 'Local' ? (spec.healthCheckNodePort ?? 0) : 0;
    const id = sha256Hex(`balancer ${metadata.uid ?? tag}`).slice(0, 24);
    return {
      tag,
      ref: refOf(service),
      ip,
      ...(named ? { hostname: `a${id}.lb.example.net` } : {}),
      mode: proxy ? 'Proxy' : 'VIP',
      ports: (spec.ports ?? []).map(({ protocol, port, nodePort = 0 }) => ({ protocol, port, nodePort })),
      family,
      targets: this.targets(family),
      healthPort: local === 0 ? PROXY_HEALTH_PORT : local,
      sourceRanges: spec.loadBalancerSourceRanges ?? [],
      sticky: spec.sessionAffinity === 'ClientIP',
    };
  }

  /** The requested address, the one it has, or the first free one; null when that cannot be. */
  private addressFor(tag: string, { spec }: Service, family: IpFamily): string | null {
    const { loadBalancerIP = '' } = spec;
    const taken = new Set(this.cloud.balancers.filter((one) => one.tag !== tag).map(({ ip }) => ip));
    const free = poolAddresses(poolFor('cloud', family)).filter((ip) => !taken.has(ip));
    // The field holds one address; a second family takes what comes.
    const isMeant = familyOf(loadBalancerIP) === family || familiesOf(spec).length === 1;
    if (loadBalancerIP !== '' && isMeant) return free.includes(loadBalancerIP) ? loadBalancerIP : null;
    const known = this.cloud.find(tag).find((one) => one.family === family)?.ip ?? '';
    return free.includes(known) ? known : (free[0] ?? null);
  }

  private targets(family: IpFamily): CloudTarget[] {
    return this.deps.store
      .list('Node')
      .filter(isTarget)
      .flatMap((node) => {
        const ip = nodeAddress(node, family);
        return ip === undefined ? [] : [{ name: node.metadata.name, ip }];
      });
  }
}

function isTarget({ metadata, spec }: Node): boolean {
  const leaving = spec?.taints?.some(({ key }) => key === TO_BE_DELETED) === true;
  return metadata.labels?.[EXCLUDED] === undefined && !leaving;
}

/** What the status says: the addresses, or the one name that stands for all of them. */
function ingressOf(balancers: readonly CloudBalancer[]) {
  const name = balancers[0]?.hostname;
  if (name !== undefined) return [{ hostname: name }];
  return balancers.map(({ ip, mode }) => ({ ip, ipMode: mode }));
}

/** The parts of a Service that a new order is made for (needsUpdate). */
function formOf({ spec, metadata }: Service): string {
  const { ports, externalTrafficPolicy, healthCheckNodePort, loadBalancerSourceRanges, loadBalancerIP } =
    spec;
  const { sessionAffinity, externalIPs } = spec;
  const { uid = '', annotations = {} } = metadata;
  return canonicalJson({
    families: [...familiesOf(spec)],
    ports: ports ?? [],
    policy: externalTrafficPolicy ?? '',
    health: healthCheckNodePort ?? 0,
    ranges: loadBalancerSourceRanges ?? [],
    asked: loadBalancerIP ?? '',
    affinity: sessionAffinity ?? '',
    externalIPs: externalIPs ?? [],
    uid,
    annotations,
  });
}
