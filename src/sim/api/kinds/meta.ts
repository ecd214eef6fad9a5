/** Pieces that several kinds share: selectors, conditions, addresses. Ruled by meta/v1 of the API reference. */

export type Protocol = 'TCP' | 'UDP' | 'SCTP';

/** Port number, or the name of a container port. */
export type IntOrString = number | string;

export interface LabelSelectorRequirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values?: readonly string[];
}

export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly LabelSelectorRequirement[];
}

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
  readonly lastUpdateTime?: string;
  readonly lastProbeTime?: string | null;
  readonly lastHeartbeatTime?: string;
  readonly observedGeneration?: number;
}

export interface LoadBalancerStatus {
  readonly ingress?: readonly {
    readonly ip?: string;
    readonly hostname?: string;
    readonly ipMode?: 'VIP' | 'Proxy';
    readonly ports?: readonly {
      readonly port: number;
      readonly protocol: Protocol;
      readonly error?: string;
    }[];
  }[];
}

export interface ObjectReference {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly fieldPath?: string;
}
