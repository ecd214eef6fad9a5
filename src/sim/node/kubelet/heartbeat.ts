/** The node's own reports: it registers, says Ready, renews its Lease every 10 s. Upstream: pkg/kubelet/kubelet_node_status.go. */
import { MS, type Clock } from '../../clock/clock';
import type { EventRecorder } from '../../api/events';
import type { Lease, Node } from '../../api/kinds/cluster';
import type { Condition } from '../../api/kinds/meta';
import type { Store } from '../../api/store';
import { toRfc3339, toRfc3339Micro } from '../../api/time';

export const LEASE_NAMESPACE = 'kube-node-lease';
const LEASE_SECONDS = 40;
/** An unchanged status is posted only this often (nodeStatusReportFrequency). */
const REPORT_NS = 300_000 * MS;

interface HeartbeatDeps {
  readonly clock: Clock;
  readonly store: Store;
  readonly nodeName: string;
  readonly nodeIp: string;
  readonly nodeIps?: readonly string[];
}

const HEALTHY: readonly Condition[] = [
  {
    type: 'MemoryPressure',
    status: 'False',
    reason: 'KubeletHasSufficientMemory',
    message: 'kubelet has sufficient memory available',
  },
  {
    type: 'DiskPressure',
    status: 'False',
    reason: 'KubeletHasNoDiskPressure',
    message: 'kubelet has no disk pressure',
  },
  {
    type: 'PIDPressure',
    status: 'False',
    reason: 'KubeletHasSufficientPID',
    message: 'kubelet has sufficient PID available',
  },
  { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' },
];

export interface HeartbeatKeyframe {
  readonly reportedNs: number;
  readonly cordoned: boolean;
}

export class Heartbeat {
  private reportedNs = -REPORT_NS;
  /** What was last said about scheduling. */
  private cordoned = false;

  constructor(
    private readonly deps: HeartbeatDeps,
    private readonly events: EventRecorder,
  ) {}

  /** One beat; the first after a start makes the node Ready. */
  beat(first: boolean): void {
    const { clock, store, nodeName } = this.deps;
    const node = store.get('Node', '', nodeName) ?? (first ? this.register() : undefined);
    // A Node that someone deleted comes back when its kubelet is started again.
    if (node === undefined) return;
    const leased = store.get('Namespace', '', LEASE_NAMESPACE) !== undefined;
    if (leased) this.renew(node);
    this.noteCordon(node);
    const due = clock.nowNs - this.reportedNs >= REPORT_NS;
    const ready =
      node.status?.conditions?.some((row) => row.type === 'Ready' && row.status === 'True') ?? false;
    if (first || !ready || due || !leased) this.report(node, ready);
  }

  private register(): Node {
    const { store, nodeName, nodeIp, nodeIps = [nodeIp] } = this.deps;
    return store.create<Node>({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name: nodeName,
        labels: {
          'beta.kubernetes.io/arch': 'amd64',
          'beta.kubernetes.io/os': 'linux',
          'kubernetes.io/arch': 'amd64',
          'kubernetes.io/hostname': nodeName,
          'kubernetes.io/os': 'linux',
        },
      },
      status: {
        addresses: [
          ...nodeIps.map((address) => ({ type: 'InternalIP', address })),
          { type: 'Hostname', address: nodeName },
        ],
      },
    });
  }

  private noteCordon(node: Node): void {
    const cordoned = node.spec?.unschedulable === true;
    if (cordoned === this.cordoned) return;
    this.cordoned = cordoned;
    const reason = cordoned ? 'NodeNotSchedulable' : 'NodeSchedulable';
    this.events.record(node, 'Normal', reason, `Node ${node.metadata.name} status is now: ${reason}`);
  }

  private renew(node: Node): void {
    const { clock, store, nodeName } = this.deps;
    const renewTime = toRfc3339Micro(clock.nowNs);
    const known = store.get('Lease', LEASE_NAMESPACE, nodeName);
    if (known !== undefined) {
      store.update({ ...known, spec: { ...known.spec, renewTime } });
      return;
    }
    const { name, uid = '' } = node.metadata;
    store.create<Lease>({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: {
        name: nodeName,
        namespace: LEASE_NAMESPACE,
        ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid }],
      },
      spec: { holderIdentity: nodeName, leaseDurationSeconds: LEASE_SECONDS, renewTime },
    });
  }

  private report(node: Node, wasReady: boolean): void {
    const { clock, store } = this.deps;
    const now = toRfc3339(clock.nowNs);
    this.reportedNs = clock.nowNs;
    const old = node.status?.conditions ?? [];
    const conditions = HEALTHY.map((row) => {
      const before = old.find((entry) => entry.type === row.type);
      const lastTransitionTime = before?.status === row.status ? before.lastTransitionTime : now;
      return { ...row, lastHeartbeatTime: now, lastTransitionTime };
    });
    const others = old.filter((row) => !HEALTHY.some((own) => own.type === row.type));
    store.updateStatus({ ...node, status: { ...node.status, conditions: [...others, ...conditions] } });
    if (!wasReady) {
      const text = `Node ${node.metadata.name} status is now: NodeReady`;
      this.events.record(node, 'Normal', 'NodeReady', text);
    }
  }

  keyframe(): HeartbeatKeyframe {
    return { reportedNs: this.reportedNs, cordoned: this.cordoned };
  }

  restore(from: HeartbeatKeyframe): void {
    this.reportedNs = from.reportedNs;
    this.cordoned = from.cordoned;
  }
}
