/** One pod on every node that will have it. Upstream: pkg/controller/daemon. */
import { SECOND } from '../../clock/clock';
import { sameValue } from '../../api/equal';
import { EventRecorder } from '../../api/events';
import type { Node, Taint } from '../../api/kinds/cluster';
import type { Pod } from '../../api/kinds/pod';
import type { Toleration } from '../../api/kinds/scheduling';
import type { DaemonSet } from '../../api/kinds/workload';
import type { Component, WatchEvent } from '../../api/watch';
import { scaledValue } from '../deployment/rolling';
import { comeBack, keyOf, splitKey, type ControllerDeps } from '../deps';
import { claimPods, Orphans, ownersOfPod, podFromTemplate } from '../ownership';
import { createdAt, isAvailable, isReady } from '../pod-state';
import { ensureRevision, refusalOf, REVISION_LABEL, trimRevisions } from '../revisions';
import { matchesNode, tolerates } from '../scheduler/filters';
import { podTemplateHash } from '../template-hash/hash';

/** Taints that a DaemonSet's pods put up with, so that they run on nodes in trouble. */
const TOLERATIONS: readonly Toleration[] = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
];

const HOST_TOLERATION: Toleration = {
  key: 'node.kubernetes.io/network-unavailable',
  operator: 'Exists',
  effect: 'NoSchedule',
};

interface Placement {
  readonly node: Node;
  /** A new pod may start here, and one that is here may stay. */
  readonly run: boolean;
  readonly stay: boolean;
  readonly pods: readonly Pod[];
}

export class DaemonSetController implements Component {
  readonly name = 'controllers/daemonset';
  readonly watches = ['DaemonSet', 'Pod', 'Node'];
  private readonly orphans = new Orphans();
  private readonly events: EventRecorder;

  constructor(private readonly deps: ControllerDeps) {
    this.events = new EventRecorder(deps, { component: 'daemonset-controller' });
  }

  keysFor(event: WatchEvent): readonly string[] {
    if (event.object.kind === 'DaemonSet') return [keyOf(event.object)];
    if (event.object.kind === 'Node') return this.keysForNode(event);
    this.orphans.hear(event);
    const namespace = event.object.metadata.namespace ?? '';
    return ownersOfPod(event, 'DaemonSet', () => this.deps.store.list('DaemonSet', namespace));
  }

  private keysForNode(event: WatchEvent): string[] {
    const [node, before] = [event.object as Node, event.previous as Node | undefined];
    const same =
      before !== undefined && before.metadata.labels === node.metadata.labels && before.spec === node.spec;
    return same ? [] : this.deps.store.list('DaemonSet').map(keyOf);
  }

  reconcile(key: string): void {
    const { store } = this.deps;
    const { namespace, name } = splitKey(key);
    const set = store.get('DaemonSet', namespace, name);
    if (set === undefined) return;
    const pods = claimPods(store, set, set.spec.selector, this.orphans);
    const hash = podTemplateHash(set.spec.template, set.status?.collisionCount);
    const data = { spec: { template: { ...set.spec.template, $patch: 'replace' } } };
    ensureRevision(store, set, `${name}-${hash}`, hash, data, set.spec.selector.matchLabels ?? {});
    if (set.metadata.deletionTimestamp === undefined) {
      this.place(set, this.placements(set, pods), hash);
      this.roll(set, hash);
    }
    this.writeStatus(key, hash);
  }

  private placements(set: DaemonSet, pods: readonly Pod[]): Placement[] {
    const perNode = new Map<string, Pod[]>();
    for (const pod of pods) {
      const node = targetNode(pod);
      perNode.set(node, [...(perNode.get(node) ?? []), pod]);
    }
    const template = podFromTemplate(set, withTolerations(set));
    return this.deps.store.list('Node').map((node) => {
      const fits = matchesNode(template, node);
      const bad = (effects: readonly Taint['effect'][]): boolean =>
        (node.spec?.taints ?? []).some(
          (row) => effects.includes(row.effect) && !tolerates(template.spec.tolerations, row),
        );
      return {
        node,
        run: fits && !bad(['NoSchedule', 'NoExecute']),
        stay: fits && !bad(['NoExecute']),
        pods: perNode.get(node.metadata.name) ?? [],
      };
    });
  }

  /** Creates what is missing, deletes what is too much, and clears failed pods away. */
  private place(set: DaemonSet, placements: readonly Placement[], hash: string): void {
    for (const { node, run, stay, pods } of placements) {
      const alive = pods.filter((pod) => pod.metadata.deletionTimestamp === undefined);
      const failed = alive.filter(
        (pod) => pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded',
      );
      const good = alive.filter((pod) => !failed.includes(pod)).sort((a, b) => createdAt(a) - createdAt(b));
      for (const pod of failed) {
        const text = `Found failed daemon pod ${keyOf(pod)} on node ${node.metadata.name}, will try to kill it`;
        this.events.record(set, 'Warning', 'FailedDaemonPod', text);
        this.remove(set, pod);
      }
      for (const pod of stay ? good.slice(1) : good) this.remove(set, pod);
      if (run && pods.length === 0) this.create(set, node, hash);
    }
  }

