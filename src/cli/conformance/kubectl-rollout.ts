/**
 * Captures of `kubectl rollout status`: each sentence implies a state of the workload, and the states are put into the store
 * one after the other while the command watches.
 */
import type { ApiObject } from '../../sim/api/object';
import { resourceByName } from '../../sim/api/kinds/resources';
import type { Output } from './kubectl-case';

type Status = Record<string, unknown>;

const SPEC_SEEN = { observedGeneration: 2 };

/** Numbers in a sentence. */
function numbers(text: string): number[] {
  return [...text.matchAll(/\b\d+\b/g)].map((m) => Number(m[0]));
}

/** The status that a sentence about a workload of `wanted` pods implies. */
function statusOf(kind: string, sentence: string, wanted: number): Status {
  const [first = 0, second = 0] = numbers(sentence.replace(/^.*finish:/, ''));
  if (/spec update to be observed/.test(sentence)) return { observedGeneration: 1 };
  if (kind === 'DaemonSet') {
    const updated = /new pods have been updated/.test(sentence) ? first : wanted;
    const available = /are available/.test(sentence) ? first : wanted;
    return {
      ...SPEC_SEEN,
      desiredNumberScheduled: wanted,
      updatedNumberScheduled: updated,
      numberAvailable: available,
    };
  }
  if (kind === 'StatefulSet') {
    const ready = /to be ready/.test(sentence) ? wanted - first : wanted;
    const updated = /have been updated/.test(sentence) ? first : 0;
    return { ...SPEC_SEEN, replicas: wanted, readyReplicas: ready, updatedReplicas: updated };
  }
  if (/out of/.test(sentence))
    return { ...SPEC_SEEN, replicas: second, updatedReplicas: first, availableReplicas: 0 };
  if (/pending termination/.test(sentence))
    return { ...SPEC_SEEN, replicas: wanted + first, updatedReplicas: wanted };
  if (/are available/.test(sentence)) {
    return { ...SPEC_SEEN, replicas: second, updatedReplicas: second, availableReplicas: first };
  }
  return { ...SPEC_SEEN, replicas: wanted, updatedReplicas: wanted, availableReplicas: wanted };
}

/** How many pods the sentences speak of. */
function wantedOf(stdout: string): number {
  const said = [...stdout.matchAll(/(?:out of|of) (\d+) (?:new|updated)|complete: (\d+)/g)].map((m) =>
    Number(m[1] ?? m[2]),
  );
  return Math.max(1, ...said);
}

/** States of the workload in their order; empty when the capture is not of a rollout that unfolds. */
export function rolloutStates(output: Output): readonly ApiObject[] {
  const m = /^kubectl rollout status (\w+)\/(\w+)/.exec(output.command);
  const resource = m === null ? null : resourceByName(m[1]!);
  const sentences = output.stdout.split('\n').filter((line) => line !== '');
  if (m === null || resource === null || sentences.length === 0) return [];
  const wanted = wantedOf(output.stdout);
  const partition = /artitioned/.test(output.stdout) ? { rollingUpdate: { partition: 0 } } : {};
  const object = (status: Status, i: number): ApiObject => ({
    apiVersion: resource.apiVersion,
    kind: resource.kind,
    metadata: { name: m[2]!, namespace: 'default', generation: 2, resourceVersion: String(10 + i), uid: 'u' },
    spec: { replicas: wanted, updateStrategy: { type: 'RollingUpdate', ...partition } },
    // The same sentence again means that something else of the status changed.
    status: { ...status, collisionCount: i },
  });
  const states = sentences.map((sentence, i) => object(statusOf(resource.kind, sentence, wanted), i));
  if (!/progress deadline/.test(output.stderr)) return states;
  const stuck = {
    ...SPEC_SEEN,
    conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }],
  };
  return [...states, object(stuck, states.length)];
}

/** The ReplicaSets that a history shows, or that an undo went back to, for the Deployment of the capture. */
export function revisionsOf(output: Output, objects: readonly ApiObject[]): ApiObject[] {
  const m = /^kubectl rollout (history|undo) deploy\w*[/ ](\w+)/.exec(output.command);
  const owner = objects.find((object) => object.kind === 'Deployment' && object.metadata.name === m?.[2]);
  if (m === null || owner === undefined) return [];
  const told = [...output.stdout.matchAll(/^(\d+) +(\S.*)$/gm)].map(([, n, cause]) => ({
    n: Number(n),
    cause,
  }));
  const wanted = Number(/--to-revision=(\d+)/.exec(output.command)?.[1] ?? 1);
  const isBack = m[1] === 'undo' && output.exit === 0;
  const skipped = /already matches/.test(output.stdout);
  const paused = /paused deployment/.test(output.stderr);
  const unknown = /find the specified revision/.test(output.stderr);
  const list = isBack || paused || unknown ? [wanted, wanted + 1].map((n) => ({ n, cause: '<none>' })) : told;
  const spec = owner['spec'] as Record<string, Status>;
  return list.map(({ n, cause }) => ({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${owner.metadata.name}-${n}`,
      namespace: owner.metadata.namespace ?? 'default',
      labels: { app: owner.metadata.name },
      annotations: {
        'deployment.kubernetes.io/revision': String(n),
        ...(cause === '<none>' || cause === undefined ? {} : { 'kubernetes.io/change-cause': cause }),
      },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          name: owner.metadata.name,
          uid: owner.metadata.uid ?? '',
          controller: true,
        },
      ],
    },
    spec: {
      selector: spec['selector'],
      template: isBack && !skipped && n === wanted ? older(spec) : spec['template'],
    },
  }));
}

/** The template before the last change. */
function older(spec: Readonly<Record<string, Status>>): Status {
  const template = spec['template'] ?? {};
  const metadata = { ...(template['metadata'] as Status), annotations: { before: 'yes' } };
  return { ...template, metadata };
}
