/** CPU and memory that pods ask for, summed the way the scheduler's NodeResourcesFit plugin does. */
import type { Container } from '../../api/kinds/container';
import type { Pod, PodSpec } from '../../api/kinds/pod';
import { quantityValue } from '../../api/quantity';

/** Amounts by resource name: millicores of cpu, bytes (or plain counts) of everything else. */
export type Amounts = Readonly<Record<string, number>>;

function amount(resource: string, text: string | number): number {
  const plain = quantityValue(text) ?? 0;
  return resource === 'cpu' ? Math.round(plain * 1000) : plain;
}

function requests(container: Container): Record<string, number> {
  const rows = Object.entries(container.resources?.requests ?? {});
  return Object.fromEntries(rows.map(([resource, text]) => [resource, amount(resource, text)]));
}

function add(into: Record<string, number>, more: Amounts): void {
  for (const key in more) into[key] = (into[key] ?? 0) + more[key]!;
}

// A pure memo: specs are never changed in place, so the sum belongs to the object.
const memo = new WeakMap<PodSpec, Amounts>();

/** What a pod asks for: all its containers together, or its largest init container if that is more. */
export function amounts(pod: Pod): Amounts {
  const known = memo.get(pod.spec);
  if (known !== undefined) return known;
  const total: Record<string, number> = {};
  for (const container of pod.spec.containers) add(total, requests(container));
  for (const container of pod.spec.initContainers ?? []) {
    const asked = requests(container);
    if (container.restartPolicy === 'Always') add(total, asked);
    else for (const key in asked) total[key] = Math.max(total[key] ?? 0, asked[key]!);
  }
  memo.set(pod.spec, total);
  return total;
}

/** Sum over pods. */
export function sumAmounts(pods: readonly Pod[]): Amounts {
  const total: Record<string, number> = {};
  for (const pod of pods) add(total, amounts(pod));
  return total;
}

/** Names of the resources that do not fit. A node that states no amount of cpu or memory is not limited in it. */
export function fits(asked: Amounts, used: Amounts, allocatable: Readonly<Record<string, string>>): string[] {
  return Object.keys(asked)
    .sort()
    .filter((resource) => {
      if (asked[resource] === 0) return false;
      const limit = allocatable[resource];
      if (limit === undefined)
        return resource !== 'cpu' && resource !== 'memory' && resource !== 'ephemeral-storage';
      return (used[resource] ?? 0) + asked[resource]! > amount(resource, limit);
    });
}
