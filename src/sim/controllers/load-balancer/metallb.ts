/**
 * MetalLB's controller: hands out addresses of its pool to Services of type LoadBalancer. Who answers for an address is the
 * business of the speakers on the nodes. Upstream: go.universe.tf/metallb controller/service.go, internal/allocator.
 *
 * Not simulated: several pools, and sharing keys.
 */
import { canonicalIp, ipFamily } from '../../../lib/ip';
import { EventRecorder } from '../../api/events';
import type { LoadBalancerStatus } from '../../api/kinds/meta';
import type { Service } from '../../api/kinds/service';
import { keyOf, splitKey, type ControllerDeps } from '../deps';
import { familiesOf, familyOf, poolAddresses, poolFor } from './addresses';
import { ingressIps, wantsLoadBalancer } from './provider';

type Flavour = 'metallb-l2' | 'metallb-bgp';
type Answer = { readonly ips: readonly string[] } | { readonly error: string };

/** Addresses asked for by annotation; the second name is that of newer releases. */
const ASKED_ANNOTATIONS = ['metallb.universe.tf/loadBalancerIPs', 'metallb.io/loadBalancerIPs'];
const FROM_POOL = 'metallb.io/ip-allocated-from-pool';
const OURS: ReadonlySet<string> = new Set(
  (['metallb-l2', 'metallb-bgp'] as const).flatMap((flavour) =>
    (['IPv4', 'IPv6'] as const).flatMap((family) => poolAddresses(poolFor(flavour, family))),
  ),
);

export class MetallbController {
  private readonly events: EventRecorder;

  constructor(private readonly deps: ControllerDeps) {
    this.events = new EventRecorder(deps, { component: 'metallb-controller' });
  }

  sync(key: string, flavour: Flavour): void {
    const { namespace, name } = splitKey(key);
    const service = this.deps.store.get('Service', namespace, name);
    if (service === undefined) return this.retryOthers(flavour);
    if (!wantsLoadBalancer(service)) {
      this.clear(service);
      return this.retryOthers(flavour);
    }
    const had = ingressIps(service);
    const answer = this.addressesFor(service, flavour, had);
    if ('error' in answer) {
      const text = `Failed to allocate IP for ${JSON.stringify(key)}: ${answer.error}`;
      this.events.record(service, 'Warning', 'AllocationFailed', text);
      return this.clear(service);
    }
    if (had.join() === answer.ips.join()) return;
    const ingress = answer.ips.map((ip) => ({ ip, ipMode: 'VIP' as const }));
    this.write(service, { ingress }, poolFor(flavour, 'IPv4').name);
    this.events.record(service, 'Normal', 'IPAllocated', `Assigned IP ${quoted(answer.ips)}`);
  }

  /** MetalLB is no longer the provider: what it gave is taken back. */
  uninstall(): void {
    for (const service of this.deps.store.list('Service')) this.clear(service);
  }

  /** An address has come free: whoever waits for one may have it. */
  private retryOthers(flavour: Flavour): void {
    for (const service of this.deps.store.list('Service'))
      if (wantsLoadBalancer(service) && ingressIps(service).length === 0) this.sync(keyOf(service), flavour);
  }

  /** One address for each family: those asked for, those it has, or the first free ones. */
  private addressesFor(service: Service, flavour: Flavour, had: readonly string[]): Answer {
    const asked = askedFor(service);
    if ('error' in asked) return asked;
    const families = familiesOf(service.spec);
    const matches = asked.ips.map(familyOf).sort().join() === [...families].sort().join();
    if (asked.ips.length > 0 && !matches)
      return {
        error: `requested loadBalancer IP(s) ${quoted(asked.ips)} does not match the ipFamily of the service`,
      };
    const ips: string[] = [];
    for (const family of families) {
      const all = poolAddresses(poolFor(flavour, family));
      const wish = asked.ips.find((ip) => familyOf(ip) === family);
      if (wish !== undefined && !all.includes(wish))
        return { error: `${quoted(asked.ips)} is not allowed in config` };
      const user = wish === undefined ? undefined : this.holderOf(wish, service);
      if (user !== undefined) {
        const text = `can't change sharing key for ${JSON.stringify(keyOf(service))}, address also in use by`;
        return { error: `${text} ${user}` };
      }
      const isFree = (ip: string): boolean => this.holderOf(ip, service) === undefined;
      const ip = wish ?? had.find((one) => all.includes(one) && isFree(one)) ?? all.find(isFree);
      if (ip === undefined) return { error: 'no available IPs' };
      ips.push(ip);
    }
    return { ips };
  }

  /** Another Service that has this address. */
  private holderOf(ip: string, { metadata }: Service): string | undefined {
    const other = this.deps.store
      .list('Service')
      .find((one) => one.metadata.uid !== metadata.uid && ingressIps(one).includes(ip));
    return other && keyOf(other);
  }

  /** Takes the address away; without one nothing is written. */
  private clear(service: Service): void {
    const noted = service.metadata.annotations?.[FROM_POOL] !== undefined;
    const given = noted || ingressIps(service).some((ip) => OURS.has(ip));
    if (given) this.write(service, {}, null);
  }

  private write({ metadata }: Service, loadBalancer: LoadBalancerStatus, pool: string | null): void {
    const { store } = this.deps;
    const namespace = metadata.namespace ?? '';
    store.patch('Service', namespace, metadata.name, (service) => {
      const { annotations = {}, ...rest } = service.metadata;
      const { [FROM_POOL]: _old, ...others } = annotations;
      const next = pool === null ? others : { ...others, [FROM_POOL]: pool };
      return {
        ...service,
        metadata: { ...rest, ...(Object.keys(next).length > 0 ? { annotations: next } : {}) },
      };
    });
    const now = store.get('Service', namespace, metadata.name);
    if (now !== undefined) store.updateStatus({ ...now, status: { ...now.status, loadBalancer } });
  }
}

/** The addresses that a Service asks for; none means any. */
function askedFor({ spec, metadata }: Service): Answer {
  const name = ASKED_ANNOTATIONS.find((one) => metadata.annotations?.[one] !== undefined);
  const noted = name === undefined ? '' : (metadata.annotations?.[name] ?? '').trim();
  const field = spec.loadBalancerIP ?? '';
  if (noted !== '' && field !== '')
    return { error: `service can not have both ${name} and svc.Spec.LoadBalancerIP` };
  const words = (noted === '' ? field : noted)
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  const wrong = words.find((word) => ipFamily(word) === null);
  return wrong === undefined
    ? { ips: words.map(canonicalIp) }
    : { error: `invalid LoadBalancer IP: ${JSON.stringify(wrong)}` };
}

/** A list of addresses as Go's %q prints it. */
function quoted(ips: readonly string[]): string {
  return `[${ips.map((ip) => JSON.stringify(ip)).join(' ')}]`;
}
