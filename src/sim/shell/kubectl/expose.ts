/** `kubectl expose`: a Service for a workload, a pod or another Service (kubectl pkg/cmd/expose). */
import type { ApiObject } from '../../api/object';
import type { Step } from '../shell';
import { UsageError } from './api';
import type { Kubectl, Verb } from './context';
import { createAndSay } from './create';
import { list, map, num, str } from './read';
import { chooseObjects, forEach } from './write';
import type { Chosen } from './write';

const EXPOSABLE = new Set(['Deployment', 'ReplicaSet', 'ReplicationController', 'Service', 'Pod']);

function selectorOf(k: Kubectl, { object }: Chosen): Readonly<Record<string, string>> {
  const given = k.flags.text('selector');
  if (given !== '') return Object.fromEntries(given.split(',').map((pair) => pair.split('=')));
  switch (object.kind) {
    case 'Pod': {
      const labels = object.metadata.labels ?? {};
      if (Object.keys(labels).length === 0) {
        throw new UsageError(
          "couldn't retrieve selectors via --selector flag or introspection: the pod has no labels and cannot be exposed",
        );
      }
      return labels;
    }
    case 'Service':
    case 'ReplicationController': {
      const selector = map(object, 'spec.selector');
      if (Object.keys(selector).length === 0) {
        throw new UsageError(
          "couldn't retrieve selectors via --selector flag or introspection: the service has no pod selector set",
        );
      }
      return selector;
    }
    default: {
      if (list(object, 'spec.selector.matchExpressions').length > 0) {
        throw new UsageError(
          'couldn\'t retrieve selectors via --selector flag or introspection: couldn\'t convert expressions - "MatchExpressions" is not supported',
        );
      }
      return map(object, 'spec.selector.matchLabels');
    }
  }
}

/** Ports that the object itself tells, with their protocols. */
function introspect(object: ApiObject): { port: number; protocol: string }[] {
  if (object.kind === 'Service') {
    return list(object, 'spec.ports').map((port) => ({
      port: num(port, 'port'),
      protocol: str(port, 'protocol') || 'TCP',
    }));
  }
  const containers = list(
    object,
    object.kind === 'Pod' ? 'spec.containers' : 'spec.template.spec.containers',
  );
  return containers.flatMap((container) =>
    list(container, 'ports').map((port) => ({
      port: num(port, 'containerPort'),
      protocol: str(port, 'protocol') || 'TCP',
    })),
  );
}

/** A number as Go's strconv.Atoi reads it. Throws UsageError in its words. */
function atoi(text: string): number {
  if (!/^[+-]?\d+$/.test(text))
    throw new UsageError(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}

function portsOf(k: Kubectl, object: ApiObject): object[] {
  const known = introspect(object);
  const given = k.flags.text('port').split(',').filter(Boolean);
  const numbers = given.length > 0 ? given.map(atoi) : known.map(({ port }) => port);
  if (numbers.length === 0 && k.flags.text('cluster-ip') !== 'None')
    throw new UsageError("couldn't find port via --port flag or introspection");
  const target = k.flags.text('target-port');
  return numbers.map((port, i) => ({
    ...(numbers.length > 1 ? { name: `port-${i + 1}` } : {}),
    port,
    protocol: k.flags.text('protocol') || (known.find((one) => one.port === port)?.protocol ?? 'TCP'),
    targetPort: target === '' ? port : /^\d+$/.test(target) ? Number(target) : target,
  }));
}

function labelsOf(k: Kubectl, object: ApiObject): Readonly<Record<string, string>> | undefined {
  const given = k.flags.text('labels');
  if (given === '') return object.metadata.labels;
  return Object.fromEntries(given.split(',').map((pair) => pair.split('=')));
}

function exposeOne(k: Kubectl, chosen: Chosen): void {
  const { object, resource } = chosen;
  if (!EXPOSABLE.has(object.kind)) {
    throw new UsageError(`cannot expose a ${[object.kind, resource.group].filter(Boolean).join('.')}`);
  }
  const selector = selectorOf(k, chosen);
  const labels = labelsOf(k, object);
  const flag = (name: string, field: string) =>
    k.flags.text(name) === '' ? {} : { [field]: k.flags.text(name) };
  const service: ApiObject = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: k.flags.text('name') || object.metadata.name.slice(0, 63),
      ...(labels === undefined || Object.keys(labels).length === 0 ? {} : { labels }),
    },
    spec: {
      ...flag('cluster-ip', 'clusterIP'),
      ...flag('load-balancer-ip', 'loadBalancerIP'),
      ...flag('session-affinity', 'sessionAffinity'),
      ...flag('type', 'type'),
      ...(k.flags.text('external-ip') === '' ? {} : { externalIPs: [k.flags.text('external-ip')] }),
      ports: portsOf(k, object),
      selector,
    },
    status: { loadBalancer: {} },
  };
  createAndSay(k, service, 'exposed');
}

function expose(k: Kubectl): Step {
  return forEach(k, chooseObjects(k, k.args), (chosen) => exposeOne(k, chosen));
}

export const exposeVerb: Verb = { path: 'expose', run: expose };
