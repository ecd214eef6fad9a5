/** Pods by namespace and label pair, so that a Service finds its pods without looking at all of them. */
import { matchesLabels } from '../selector';
import type { Pod } from '../../api/kinds/pod';
import type { Store } from '../../api/store';
import type { WatchEvent } from '../../api/watch';

export class PodsByLabel {
  /** "namespace|key=value" to pod names. The sets are private and grow in place; a keyframe copies them. */
  private readonly names = new Map<string, Set<string>>();

  hear(event: WatchEvent): void {
    const { namespace = '', name, labels } = event.object.metadata;
    if (event.type === 'MODIFIED' && event.previous?.metadata.labels === labels) return;
    const before = event.previous?.metadata.labels ?? (event.type === 'DELETED' ? labels : undefined);
    for (const key in before) {
      const pair = `${namespace}|${key}=${before[key]}`;
      const set = this.names.get(pair);
      set?.delete(name);
      if (set?.size === 0) this.names.delete(pair);
    }
    if (event.type === 'DELETED') return;
    for (const key in labels) {
      const pair = `${namespace}|${key}=${labels[key]}`;
      let set = this.names.get(pair);
      if (set === undefined) this.names.set(pair, (set = new Set()));
      set.add(name);
    }
  }

  /** The pods that a plain selector chooses, by name. An empty selector chooses the whole namespace. */
  select(store: Store, namespace: string, selector: Readonly<Record<string, string>>): Pod[] {
    let smallest: ReadonlySet<string> | null = null;
    for (const key in selector) {
      const set = this.names.get(`${namespace}|${key}=${selector[key]}`);
      if (set === undefined) return [];
      if (smallest === null || set.size < smallest.size) smallest = set;
    }
    if (smallest === null) return [...store.list('Pod', namespace)];
    const out: Pod[] = [];
    for (const name of [...smallest].sort()) {
      const pod = store.get('Pod', namespace, name);
      if (pod !== undefined && matchesLabels(selector, pod.metadata.labels)) out.push(pod);
    }
    return out;
  }

  keyframe(): ReadonlyMap<string, ReadonlySet<string>> {
    return new Map([...this.names].map(([pair, set]) => [pair, new Set(set)]));
  }

  restore(from: ReadonlyMap<string, ReadonlySet<string>>): void {
    this.names.clear();
    for (const [pair, set] of from) this.names.set(pair, new Set(set));
  }
}
