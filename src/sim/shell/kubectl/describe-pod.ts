/** Describe pages of pods, and the container and volume blocks that pod templates share with them. */
import type { ApiObject } from '../../api/object';
import { Page } from './describe-writer';
import { controllerOf, titleBool } from './describe-parts';
import { events } from './describe-events';
import type { DescribeContext } from './describe-writer';
import { volumes } from './describe-volumes';
import { byText } from './plain-values';
import { at, list, map, num, str, strings } from './read';
import type { Fields } from './read';
import { humanDuration, parseTime, rfc1123 } from './time';

function probeText(probe: unknown): string {
  const timing =
    `delay=${num(probe, 'initialDelaySeconds')}s timeout=${num(probe, 'timeoutSeconds')}s ` +
    `period=${num(probe, 'periodSeconds')}s #success=${num(probe, 'successThreshold')} #failure=${num(probe, 'failureThreshold')}`;
  const exec = at(probe, 'exec');
  if (exec != null) return `exec [${strings(exec, 'command').join(' ')}] ${timing}`;
  const http = at(probe, 'httpGet');
  if (http != null) {
    const path = str(http, 'path');
    const scheme = (str(http, 'scheme') || 'HTTP').toLowerCase();
    const slash = path === '' || path.startsWith('/') ? '' : '/';
    return `http-get ${scheme}://${str(http, 'host')}:${str(http, 'port')}${slash}${path} ${timing}`;
  }
  const tcp = at(probe, 'tcpSocket');
  if (tcp != null) return `tcp-socket ${str(tcp, 'host')}:${str(tcp, 'port')} ${timing}`;
  const grpc = at(probe, 'grpc');
  if (grpc != null) return `grpc <pod>:${str(grpc, 'port')} ${str(grpc, 'service')} ${timing}`;
  return `unknown ${timing}`;
}

function stateLines(page: Page, title: string, state: unknown): void {
  const running = at(state, 'running');
  const ended = at(state, 'terminated');
  if (running != null) {
    page.line(2, `${title}:\tRunning`);
    page.line(3, `Started:\t${rfc1123(at(running, 'startedAt'))}`);
  } else if (ended != null) {
    page.line(2, `${title}:\tTerminated`);
    if (str(ended, 'reason') !== '') page.line(3, `Reason:\t${str(ended, 'reason')}`);
    if (str(ended, 'message') !== '') page.line(3, `Message:\t${str(ended, 'message')}`);
    page.line(3, `Exit Code:\t${num(ended, 'exitCode')}`);
    if (num(ended, 'signal') > 0) page.line(3, `Signal:\t${num(ended, 'signal')}`);
    page.line(3, `Started:\t${rfc1123(at(ended, 'startedAt'))}`);
    page.line(3, `Finished:\t${rfc1123(at(ended, 'finishedAt'))}`);
  } else {
    page.line(2, `${title}:\tWaiting`);
    const reason = str(state, 'waiting.reason');
    if (reason !== '') page.line(3, `Reason:\t${reason}`);
  }
}

function ports(page: Page, container: Fields): void {
  const of = (key: string) =>
    list(container, 'ports')
      .map((port) => `${num(port, key)}/${str(port, 'protocol') || 'TCP'}`)
      .join(', ') || '<none>';
  for (const [title, text] of [
    ['Port', of('containerPort')],
    ['Host Port', of('hostPort')],
  ] as const) {
    page.line(2, `${title}${text.includes(',') ? 's' : ''}:\t${text}`);
  }
}

function words(page: Page, title: string, all: readonly string[]): void {
  if (all.length === 0) return;
  page.line(2, `${title}:`);
  for (const word of all) for (const line of word.split('\n')) page.line(3, line);
}

function resources(page: Page, container: Fields): void {
  for (const [title, key] of [
    ['Limits', 'limits'],
    ['Requests', 'requests'],
  ] as const) {
    const amounts = map(container, `resources.${key}`);
    const names = Object.keys(amounts).sort(byText);
    if (names.length > 0) page.line(2, `${title}:`);
    for (const name of names) page.line(3, `${name}:\t${amounts[name]}`);
  }
}

/** What a field reference stands for, as far as kubectl resolves it. */
function fieldRefValue(pod: ApiObject | null, path: string): string {
  if (pod === null) return '';
  const one = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (one !== null) return map(pod, `metadata.${one[1]}`)[one[2]!] ?? '';
  return /^metadata\.(name|namespace|uid)$/.test(path) ? str(pod, path) : '';
}

