/** The objects that `kubectl create TYPE` makes from its flags (kubectl pkg/cmd/create). */
import type { ApiObject } from '../../api/object';
import { UsageError } from './api';
import type { Kubectl } from './context';
import { isRecord } from './plain-values';
import { quantityValue } from './quantity';
import { resourceNamed } from './targets';

const SUFFIX_LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

/** What stands after `--`. */
export function commandAfterDash(k: Kubectl): readonly string[] {
  return k.flags.argsBeforeDash === null ? [] : k.args.slice(k.flags.argsBeforeDash);
}

/** Container name for an image; letters that names cannot hold are replaced, and then a few at random keep it unique. */
export function containerName(k: Kubectl, image: string): string {
  const base = image.slice(image.lastIndexOf('/') + 1).replace(/[:@].*$/, '');
  const clean = base.toLowerCase().replace(/[^a-z0-9-]/g, '-');
  if (clean === base) return base;
  return `${clean}-${k.world.clock.random.text('kubectl', SUFFIX_LETTERS, 5)}`;
}

export function deploymentSpec(k: Kubectl, name: string): ApiObject {
  const images = k.flags.list('image');
  if (images.length === 0) throw new UsageError('required flag(s) "image" not set');
  const command = commandAfterDash(k);
  if (images.length > 1 && command.length > 0) {
    throw new UsageError('cannot specify multiple --image options and command');
  }
  const port = k.flags.int('port');
  const labels = { app: name };
  const containers = images.map((image) => ({
    name: containerName(k, image),
    image,
    ...(command.length > 0 ? { command } : {}),
    ...(port > 0 ? { ports: [{ containerPort: port }] } : {}),
    resources: {},
  }));
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels },
    spec: {
      replicas: k.flags.int('replicas'),
      selector: { matchLabels: labels },
      strategy: {},
      template: { metadata: { labels }, spec: { containers } },
    },
    status: {},
  };
}

/** "5678:8080", "80" or "80:http" of --tcp. */
function tcpPort(text: string): { name: string; port: number; targetPort: number | string } {
  const [left = '', right] = text.split(':');
  if (!/^\d+$/.test(left)) throw new UsageError(`strconv.ParseUint: parsing "${left}": invalid syntax`);
  const port = Number(left);
  const targetPort = right === undefined ? port : /^\d+$/.test(right) ? Number(right) : right;
  return { name: text.replace(':', '-'), port, targetPort };
}

const SERVICE_TYPES: Readonly<Record<string, string>> = {
  clusterip: 'ClusterIP',
  nodeport: 'NodePort',
  loadbalancer: 'LoadBalancer',
  externalname: 'ExternalName',
};

export function serviceSpec(k: Kubectl, name: string, kind: string): ApiObject {
  const headless = k.flags.text('clusterip') === 'None';
  const external = k.flags.text('external-name');
  const given = k.flags.list('tcp');
  if (given.length === 0 && !headless && kind !== 'externalname') {
    throw new UsageError('at least one tcp port specifier must be provided');
  }
  if (kind === 'externalname' && external === '')
    throw new UsageError('required flag(s) "external-name" not set');
  const nodePort = k.flags.int('node-port');
  const ports = given.map(tcpPort).map(({ name: portName, port, targetPort }) => ({
    name: portName,
    port,
    protocol: 'TCP',
    targetPort,
    ...(nodePort > 0 ? { nodePort } : {}),
  }));
  const clusterIP = k.flags.text('clusterip');
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, labels: { app: name } },
    spec: {
      ...(clusterIP === '' ? {} : { clusterIP }),
      ...(external === '' ? {} : { externalName: external }),
      ...(ports.length > 0 ? { ports } : {}),
      selector: { app: name },
      type: SERVICE_TYPES[kind],
    },
    status: { loadBalancer: {} },
  };
}

