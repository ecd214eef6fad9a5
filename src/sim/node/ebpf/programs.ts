/** The programs that Cilium's agent attaches, by the names that `bpftool prog` shows (bpf/bpf_sock.c, bpf_host.c, bpf_overlay.c). */
import type { BpfProgram } from '../../kernel/bpf/maps';

/** Devices of the host netns by the side they face. */
export interface Devices {
  readonly wire: readonly string[];
  readonly inside: readonly string[];
}

/** At the root cgroup for all sockets, and at the devices of the host netns. */
export function programsFor(devices: Devices): ReadonlyMap<string, BpfProgram> {
  const sockets = [4, 6].flatMap((family) =>
    ['connect', 'sendmsg', 'recvmsg'].map((hook): BpfProgram => {
      const at = `cgroup/${hook}${family}`;
      return { name: `cil_sock${family}_${hook}`, kind: 'sock-addr', at, hook: at };
    }),
  );
  const ingress = { hook: 'tc/ingress' };
  const wire = devices.wire.flatMap((device): BpfProgram[] => [
    { ...ingress, name: 'cil_from_netdev', kind: 'from-wire', at: `${device}/in` },
    { name: 'cil_to_netdev', kind: 'to-wire', at: `${device}/out`, hook: 'tc/egress' },
  ]);
  // Not simulated: Cilium has a program at each container's veth and at its own tunnel; here the bridge and the tunnel of the
  // network plugin that is there stand for them.
  const inside = devices.inside.map((device): BpfProgram => ({
    ...ingress,
    name: 'cil_from_container',
    kind: 'from-inside',
    at: `${device}/in`,
  }));
  return new Map([...sockets, ...wire, ...inside].map((program) => [program.at, program]));
}
