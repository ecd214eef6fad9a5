/** From "this container should run" to a running process: image, configuration, start. Upstream: kuberuntime_container.go. */
import { SECOND } from '../../clock/clock';
import type { Container } from '../../api/kinds/container';
import type { Pod } from '../../api/kinds/pod';
import { toRfc3339 } from '../../api/time';
import type { ContainerSpec } from '../runtime';
import { assumedPorts, schemesOf } from './assumed-ports';
import { raise } from './backoff';
import { fieldPath, jittered, specOf, type KubeletContext, type TimerData } from './context';
import { environment, expand } from './env';
import { hostsFile, podDomainName, podHostname } from './hosts-file';
import { fullImageName, imageBytes, pullOutcome, pullPolicy } from './images';
import { freshProbes } from './probes';
import type { PodRecord } from './records';
import { podResolvConf } from './resolv-conf';
import { mountedFiles, sharedMounts } from './volumes';

/** How long ErrImagePull or a crash shows before the waiting reason of the back-off takes its place. */
const SHOWN_NS = SECOND;

export class Starter {
  /** Images on the node's disk; they outlive a loss of power. */
  private readonly images = new Set<string>();

  constructor(private readonly context: KubeletContext) {}

  /** Begins: an image that is there is used, another is pulled. */
  launch(uid: string, name: string): void {
    const { table } = this.context;
    const found = table.find(uid, name);
    const container = found && specOf(this.context.podOf(found.record), name);
    if (found === undefined || container === undefined) return;
    const image = container.image ?? '';
    const outcome = pullOutcome(image);
    if (outcome.kind === 'invalid')
      return this.refuse(uid, name, 'InvalidImageName', outcome.message, 'InspectFailed');
    const policy = pullPolicy(image, container.imagePullPolicy);
    const present = this.images.has(fullImageName(image));
    if (!present && policy === 'Never') {
      const message = `Container image "${image}" is not present with pull policy of Never`;
      return this.refuse(uid, name, 'ErrImageNeverPull', message, 'ErrImageNeverPull');
    }
    if (present && policy !== 'Always') {
      this.say(
        found.record,
        name,
        'Normal',
        'Pulled',
        `Container image "${image}" already present on machine`,
      );
      return this.startLater(uid, name);
    }
    this.say(found.record, name, 'Normal', 'Pulling', `Pulling image "${image}"`);
    const { pullNs, pullAgainNs } = this.context.timings;
    const tookNs = Math.round(jittered(this.context, present ? pullAgainNs : pullNs) / 1e6) * 1e6;
    table.change(uid, name, { stage: 'pulling' });
    this.context.timer(tookNs, 'pulled', { uid, container: name, run: found.row.run, tookNs });
  }

  onPulled({ uid = '', container: name = '', run, tookNs }: TimerData): void {
    const { table, deps } = this.context;
    const found = table.find(uid, name, run);
    if (found?.record.stage !== 'running' || found.row.stage !== 'pulling') return;
    const image = specOf(this.context.podOf(found.record), name)?.image ?? '';
    const outcome = pullOutcome(image);
    if (outcome.kind === 'ok') {
      this.images.add(fullImageName(image));
      const took = pullDuration(Number(tookNs));
      const text = `Successfully pulled image "${image}" in ${took} (${took} including waiting). Image size: ${imageBytes(image)} bytes.`;
      this.say(found.record, name, 'Normal', 'Pulled', text);
      return this.startLater(uid, name);
    }
    this.say(found.record, name, 'Warning', 'Failed', `Failed to pull image "${image}": ${outcome.message}`);
    this.say(found.record, name, 'Warning', 'Failed', 'Error: ErrImagePull');
    const pull = raise(found.row.pull, deps.clock.nowNs, deps.clock.nowNs);
    const state = { waiting: { reason: 'ErrImagePull', message: outcome.message } };
    table.change(uid, name, { stage: 'waiting', pull, state });
    this.context.timer(SHOWN_NS, 'pull-backoff', { uid, container: name, run });
    this.context.timer(pull.delayNs, 'retry', { uid, container: name, run });
    this.context.now(uid);
  }

  /** The failed pull now shows as a wait. */
  onPullBackoff({ uid = '', container: name = '', run }: TimerData): void {
    const found = this.context.table.find(uid, name, run);
    if (found?.record.stage !== 'running' || found.row.state.waiting?.reason !== 'ErrImagePull') return;
    const image = specOf(this.context.podOf(found.record), name)?.image ?? '';
    this.say(found.record, name, 'Normal', 'BackOff', `Back-off pulling image "${image}"`);
    this.say(found.record, name, 'Warning', 'Failed', 'Error: ImagePullBackOff');
    const message = `Back-off pulling image "${image}": ErrImagePull: ${found.row.state.waiting.message ?? ''}`;
    this.context.table.change(uid, name, { state: { waiting: { reason: 'ImagePullBackOff', message } } });
    this.context.now(uid);
  }

  private startLater(uid: string, name: string): void {
    const found = this.context.table.find(uid, name);
    this.context.table.change(uid, name, { stage: 'starting', pull: null });
    const delay = jittered(this.context, this.context.timings.startNs);
    this.context.timer(delay, 'start', { uid, container: name, run: found?.row.run });
  }

