/** One IP family's share of a node's network: its own address, the range of its pods, and that of the whole cluster's pods. */

export interface FamilyRange {
  readonly family: 4 | 6;
  /** The node's address on the underlay. */
  readonly nodeIp: string;
  /** "10.244.1.0/24", "fd00:10:244:1::/64". */
  readonly podCidr: string;
  readonly clusterCidr: string;
}