/** KEY=VALUE pairs of --from-literal, and files of --from-file. */
function dataOf(k: Kubectl): Record<string, string> {
  const data: Record<string, string> = {};
  for (const text of k.flags.list('from-literal')) {
    const equals = text.indexOf('=');
    if (equals < 1) throw new UsageError(`invalid literal source ${text}, expected key=value`);
    data[text.slice(0, equals)] = text.slice(equals + 1).replace(/^(['"])(.*)\1$/s, '$2');
  }
  for (const text of k.flags.list('from-file')) {
    const [key, path] = text.includes('=')
      ? [text.split('=')[0]!, text.slice(text.indexOf('=') + 1)]
      : [null, text];
    const files = k.world.readFiles(path);
    if (files === null) throw new UsageError(`error reading ${path}: no such file or directory`);
    for (const file of files) data[key ?? file.name.slice(file.name.lastIndexOf('/') + 1)] = file.text;
  }
  return data;
}

function withData(object: ApiObject, data: Readonly<Record<string, string>>): ApiObject {
  return Object.keys(data).length === 0 ? object : { ...object, data };
}

export function configMapSpec(k: Kubectl, name: string): ApiObject {
  return withData({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } }, dataOf(k));
}

export function secretSpec(k: Kubectl, name: string): ApiObject {
  const data = Object.fromEntries(Object.entries(dataOf(k)).map(([key, text]) => [key, base64(text)]));
  const type = k.flags.text('type');
  const object: ApiObject = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name },
    ...(type === '' ? {} : { type }),
  };
  return withData(object, data);
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** RFC 4648 base64 of a text in UTF-8. */
export function base64(text: string): string {
  const bytes = [...encodeURIComponent(text).matchAll(/%([0-9A-F]{2})|(.)/g)].map((m) =>
    m[1] === undefined ? m[2]!.charCodeAt(0) : parseInt(m[1], 16),
  );
  let out = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const word = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const left = bytes.length - i;
    out += BASE64[word >> 18]! + BASE64[(word >> 12) & 63]!;
    out += (left > 1 ? BASE64[(word >> 6) & 63]! : '=') + (left > 2 ? BASE64[word & 63]! : '=');
  }
  return out;
}

interface IngressRule {
  readonly host: string;
  readonly path: object;
  readonly tls: string | null;
}

/** host/path=service:port[,tls[=secret]] */
function ingressRule(text: string): IngressRule {
  const m = /^([^/=]*)(\/[^=]*)=([^:,]+):([^:,]+)(?:,tls(?:=(.+))?)?$/.exec(text);
  if (m === null) {
    throw new UsageError(
      `rule ${text} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]`,
    );
  }
  const [, host = '', rawPath = '', service = '', port = ''] = m;
  const isPrefix = rawPath.endsWith('*');
  const path = {
    path: isPrefix ? rawPath.slice(0, -1) : rawPath,
    pathType: isPrefix ? 'Prefix' : 'Exact',
    backend: backend(service, port),
  };
  return { host, path, tls: /,tls/.test(text) ? (m[5] ?? '') : null };
}

function backend(name: string, port: string): object {
  return { service: { name, port: /^\d+$/.test(port) ? { number: Number(port) } : { name: port } } };
}

export function ingressSpec(k: Kubectl, name: string): ApiObject {
  const given = k.flags.list('rule');
  const fallback = k.flags.text('default-backend');
  if (given.length === 0 && fallback === '') {
    throw new UsageError(
      'not enough information provided: every ingress has to either specify a default-backend (which catches all traffic) or a list of rules (which catch specific paths)',
    );
  }
  const byHost = new Map<string, object[]>();
  const tls: object[] = [];
  for (const rule of given.map(ingressRule)) {
    byHost.set(rule.host, [...(byHost.get(rule.host) ?? []), rule.path]);
    if (rule.tls !== null)
      tls.push({ hosts: [rule.host], ...(rule.tls === '' ? {} : { secretName: rule.tls }) });
  }
  const rules = [...byHost].map(([host, paths]) => ({ ...(host === '' ? {} : { host }), http: { paths } }));
  const [service = '', port = ''] = fallback.split(':');
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name },
    spec: {
      ...(k.flags.text('class') === '' ? {} : { ingressClassName: k.flags.text('class') }),
      ...(fallback === '' ? {} : { defaultBackend: backend(service, port) }),
      ...(rules.length > 0 ? { rules } : {}),
      ...(tls.length > 0 ? { tls } : {}),
    },
    status: { loadBalancer: {} },
  };
}

function jobTemplate(k: Kubectl, name: string, restart: string): object {
  const image = k.flags.text('image');
  if (image === '') throw new UsageError('required flag(s) "image" not set');
  const command = commandAfterDash(k);
  const container = { name, image, ...(command.length > 0 ? { command } : {}), resources: {} };
  return { metadata: {}, spec: { containers: [container], restartPolicy: restart } };
}

export function jobSpec(k: Kubectl, name: string): ApiObject {
  const spec = { template: jobTemplate(k, name, 'Never') };
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name }, spec, status: {} };
}

