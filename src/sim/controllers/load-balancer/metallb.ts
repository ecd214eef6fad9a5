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
import { familyOf, ingressIps, poolAddresses, poolFor, wantsLoadBalancer } from './provider';

type Flavour = 'metallb-l2' | 'metallb-bgp';

/** Addresses asked for by annotation; the second name is that of newer releases. */
const ASKED_ANNOTATIONS = ['metallb.universe.tf/loadBalancerIPs', 'metallb.io/loadBalancerIPs'];
const FROM_POOL = 'metallb.io/ip-allocated-from-pool';

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
    const answer = this.addressFor(service, flavour, had);
    if ('error' in answer) {
      const text = `Failed to allocate IP for ${JSON.stringify(key)}: ${answer.error}`;
      this.events.record(service, 'Warning', 'AllocationFailed', text);
      return this.clear(service);
    }
    if (had.length === 1 && had[0] === answer.ip) return;
    this.write(service, { ingress: [{ ip: answer.ip, ipMode: 'VIP' }] }, poolFor(flavour, service).name);
    this.events.record(service, 'Normal', 'IPAllocated', `Assigned IP [${JSON.stringify(answer.ip)}]`);
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

  private addressFor(
    service: Service,
    flavour: Flavour,
    had: readonly string[],
  ): { readonly ip: string } | { readonly error: string } {
    const asked = askedFor(service);
    if (typeof asked !== 'string') return asked;
    const all = poolAddresses(poolFor(flavour, service));
    const holder = (ip: string): string | undefined =>
      this.deps.store
        .list('Service')
        .filter((other) => other.metadata.uid !== service.metadata.uid)
        .find((other) => ingressIps(other).includes(ip))?.metadata.name;
    if (asked === '') {
      const kept = had.find((ip) => all.includes(ip) && holder(ip) === undefined);
      const ip = kept ?? all.find((one) => holder(one) === undefined);
      return ip === undefined ? { error: 'no available IPs' } : { ip };
    }
    if (ipFamily(asked) !== (familyOf(service.spec) === 'IPv4' ? 4 : 6))
      return {
        error: `requested loadBalancer IP(s) [${JSON.stringify(asked)}] does not match the ipFamily of the service`,
      };
    if (!all.includes(asked)) return { error: `[${JSON.stringify(asked)}] is not allowed in config` };
    const user = holder(asked);
    if (user === undefined) return { ip: asked };
    const key = keyOf(service);
    const text = `can't change sharing key for ${JSON.stringify(key)}, address also in use by`;
    return { error: `${text} ${service.metadata.namespace ?? ''}/${user}` };
  }

  /** Takes the address away; without one nothing is written. */
  private clear(service: Service): void {
    const given = service.metadata.annotations?.[FROM_POOL] !== undefined;
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

/** The address that a Service asks for, "" for any. */
function askedFor({ spec, metadata }: Service): string | { readonly error: string } {
  const name = ASKED_ANNOTATIONS.find((one) => metadata.annotations?.[one] !== undefined);
  const noted = name === undefined ? '' : (metadata.annotations?.[name] ?? '').trim();
  const field = spec.loadBalancerIP ?? '';
  if (noted !== '' && field !== '')
    return { error: `service can not have both ${name} and svc.Spec.LoadBalancerIP` };
  const asked = noted === '' ? field : noted;
  if (asked === '') return '';
  return ipFamily(asked) === null
    ? { error: `invalid LoadBalancer IP: ${JSON.stringify(asked)}` }
    : canonicalIp(asked);
}