  private create(set: DaemonSet, node: Node, hash: string): void {
    const pod = podFromTemplate(set, withTolerations(set));
    const matchFields = [{ key: 'metadata.name', operator: 'In' as const, values: [node.metadata.name] }];
    const nodeAffinity = {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] },
    };
    const refusal = refusalOf(() => {
      const made = this.deps.store.create<Pod>({
        ...pod,
        metadata: { ...pod.metadata, labels: { ...pod.metadata.labels, [REVISION_LABEL]: hash } },
        spec: { ...pod.spec, affinity: { ...pod.spec.affinity, nodeAffinity } },
      });
      this.events.record(set, 'Normal', 'SuccessfulCreate', `Created pod: ${made.metadata.name}`);
    });
    if (refusal === null) return;
    this.events.record(set, 'Warning', 'FailedCreate', `Error creating: ${refusal}`);
    comeBack(this.deps, this.name, keyOf(set), 10 * SECOND);
  }

  private remove(set: DaemonSet, pod: Pod): void {
    this.deps.store.delete('Pod', pod.metadata.namespace ?? '', pod.metadata.name, { uid: pod.metadata.uid });
    this.events.record(set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
  }

  /** Deletes old pods, at most `maxUnavailable` (1) being out at a time; maxSurge is not used here. */
  private roll(set: DaemonSet, hash: string): void {
    if (set.spec.updateStrategy?.type === 'OnDelete') return;
    const { store, clock } = this.deps;
    const pods = store.ownedBy(set.metadata.uid ?? '').filter((row): row is Pod => row.kind === 'Pod');
    const wanted = this.placements(set, pods).filter((row) => row.run);
    const limit = Math.max(
      1,
      scaledValue(set.spec.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1, wanted.length, true),
    );
    const minReady = set.spec.minReadySeconds ?? 0;
    const up = (pod: Pod): boolean =>
      pod.metadata.deletionTimestamp === undefined && isAvailable(pod, minReady, clock.nowNs);
    const old = wanted
      .flatMap((row) => row.pods)
      .filter(
        (pod) =>
          pod.metadata.deletionTimestamp === undefined && pod.metadata.labels?.[REVISION_LABEL] !== hash,
      );
    const down = wanted.filter((row) => !row.pods.some(up)).length;
    // An old pod that is not available anyway costs nothing.
    old.filter((pod) => !up(pod)).forEach((pod) => this.remove(set, pod));
    old
      .filter(up)
      .slice(0, Math.max(0, limit - down))
      .forEach((pod) => this.remove(set, pod));
  }

  private writeStatus(key: string, hash: string): void {
    const { store, clock } = this.deps;
    const { namespace, name } = splitKey(key);
    const set = store.get('DaemonSet', namespace, name);
    if (set === undefined) return;
    const owned = store.ownedBy(set.metadata.uid ?? '').filter((row): row is Pod => row.kind === 'Pod');
    const places = this.placements(set, owned);
    const minReady = set.spec.minReadySeconds ?? 0;
    const wanted = places.filter((row) => row.run);
    const first = (row: Placement): Pod | undefined =>
      [...row.pods].sort((a, b) => createdAt(a) - createdAt(b) || Number(isReady(b)) - Number(isReady(a)))[0];
    const here = wanted.map(first).filter((pod) => pod !== undefined);
    const available = here.filter((pod) => isAvailable(pod, minReady, clock.nowNs)).length;
    const ready = here.filter(isReady).length;
    const unavailable = wanted.length - available;
    const status = {
      currentNumberScheduled: here.length,
      desiredNumberScheduled: wanted.length,
      numberMisscheduled: places.filter((row) => !row.run && row.pods.length > 0).length,
      numberReady: ready,
      observedGeneration: set.metadata.generation,
      updatedNumberScheduled: here.filter((pod) => pod.metadata.labels?.[REVISION_LABEL] === hash).length,
      ...(available > 0 ? { numberAvailable: available } : {}),
      ...(unavailable > 0 ? { numberUnavailable: unavailable } : {}),
    };
    if (!sameValue(status, set.status)) store.updateStatus({ ...set, status });
    const live = new Set(
      [hash, ...owned.map((pod) => pod.metadata.labels?.[REVISION_LABEL] ?? '')].map(
        (row) => `${name}-${row}`,
      ),
    );
    trimRevisions(store, set, live, set.spec.revisionHistoryLimit ?? 10);
    if (available < ready) comeBack(this.deps, this.name, key, minReady * SECOND);
  }

  keyframe(): unknown {
    return this.orphans.keyframe();
  }

  restore(from: unknown): void {
    this.orphans.restore(from as ReturnType<Orphans['keyframe']>);
  }
}

/** The node that a daemon pod is meant for: bound, or named by its affinity. */
function targetNode(pod: Pod): string {
  if (pod.spec.nodeName) return pod.spec.nodeName;
  const terms =
    pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return terms?.[0]?.matchFields?.[0]?.values?.[0] ?? '';
}

function withTolerations(set: DaemonSet): DaemonSet['spec']['template'] {
  const { template } = set.spec;
  const own = template.spec.hostNetwork === true ? [...TOLERATIONS, HOST_TOLERATION] : TOLERATIONS;
  return {
    ...template,
    spec: { ...template.spec, tolerations: [...(template.spec.tolerations ?? []), ...own] },
  };
}