function environment(page: Page, container: Fields, pod: ApiObject | null): void {
  const from = list(container, 'envFrom');
  if (from.length > 0) page.line(2, 'Environment Variables from:');
  for (const source of from) {
    const [kind, ref] =
      at(source, 'configMapRef') != null ? ['ConfigMap', 'configMapRef'] : ['Secret', 'secretRef'];
    const prefix = str(source, 'prefix');
    const suffix = prefix === '' ? '' : ` with prefix '${prefix}'`;
    page.line(
      3,
      `${str(source, `${ref}.name`)}\t${kind}${suffix}\tOptional: ${at(source, `${ref}.optional`) === true}`,
    );
  }
  const variables = list(container, 'env');
  page.line(2, `Environment:${variables.length === 0 ? '\t<none>' : ''}`);
  for (const variable of variables) {
    const name = str(variable, 'name');
    const source = at(variable, 'valueFrom');
    if (source == null) {
      str(variable, 'value')
        .split('\n')
        .forEach((line, i) => page.line(3, `${i === 0 ? `${name}:` : ''}\t${line}`));
      continue;
    }
    page.line(3, `${name}:\t${sourceText(source, pod)}`);
  }
}

function sourceText(source: unknown, pod: ApiObject | null): string {
  const field = at(source, 'fieldRef');
  if (field != null) {
    const path = str(field, 'fieldPath');
    return `${fieldRefValue(pod, path)} (${str(field, 'apiVersion') || 'v1'}:${path})`;
  }
  const secret = at(source, 'secretKeyRef');
  if (secret != null) {
    return `<set to the key '${str(secret, 'key')}' in secret '${str(secret, 'name')}'>\tOptional: ${at(secret, 'optional') === true}`;
  }
  const config = at(source, 'configMapKeyRef');
  if (config != null) {
    return `<set to the key '${str(config, 'key')}' of config map '${str(config, 'name')}'>\tOptional: ${at(config, 'optional') === true}`;
  }
  return `0 (${str(source, 'resourceFieldRef.resource')})`;
}

function mounts(page: Page, container: Fields): void {
  const all = [...list(container, 'volumeMounts')].sort((a, b) =>
    byText(str(a, 'mountPath'), str(b, 'mountPath')),
  );
  page.line(2, `Mounts:${all.length === 0 ? '\t<none>' : ''}`);
  for (const mount of all) {
    const flags = [at(mount, 'readOnly') === true ? 'ro' : 'rw'];
    if (str(mount, 'subPath') !== '') flags.push(`path="${str(mount, 'subPath')}"`);
    page.line(3, `${str(mount, 'mountPath')} from ${str(mount, 'name')} (${flags.join(',')})`);
  }
}

/** Containers of a pod (with their statuses) or of a template (`indent` two blanks). */
export function containers(
  page: Page,
  title: string,
  all: readonly Fields[],
  options: { statuses?: readonly Fields[]; pod?: ApiObject; indent?: string },
): void {
  const indent = options.indent ?? '';
  page.line(0, `${indent}${title}:${all.length === 0 ? ' <none>' : ''}`);
  for (const container of all) {
    const status = options.statuses?.find((s) => s['name'] === container['name']);
    page.line(1, `${indent === '' ? '' : ' '}${str(container, 'name')}:`);
    if (status !== undefined) page.line(2, `Container ID:\t${str(status, 'containerID')}`);
    page.line(2, `Image:\t${str(container, 'image')}`);
    if (status !== undefined) page.line(2, `Image ID:\t${str(status, 'imageID')}`);
    ports(page, container);
    words(page, 'Command', strings(container, 'command'));
    words(page, 'Args', strings(container, 'args'));
    if (status !== undefined) {
      stateLines(page, 'State', at(status, 'state'));
      if (at(status, 'lastState.terminated') != null) stateLines(page, 'Last State', at(status, 'lastState'));
      page.line(2, `Ready:\t${titleBool(status['ready'])}`);
      page.line(2, `Restart Count:\t${num(status, 'restartCount')}`);
    }
    resources(page, container);
    for (const kind of ['liveness', 'readiness', 'startup'] as const) {
      const probe = at(container, `${kind}Probe`);
      if (probe != null)
        page.line(2, `${kind.charAt(0).toUpperCase()}${kind.slice(1)}:\t${probeText(probe)}`);
    }
    environment(page, container, options.pod ?? null);
    mounts(page, container);
  }
}

function tolerationText(toleration: Fields): string {
  const key = str(toleration, 'key');
  const value = str(toleration, 'value');
  const effect = str(toleration, 'effect');
  const body = `${key}${value && `=${value}`}${effect && `:${effect}`}`;
  const exists = str(toleration, 'operator') === 'Exists' && value === '' ? 'op=Exists' : '';
  const seconds = at(toleration, 'tolerationSeconds');
  return [body, exists, seconds == null ? '' : `for ${String(seconds)}s`]
    .filter((part) => part !== '')
    .join(' ');
}

/** Node selector and tolerations: the end of a pod's or a template's page. */
export function placement(page: Page, spec: unknown, indent = ''): void {
  page.labels('Node-Selectors', map(spec, 'nodeSelector'), indent);
  const all = [...list(spec, 'tolerations')].sort((a, b) => byText(str(a, 'key'), str(b, 'key')));
  page.multi('Tolerations', all.map(tolerationText), indent);
}

