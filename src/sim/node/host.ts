/**
 * A node's own network before any pod runs: its network card, address and default route, and the sysctls that kubeadm's
 * preflight asks for (forwarding, and bridged packets through the rules).
 */
import { parsePrefix } from '../../lib/ip';
import type { MachineApi } from '../kernel/machine-api';

export interface HostNetwork {
  /** "192.168.0.11" */
  readonly ip: string;
  /** The network the nodes share, "192.168.0.0/24". */
  readonly underlayCidr: string;
  /** Router towards the outside, "192.168.0.1". */
  readonly gateway: string;
  readonly mac: string;
  readonly mtuBytes: number;
}

/** Name of a node's network card. */
export const NIC = 'eth0';

/** Sets a machine up as a node of the cluster, or again after it was switched off. */
export function bringUpHost(machine: MachineApi, host: HostNetwork): void {
  const length = parsePrefix(host.underlayCidr)?.length ?? 24;
  machine.addNic('host', NIC, host.mac, host.mtuBytes);
  machine.setUp('host', NIC, true);
  machine.addAddress('host', NIC, `${host.ip}/${length}`);
  if (host.gateway !== host.ip) {
    machine.addRoute('host', { prefix: '0.0.0.0/0', via: host.gateway, device: NIC, proto: 'static' });
  }
  machine.setSysctl('host', 'net.ipv4.ip_forward', 1);
  machine.setSysctl('host', 'net.bridge.bridge-nf-call-iptables', 1);
}
