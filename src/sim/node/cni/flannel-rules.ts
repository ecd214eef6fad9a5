/**
 * The rules that flannel and the kubelet keep on every node besides kube-proxy's: flannel lets pod traffic be forwarded and
 * masquerades what leaves the pod network (flannel pkg/trafficmngr/iptables), the kubelet sets its canaries and a hint of
 * the iptables flavour (kubernetes pkg/kubelet/kubelet_network_linux.go).
 */
import type { Netfilter } from '../../kernel/netfilter/netfilter';
import { parseCommand } from '../../kernel/iptables/parse';
import type { TableName } from '../../kernel/iptables/rules';
import { netfilterState } from '../../kernel/netfilter/state';
import type { Origin } from '../../trace/hop';
import type { FamilyRange } from './family-range';

const MASQ = '-m comment --comment "flanneld masq"';
const FWD = '-m comment --comment "flanneld forward"';

/** Lines by table, as iptables-restore (or ip6tables-restore) would read them. */
function lines({
  podCidr,
  clusterCidr,
  family,
}: FamilyRange): readonly (readonly [TableName, readonly string[]])[] {
  const multicast = family === 4 ? '224.0.0.0/4' : 'ff00::/8';
  return [
    ['mangle', ['-N KUBE-IPTABLES-HINT', '-N KUBE-KUBELET-CANARY']],
    [
      'nat',
      [
        '-N KUBE-KUBELET-CANARY',
        '-N FLANNEL-POSTRTG',
        `-A POSTROUTING ${MASQ} -j FLANNEL-POSTRTG`,
        `-A FLANNEL-POSTRTG -m mark --mark 0x4000/0x4000 ${MASQ} -j RETURN`,
        `-A FLANNEL-POSTRTG -s ${podCidr} -d ${clusterCidr} ${MASQ} -j RETURN`,
        `-A FLANNEL-POSTRTG -s ${clusterCidr} -d ${podCidr} ${MASQ} -j RETURN`,
        `-A FLANNEL-POSTRTG ! -s ${clusterCidr} -d ${podCidr} ${MASQ} -j RETURN`,
        `-A FLANNEL-POSTRTG -s ${clusterCidr} ! -d ${multicast} ${MASQ} -j MASQUERADE --random-fully`,
        `-A FLANNEL-POSTRTG ! -s ${clusterCidr} -d ${clusterCidr} ${MASQ} -j MASQUERADE --random-fully`,
      ],
    ],
    [
      'filter',
      [
        '-N KUBE-KUBELET-CANARY',
        '-N FLANNEL-FWD',
        `-A FORWARD ${FWD} -j FLANNEL-FWD`,
        `-A FLANNEL-FWD -s ${clusterCidr} ${FWD} -j ACCEPT`,
        `-A FLANNEL-FWD -d ${clusterCidr} ${FWD} -j ACCEPT`,
      ],
    ],
  ];
}

/** Writes them into the family's tables; rules that are there already stay. */
export function ensureFlannelRules(netfilter: Netfilter, range: FamilyRange, origin: Origin): void {
  const { rules } = netfilterState(netfilter);
  for (const [table, commands] of lines(range)) {
    for (const line of commands) {
      const command = parseCommand(line);
      if (command.op === 'chain') rules.ensureChain(table, command.chain, range.family);
      if (command.op === 'append')
        rules.ensureRule(table, command.chain, { ...command.rule, origin }, 'end', range.family);
    }
  }
}