/** The Pod Template block of workloads. */
export function podTemplate(page: Page, template: unknown): void {
  page.line(0, 'Pod Template:');
  page.labels('Labels', map(template, 'metadata.labels'), '  ');
  const annotations = map(template, 'metadata.annotations');
  if (Object.keys(annotations).length > 0) page.annotations('Annotations', annotations, '  ');
  const account = str(template, 'spec.serviceAccountName');
  if (account !== '') page.line(0, `  Service Account:\t${account}`);
  const init = list(template, 'spec.initContainers');
  if (init.length > 0) containers(page, 'Init Containers', init, { indent: '  ' });
  containers(page, 'Containers', list(template, 'spec.containers'), { indent: '  ' });
  volumes(page, list(template, 'spec.volumes'), '  ');
  const priority = str(template, 'spec.priorityClassName');
  if (priority !== '') page.line(0, `  Priority Class Name:\t${priority}`);
  placement(page, at(template, 'spec'), '  ');
}

function status(page: Page, pod: ApiObject, nowMs: number): void {
  const deleted = parseTime(pod.metadata.deletionTimestamp);
  if (deleted !== null && str(pod, 'status.phase') !== 'Failed' && str(pod, 'status.phase') !== 'Succeeded') {
    page.field('Status', `Terminating (lasts ${humanDuration(nowMs / 1000 - deleted)})`);
    page.field('Termination Grace Period', `${pod.metadata.deletionGracePeriodSeconds ?? 0}s`);
  } else page.field('Status', str(pod, 'status.phase'));
  if (str(pod, 'status.reason') !== '') page.field('Reason', str(pod, 'status.reason'));
  if (str(pod, 'status.message') !== '') page.field('Message', str(pod, 'status.message'));
}

function addresses(page: Page, pod: ApiObject): void {
  page.field('IP', str(pod, 'status.podIP'));
  const all = list(pod, 'status.podIPs');
  if (all.length === 0) page.field('IPs', '<none>');
  else page.line(0, 'IPs:');
  for (const ip of all) page.line(1, `IP:\t${str(ip, 'ip')}`);
}

/** The page of a pod. */
export function describePod(pod: ApiObject, context: DescribeContext): string {
  const page = new Page();
  page.field('Name', pod.metadata.name);
  page.field('Namespace', pod.metadata.namespace ?? '');
  if (at(pod, 'spec.priority') != null) page.field('Priority', num(pod, 'spec.priority'));
  for (const [title, path] of [
    ['Priority Class Name', 'spec.priorityClassName'],
    ['Runtime Class Name', 'spec.runtimeClassName'],
    ['Service Account', 'spec.serviceAccountName'],
  ] as const) {
    if (str(pod, path) !== '') page.field(title, str(pod, path));
  }
  const node = str(pod, 'spec.nodeName');
  page.field('Node', node === '' ? '<none>' : `${node}/${str(pod, 'status.hostIP')}`);
  if (at(pod, 'status.startTime') != null) page.field('Start Time', rfc1123(at(pod, 'status.startTime')));
  page.labels('Labels', pod.metadata.labels ?? {});
  page.annotations('Annotations', pod.metadata.annotations ?? {});
  status(page, pod, context.nowMs);
  addresses(page, pod);
  const controller = controllerOf(pod);
  if (controller !== null) page.field('Controlled By', controller);
  if (str(pod, 'status.nominatedNodeName') !== '')
    page.field('NominatedNodeName', str(pod, 'status.nominatedNodeName'));
  const init = list(pod, 'spec.initContainers');
  if (init.length > 0) {
    containers(page, 'Init Containers', init, { statuses: list(pod, 'status.initContainerStatuses'), pod });
  }
  containers(page, 'Containers', list(pod, 'spec.containers'), {
    statuses: list(pod, 'status.containerStatuses'),
    pod,
  });
  podConditions(page, pod);
  volumes(page, list(pod, 'spec.volumes'));
  page.field('QoS Class', str(pod, 'status.qosClass') || 'BestEffort');
  placement(page, pod['spec']);
  events(page, context, pod);
  return page.text();
}

function podConditions(page: Page, pod: ApiObject): void {
  const gates = list(pod, 'spec.readinessGates');
  const all = list(pod, 'status.conditions');
  if (gates.length > 0) {
    page.line(0, 'Readiness Gates:');
    page.line(1, 'Type\tStatus');
    for (const gate of gates) {
      const met = all.find((condition) => condition['type'] === gate['conditionType']);
      page.line(1, `${str(gate, 'conditionType')} \t${met === undefined ? '<none>' : str(met, 'status')} `);
    }
  }
  if (all.length === 0) return;
  page.line(0, 'Conditions:');
  page.line(1, 'Type\tStatus');
  for (const condition of all) page.line(1, `${str(condition, 'type')} \t${str(condition, 'status')} `);
}
