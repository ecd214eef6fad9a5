/**
 * A node's own network before any pod runs: its network card, addresses and default routes, and the sysctls that kubeadm's
 * preflight asks for (forwarding, and bridged packets through the rules).
 */
import { parsePrefix } from '../../lib/ip';
import type { MachineApi } from '../kernel/machine-api';

/** A node on the network that the nodes share, in one IP family. */
export interface HostAddress {
  /** "192.168.0.11" */
  readonly ip: string;
  /** "192.168.0.0/24" */
  readonly underlayCidr: string;
  /** Router towards the outside, "192.168.0.1". */
  readonly gateway: string;
}

export interface HostNetwork {
  /** One for each family. */
  readonly addresses: readonly HostAddress[];
  readonly mac: string;
  readonly mtuBytes: number;
}

/** Name of a node's network card. */
export const NIC = 'eth0';

/** Sets a machine up as a node of the cluster, or again after it was switched off. */
export function bringUpHost(machine: MachineApi, host: HostNetwork): void {
  machine.addNic('host', NIC, host.mac, host.mtuBytes);
  machine.setUp('host', NIC, true);
  for (const { ip, underlayCidr, gateway } of host.addresses) {
    const v6 = ip.includes(':');
    const length = parsePrefix(underlayCidr)?.length ?? (v6 ? 64 : 24);
    machine.addAddress('host', NIC, `${ip}/${length}`);
    if (gateway !== ip) {
      const prefix = v6 ? '::/0' : '0.0.0.0/0';
      machine.addRoute('host', { prefix, via: gateway, device: NIC, proto: 'static' });
    }
    machine.setSysctl('host', v6 ? 'net.ipv6.conf.all.forwarding' : 'net.ipv4.ip_forward', 1);
    machine.setSysctl('host', `net.bridge.bridge-nf-call-ip${v6 ? '6' : ''}tables`, 1);
  }
}
