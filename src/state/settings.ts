/** What a visitor chooses about the cluster itself: the choices there are, and what was saved, checked. */
import type { BootSettings } from '../worker/protocol';

export const MODES = ['iptables', 'ipvs', 'nftables', 'ebpf'] as const;
export const SCHEDULERS = ['rr', 'wrr', 'lc', 'wlc', 'sed', 'nq', 'dh', 'sh'] as const;
export const PROVIDERS = ['cloud', 'metallb-l2', 'metallb-bgp', 'none'] as const;
/** As they are written, the primary family first. */
export const FAMILIES = ['IPv4', 'IPv4,IPv6', 'IPv6,IPv4', 'IPv6'] as const;

function known<V extends string>(list: readonly V[], value: unknown): V | undefined {
  return list.find((one) => one === value);
}

/** The families of such a text. */
export function familiesOf(text: string): NonNullable<BootSettings['ipFamilies']> {
  const found = known(FAMILIES, text) ?? 'IPv4';
  return found.split(',') as unknown as NonNullable<BootSettings['ipFamilies']>;
}

/** What of a saved value is a setting; the rest is left out. */
export function readSettings(value: unknown): BootSettings {
  if (typeof value !== 'object' || value === null) return {};
  const given = value as Record<string, unknown>;
  const proxyMode = known(MODES, given['proxyMode']);
  const ipvsScheduler = known(SCHEDULERS, given['ipvsScheduler']);
  const loadBalancer = known(PROVIDERS, given['loadBalancer']);
  const { masqueradeAll, routeExternalIps, ipFamilies } = given;
  const families = Array.isArray(ipFamilies) ? known(FAMILIES, ipFamilies.join()) : undefined;
  return {
    ...(proxyMode && { proxyMode }),
    ...(ipvsScheduler && { ipvsScheduler }),
    ...(loadBalancer && { loadBalancer }),
    ...(typeof masqueradeAll === 'boolean' && { masqueradeAll }),
    ...(typeof routeExternalIps === 'boolean' && { routeExternalIps }),
    ...(families && { ipFamilies: familiesOf(families) }),
  };
}
