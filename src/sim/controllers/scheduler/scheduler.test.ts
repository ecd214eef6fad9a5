import { expect, it } from 'vitest';
import type { Node } from '../../api/kinds/cluster';
import type { Pod, PodSpec } from '../../api/kinds/pod';
import { failureMessage, refusalsOf, type NodeInfo } from './filters';
import { affinityRefusals } from './inter-pod';
import { sumAmounts } from './resources';

function info(name: string, node: Partial<Node> = {}, pods: Pod[] = []): NodeInfo {
  const labels = { 'kubernetes.io/hostname': name, ...node.metadata?.labels };
  const whole: Node = { apiVersion: 'v1', kind: 'Node', ...node, metadata: { name, labels } };
  const repelling = pods.filter((row) => row.spec.affinity?.podAntiAffinity !== undefined);
  return { node: whole, pods, repelling, used: () => sumAmounts(pods) };
}

function pod(spec: Partial<PodSpec> = {}, labels = { app: 'web' }): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'default', labels },
    spec: { containers: [{ name: 'c' }], ...spec },
  };
}

const asks = (cpu: string): Partial<PodSpec> => ({
  containers: [{ name: 'c', resources: { requests: { cpu } } }],
});
const ports = { containers: [{ name: 'c', ports: [{ containerPort: 80, hostPort: 80 }] }] };
const tainted: Partial<Node> = { spec: { taints: [{ key: 'gpu', effect: 'NoSchedule' }] } };

it.each<[string, Pod, NodeInfo, string[]]>([
  ['cordoned', pod(), info('n', { spec: { unschedulable: true } }), ['node(s) were unschedulable']],
  ['tainted', pod(), info('n', tainted), ['node(s) had untolerated taint(s)']],
  ['tolerated', pod({ tolerations: [{ key: 'gpu', operator: 'Exists' }] }), info('n', tainted), []],
  [
    'selector',
    pod({ nodeSelector: { disk: 'ssd' } }),
    info('n'),
    ["node(s) didn't match Pod's node affinity/selector"],
  ],
  [
    'cpu',
    pod(asks('600m')),
    info('n', { status: { allocatable: { cpu: '1' } } }, [pod(asks('0.5'))]),
    ['Insufficient cpu'],
  ],
  [
    'cpu fits',
    pod(asks('500m')),
    info('n', { status: { allocatable: { cpu: '1' } } }, [pod(asks('500m'))]),
    [],
  ],
  ['full', pod(), info('n', { status: { allocatable: { pods: '1' } } }, [pod()]), ['Too many pods']],
  [
    'ports',
    pod(ports),
    info('n', {}, [pod(ports)]),
    ["node(s) didn't have free ports for the requested pod ports"],
  ],
])('%s', (_title, given, node, reasons) => {
  expect(refusalsOf(given, node).map((row) => row.reason)).toEqual(reasons);
});

it('keeps pods apart that ask for it, in both directions', () => {
  const term = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'web' } } };
  const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
  const all = [info('a', {}, [pod({ affinity })]), info('b')];
  expect(affinityRefusals(pod({ affinity }), all[0]!, all)[0]?.reason).toBe(
    "node(s) didn't match pod anti-affinity rules",
  );
  expect(affinityRefusals(pod(), all[0]!, all)[0]?.reason).toBe(
    "node(s) didn't satisfy existing pods anti-affinity rules",
  );
  expect(affinityRefusals(pod({ affinity }), all[1]!, all)).toEqual([]);
});

it("says why nothing fits, in the scheduler's words", () => {
  const helpless = { reason: 'node(s) were unschedulable', helpless: true };
  const cpu = { reason: 'Insufficient cpu', helpless: false };
  expect(failureMessage(3, [[cpu], [cpu], [helpless]])).toBe(
    '0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient cpu. preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.',
  );
  expect(failureMessage(0, [])).toBe('no nodes available to schedule pods');
});