  onStart({ uid = '', container: name = '', run }: TimerData): void {
    const { table, deps } = this.context;
    const found = table.find(uid, name, run);
    if (found?.record.stage !== 'running' || found.row.stage !== 'starting') return;
    const pod = this.context.podOf(found.record);
    const container = specOf(pod, name);
    if (container === undefined) return;
    const spec = this.containerSpec(found.record, pod, container);
    if (typeof spec === 'string') return this.refuse(uid, name, 'CreateContainerConfigError', spec, 'Failed');
    this.say(found.record, name, 'Normal', 'Created', `Created container: ${name}`);
    const again = found.row.run > 0;
    const lastState = found.row.state.terminated === undefined ? found.row.lastState : found.row.state;
    const common = {
      run: found.row.run + 1,
      restartCount: found.row.restartCount + (again ? 1 : 0),
      ...(lastState === undefined ? {} : { lastState }),
      stopping: null,
      exit: null,
      startedAt: toRfc3339(deps.clock.nowNs),
      unseenSinceNs: deps.clock.nowNs,
    };
    const result = deps.runtime.start(spec);
    if ('error' in result) {
      this.say(found.record, name, 'Warning', 'Failed', `Error: ${result.error}`);
      const exit = { code: 128, reason: 'StartError', message: result.error, atNs: deps.clock.nowNs };
      table.change(uid, name, { ...common, stage: 'running', exit, probes: {} });
      return this.context.soon(uid);
    }
    this.say(found.record, name, 'Normal', 'Started', `Started container ${name}`);
    const state = { running: { startedAt: common.startedAt } };
    table.change(uid, name, {
      ...common,
      stage: 'running',
      handle: result.handle,
      state,
      probes: freshProbes(container),
    });
    this.context.soon(uid);
  }

  /** Cannot be started for a reason that time may cure; tried again. */
  private refuse(uid: string, name: string, reason: string, message: string, eventReason: string): void {
    const found = this.context.table.find(uid, name);
    if (found === undefined) return;
    this.say(
      found.record,
      name,
      'Warning',
      eventReason,
      eventReason === 'Failed' ? `Error: ${message}` : message,
    );
    if (eventReason !== 'Failed') this.say(found.record, name, 'Warning', 'Failed', `Error: ${reason}`);
    this.context.table.change(uid, name, { stage: 'waiting', state: { waiting: { reason, message } } });
    this.context.timer(this.context.timings.retryNs, 'retry', { uid, container: name, run: found.row.run });
    this.context.now(uid);
  }

  /** Everything the runtime needs, or why the container cannot be configured. */
  private containerSpec(record: PodRecord, pod: Pod, container: Container): ContainerSpec | string {
    const { deps, address } = this.context;
    const { clusterDns, clusterDomain, hostResolvConf } = deps.config;
    const hostname = podHostname(pod.metadata.name, pod.spec, deps.nodeName);
    const nodeIps = deps.nodeIps ?? [deps.nodeIp];
    const facts = { pod, ips: record.ips, nodeIps, hostname };
    const { env, error } = environment(deps.store, container, facts);
    if (error !== null) return error;
    const settings = { clusterDNS: [clusterDns], clusterDomain, nodeIPs: nodeIps };
    const namespace = pod.metadata.namespace ?? '';
    const dns = podResolvConf(settings, pod.spec, namespace, hostResolvConf ?? null);
    dns.events.forEach((reason, i) =>
      this.context.events.record(pod, 'Warning', reason, dns.messages[i] ?? ''),
    );
    const domainName = podDomainName(hostname, pod.spec, namespace, clusterDomain);
    const words = (list: readonly string[] | undefined): string[] | undefined =>
      list?.map((text) => expand(text, env));
    return {
      machine: deps.machine.name,
      netns: record.netns,
      podRef: `Pod/${namespace}/${pod.metadata.name}`,
      container: container.name,
      image: container.image ?? '',
      command: words(container.command),
      args: words(container.args),
      env,
      ports: (container.ports ?? []).map(({ name, containerPort, protocol = 'TCP' }) => ({
        name,
        containerPort,
        protocol,
      })),
      assumedPorts: assumedPorts(deps.store, pod, container),
      probedPorts: schemesOf(container),
      annotations: pod.metadata.annotations ?? {},
      labels: pod.metadata.labels ?? {},
      podName: pod.metadata.name,
      namespace,
      podIPs: record.ips,
      nodeName: deps.nodeName,
      hostname,
      resolvConf: dns.text,
      hosts: hostsFile(record.ips, hostname, domainName, pod.spec),
      replyTo: address,
      isTask: roleOf(record, container.name) === 'init' || (pod.spec.restartPolicy ?? 'Always') !== 'Always',
      files: mountedFiles(deps.store, container, facts),
      mounts: sharedMounts(pod, container, deps.nodeName),
    };
  }

  private say(
    record: PodRecord,
    name: string,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
  ): void {
    this.context.events.record(this.context.podOf(record), type, reason, message, fieldPath(record, name));
  }

  keyframe(): ReadonlySet<string> {
    return new Set(this.images);
  }

  restore(from: ReadonlySet<string>): void {
    this.images.clear();
    for (const image of from) this.images.add(image);
  }
}

function roleOf(record: PodRecord, name: string): string | undefined {
  return record.containers.find((row) => row.name === name)?.role;
}

/** "1.804s", "312ms". */
function pullDuration(ns: number): string {
  const ms = Math.round(ns / 1e6);
  return ms < 1000 ? `${ms}ms` : `${ms / 1000}s`;
}