export function cronJobSpec(k: Kubectl, name: string): ApiObject {
  const schedule = k.flags.text('schedule');
  if (schedule === '') throw new UsageError('required flag(s) "schedule" not set');
  const template = jobTemplate(k, name, k.flags.text('restart') || 'OnFailure');
  const spec = { jobTemplate: { metadata: { name }, spec: { template } }, schedule };
  return { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name }, spec, status: {} };
}

export function quotaSpec(k: Kubectl, name: string): ApiObject {
  const hard = Object.fromEntries(
    k.flags
      .text('hard')
      .split(',')
      .filter(Boolean)
      .map((pair) => {
        const [key = '', value = ''] = pair.split('=');
        if (value === '' || (quantityValue(value) === 0 && !/^0/.test(value))) {
          throw new UsageError(`invalid argument ${pair}, expected key=value`);
        }
        return [key, value];
      }),
  );
  const spec = Object.keys(hard).length === 0 ? {} : { hard };
  return { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name }, spec, status: {} };
}

export function disruptionBudgetSpec(k: Kubectl, name: string): ApiObject {
  const intOrText = (text: string) => (/^\d+$/.test(text) ? Number(text) : text);
  const [min, max] = [k.flags.text('min-available'), k.flags.text('max-unavailable')];
  if (k.flags.text('selector') === '') throw new UsageError('a selector must be specified');
  if (min === '' && max === '')
    throw new UsageError('one of min-available or max-unavailable must be specified');
  const matchLabels = Object.fromEntries(
    k.flags
      .text('selector')
      .split(',')
      .map((pair) => pair.split('=')),
  );
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name },
    spec: {
      ...(min === '' ? {} : { minAvailable: intOrText(min) }),
      ...(max === '' ? {} : { maxUnavailable: intOrText(max) }),
      selector: { matchLabels },
    },
    status: { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 },
  };
}

const RBAC = 'rbac.authorization.k8s.io';

export function roleSpec(k: Kubectl, name: string, kind: 'Role' | 'ClusterRole'): ApiObject {
  const verbs = k.flags.list('verb');
  if (verbs.length === 0) throw new UsageError('at least one verb must be specified');
  const groups = new Map<string, string[]>();
  for (const text of k.flags.list('resource')) {
    const [type = '', sub] = text.split('/');
    const resource = resourceNamed(k, type);
    const full = sub === undefined ? resource.plural : `${resource.plural}/${sub}`;
    groups.set(resource.group, [...(groups.get(resource.group) ?? []), full]);
  }
  if (groups.size === 0) throw new UsageError('at least one resource must be specified');
  const rules = [...groups].map(([group, resources]) => ({ apiGroups: [group], resources, verbs }));
  return { apiVersion: `${RBAC}/v1`, kind, metadata: { name }, rules };
}

export function bindingSpec(k: Kubectl, name: string, kind: 'RoleBinding' | 'ClusterRoleBinding'): ApiObject {
  const role = k.flags.text('role');
  const clusterRole = k.flags.text('clusterrole');
  if ((role === '') === (clusterRole === ''))
    throw new UsageError('exactly one of clusterrole or role must be specified');
  const accounts = k.flags.list('serviceaccount').map((text) => {
    const [namespace = '', account = ''] = text.split(':');
    if (account === '') throw new UsageError('serviceaccount must be <namespace>:<name>');
    return { kind: 'ServiceAccount', name: account, namespace };
  });
  const named = (flag: string, subject: string) =>
    k.flags.list(flag).map((who) => ({ apiGroup: RBAC, kind: subject, name: who }));
  return {
    apiVersion: `${RBAC}/v1`,
    kind,
    metadata: { name },
    roleRef: { apiGroup: RBAC, kind: role === '' ? 'ClusterRole' : 'Role', name: role || clusterRole },
    subjects: [...named('user', 'User'), ...named('group', 'Group'), ...accounts],
  };
}

export function priorityClassSpec(k: Kubectl, name: string): ApiObject {
  const description = k.flags.text('description');
  return {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name },
    ...(description === '' ? {} : { description }),
    ...(k.flags.bool('global-default') ? { globalDefault: true } : {}),
    preemptionPolicy: k.flags.text('preemption-policy') || 'PreemptLowerPriority',
    value: k.flags.int('value'),
  };
}

/** An object with nothing but a name. */
export function namedSpec(kind: string, name: string): ApiObject {
  const bare: ApiObject = { apiVersion: 'v1', kind, metadata: { name } };
  return kind === 'Namespace' && isRecord(bare) ? { ...bare, spec: {}, status: {} } : bare;
}
