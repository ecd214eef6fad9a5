/**
 * The line between the kubelet and the network plugin (CNI): a pod's sandbox is attached before its first container runs
 * and detached after its last one ended. The plugins are in cni/.
 */

export interface PodNetwork {
  /**
   * Makes the pod's netns with its devices, address and routes, or answers "host" for host network pods. Calling it again
   * for the same uid gives the same answer. `podRef` is "Pod/namespace/name" and becomes the origin of all that is made.
   */
  attach(podRef: string, uid: string, hostNetwork: boolean): PodAttachment | { readonly error: string };
  /** Removes what `attach` made; unknown uids are ignored. */
  detach(uid: string): void;
}

export interface PodAttachment {
  /** Netns id on the node's machine. */
  readonly netns: string;
  readonly ips: readonly string[];
}
