/**
 * The line between the kubelet and what runs containers (CRI). The kubelet asks; the process table in sim/programs
 * answers. Exits come back as a timer event `{ type: "container-exited", handle, exitCode, reason }` at `replyTo`.
 */
import type { Plain } from '../../lib/plain';

export interface ContainerSpec {
  readonly machine: string;
  /** Netns of the pod, "host" for hostNetwork. */
  readonly netns: string;
  readonly podRef: string;
  readonly container: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly ports: readonly {
    readonly name?: string;
    readonly containerPort: number;
    readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  }[];
  /** Ports that are not listed and that its software must be listening on all the same. */
  readonly assumedPorts?: readonly { readonly port: number; readonly protocol: 'TCP' | 'UDP' | 'SCTP' }[];
  /** Ports on which its probes speak HTTPS, or plain HTTP: what its software must be speaking there. */
  readonly probedPorts?: { readonly https: readonly number[]; readonly http: readonly number[] };
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly podName: string;
  readonly namespace: string;
  readonly podIPs: readonly string[];
  readonly nodeName: string;
  readonly hostname: string;
  /** Text of /etc/resolv.conf and /etc/hosts as the kubelet wrote them. */
  readonly resolvConf: string;
  readonly hosts: string;
  readonly replyTo: string;
  /** True when the container is there to end: an init container, or one of a pod that is not always started again. */
  readonly isTask?: boolean;
  /** Files of mounted ConfigMaps and their like: path to text. */
  readonly files?: Readonly<Record<string, string>>;
  /** Mounts that are written to: below `path` are the files of `volume` below `inner`, for all who name the same volume. */
  readonly mounts?: readonly { readonly path: string; readonly volume: string; readonly inner: string }[];
}

export interface ContainerRuntime {
  /** Starts the image's program. Null when it runs; otherwise why the kubelet must report a failure to start. */
  start(spec: ContainerSpec): { handle: string } | { error: string };
  /** SIGTERM asks; the program may take its time. SIGKILL ends it at once, its sockets are reset. */
  signal(handle: string, signal: 'TERM' | 'KILL'): void;
  /** Exec probe or preStop: starts a command, answers `{ type: "exec-done", token, exitCode }` at `replyTo`. */
  exec(handle: string, command: readonly string[], replyTo: string, token: Plain): void;
  isRunning(handle: string): boolean;
}
