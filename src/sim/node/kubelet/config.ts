/** What one kubelet is given: its node, its tools, its settings (kubelet.config.k8s.io/v1beta1) and how long things take. */
import { MS, SECOND, type Clock, type Ns } from '../../clock/clock';
import type { Store } from '../../api/store';
import type { Trace } from '../../trace/trace';
import type { MachineApi } from '../../kernel/machine-api';
import type { PodNetwork } from '../pod-network';
import type { ContainerRuntime } from '../runtime';

/** Durations. Those of the kubelet itself are its defaults; pulling and starting are typical values. */
export interface KubeletTimings {
  /** Volumes and sandbox, up to the pod's address. */
  readonly sandboxNs: Ns;
  /** A first pull of an image; later ones with policy Always only ask the registry. */
  readonly pullNs: Ns;
  readonly pullAgainNs: Ns;
  /** Creating and starting one container. */
  readonly startNs: Ns;
  /** genericPlegRelistPeriod: how often the kubelet looks at what became of its containers. */
  readonly relistNs: Ns;
  /** Retry after a failed sync of a pod (backOffPeriod). */
  readonly retryNs: Ns;
  /** Lease renewal: lease duration 40 s times 0.25. */
  readonly heartbeatNs: Ns;
  /** Least time between SIGTERM and SIGKILL. */
  readonly minGraceNs: Ns;
}

export const DEFAULT_TIMINGS: KubeletTimings = {
  sandboxNs: 700 * MS,
  pullNs: 2 * SECOND,
  pullAgainNs: 300 * MS,
  startNs: 100 * MS,
  relistNs: SECOND,
  retryNs: 10 * SECOND,
  heartbeatNs: 10 * SECOND,
  minGraceNs: 2 * SECOND,
};

export interface KubeletConfig {
  readonly clusterDns: string;
  readonly clusterDomain: string;
  readonly timings?: Partial<KubeletTimings>;
  /** Text of the node's own /etc/resolv.conf. */
  readonly hostResolvConf?: string;
}

export interface KubeletDeps {
  readonly clock: Clock;
  readonly store: Store;
  readonly machine: MachineApi;
  readonly nodeName: string;
  readonly nodeIp: string;
  /** The node's addresses of all families, the primary one first; without these, the one above. */
  readonly nodeIps?: readonly string[];
  readonly runtime: ContainerRuntime;
  readonly network: PodNetwork;
  readonly config: KubeletConfig;
  /** When given, every probe is a request of its own in the trace. */
  readonly trace?: Trace;
}
