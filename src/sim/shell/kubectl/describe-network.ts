/** Describe pages of Service, Endpoints, EndpointSlice, Ingress, IngressClass and NetworkPolicy. */
import type { ApiObject } from '../../api/object';
import { Page } from './describe-writer';
import { events } from './describe-events';
import { head, shortPage } from './describe-parts';
import type { DescribeContext } from './describe-writer';
import { pairs } from './plain-values';
import { at, list, map, num, str, strings } from './read';
import type { Fields } from './read';
import { firstFew, selectorText } from './table-texts';
import { hostPort, ingressAddresses } from './table-network';
import { goTime } from './time';

const SERVICE_LABEL = 'kubernetes.io/service-name';

/** Ready addresses of a Service's port by its slices, at most three. */
function sliceEndpoints(
  context: DescribeContext,
  namespace: string,
  service: string,
  portName: string,
): string {
  const all: string[] = [];
  for (const slice of context.list('EndpointSlice', namespace)) {
    if (slice.metadata.labels?.[SERVICE_LABEL] !== service) continue;
    for (const port of list(slice, 'ports')) {
      if (str(port, 'name') !== portName) continue;
      for (const endpoint of list(slice, 'endpoints')) {
        if (at(endpoint, 'conditions.ready') === false) continue;
        all.push(...strings(endpoint, 'addresses').map((ip) => hostPort(ip, str(port, 'port'))));
      }
    }
  }
  return all.length === 0 ? '<none>' : firstFew(all, 3);
}

function servicePort(page: Page, context: DescribeContext, service: ApiObject, port: Fields): void {
  const name = str(port, 'name') || '<unset>';
  const protocol = str(port, 'protocol') || 'TCP';
  page.line(0, `Port:\t${name}\t${num(port, 'port')}/${protocol}`);
  page.field('TargetPort', `${str(port, 'targetPort') || num(port, 'port')}/${protocol}`);
  if (num(port, 'nodePort') !== 0) page.line(0, `NodePort:\t${name}\t${num(port, 'nodePort')}/${protocol}`);
  const { namespace, name: serviceName } = service.metadata;
  page.field('Endpoints', sliceEndpoints(context, namespace ?? '', serviceName, str(port, 'name')));
}

function loadBalancer(page: Page, service: ApiObject): void {
  const external = strings(service, 'spec.externalIPs');
  if (external.length > 0) page.field('External IPs', external.join(','));
  const asked = str(service, 'spec.loadBalancerIP');
  if (asked !== '') page.field('Desired LoadBalancer IP', asked);
  const alias = str(service, 'spec.externalName');
  if (alias !== '') page.field('External Name', alias);
  const given = list(service, 'status.loadBalancer.ingress').map((ingress) => {
    const ip = str(ingress, 'ip');
    const mode = str(ingress, 'ipMode');
    return ip === '' ? str(ingress, 'hostname') : ip + (mode === '' ? '' : ` (${mode})`);
  });
  if (given.length > 0) page.field('LoadBalancer Ingress', given.join(', '));
}

export function describeService(object: ApiObject, context: DescribeContext): string {
  const page = new Page();
  head(page, object);
  page.field('Selector', pairs(map(object, 'spec.selector')));
  page.field('Type', str(object, 'spec.type'));
  if (str(object, 'spec.ipFamilyPolicy') !== '')
    page.field('IP Family Policy', str(object, 'spec.ipFamilyPolicy'));
  page.field('IP Families', strings(object, 'spec.ipFamilies').join(',') || '<none>');
  page.field('IP', str(object, 'spec.clusterIP'));
  page.field('IPs', strings(object, 'spec.clusterIPs').join(',') || '<none>');
  loadBalancer(page, object);
  for (const port of list(object, 'spec.ports')) servicePort(page, context, object, port);
  page.field('Session Affinity', str(object, 'spec.sessionAffinity'));
  for (const [title, path] of [
    ['External Traffic Policy', 'spec.externalTrafficPolicy'],
    ['Internal Traffic Policy', 'spec.internalTrafficPolicy'],
  ] as const) {
    if (str(object, path) !== '') page.field(title, str(object, path));
  }
  const health = num(object, 'spec.healthCheckNodePort');
  if (health !== 0) page.field('HealthCheck NodePort', health);
  const ranges = strings(object, 'spec.loadBalancerSourceRanges');
  if (ranges.length > 0) page.field('LoadBalancer Source Ranges', ranges.join(','));
  const distribution = str(object, 'spec.trafficDistribution');
  if (distribution !== '') page.field('Traffic Distribution', distribution);
  events(page, context, object);
  return page.text();
}

export function describeEndpoints(object: ApiObject, context: DescribeContext): string {
  const page = new Page();
  head(page, object);
  page.line(0, 'Subsets:');
  for (const subset of list(object, 'subsets')) {
    const ips = (key: string) =>
      list(subset, key)
        .map((address) => str(address, 'ip'))
        .join(',') || '<none>';
    page.line(1, `Addresses:\t${ips('addresses')}`);
    page.line(1, `NotReadyAddresses:\t${ips('notReadyAddresses')}`);
    portTable(page, list(subset, 'ports'), 1);
    page.line(0, '');
  }
  events(page, context, object);
  return page.text();
}

function portTable(page: Page, ports: readonly Fields[], level: number): void {
  if (ports.length === 0) return;
  page.line(level, 'Ports:');
  page.line(level + 1, 'Name\tPort\tProtocol');
  page.line(level + 1, '----\t----\t--------');
  for (const port of ports) {
    const cells = [
      str(port, 'name') || '<unset>',
      str(port, 'port') || '<unset>',
      str(port, 'protocol') || 'TCP',
    ];
    page.line(level + 1, cells.join('\t'));
  }
}

export function describeEndpointSlice(object: ApiObject, context: DescribeContext): string {
  const page = new Page();
  head(page, object);
  page.field('AddressType', str(object, 'addressType'));
  const ports = list(object, 'ports');
  if (ports.length === 0) page.line(0, 'Ports: <unset>');
  portTable(page, ports, 0);
  const endpoints = list(object, 'endpoints');
  page.line(0, endpoints.length === 0 ? 'Endpoints: <none>' : 'Endpoints:');
  for (const endpoint of endpoints) {
    page.line(1, `- Addresses:\t${strings(endpoint, 'addresses').join(',') || '<none>'}`);
    page.line(2, 'Conditions:');
    const ready = at(endpoint, 'conditions.ready');
    page.line(3, `Ready:\t${ready == null ? '<unset>' : String(ready)}`);
    page.line(2, `Hostname:\t${str(endpoint, 'hostname') || '<unset>'}`);
    const target = at(endpoint, 'targetRef');
    if (target != null) page.line(2, `TargetRef:\t${str(target, 'kind')}/${str(target, 'name')}`);
    page.line(2, `NodeName:\t${str(endpoint, 'nodeName') || '<unset>'}`);
    page.line(2, `Zone:\t${str(endpoint, 'zone') || '<unset>'}`);
  }
  events(page, context, object);
  return page.text();
}

/** "web:80 (10.244.1.5:80)", or why the backend leads nowhere. */
function backendText(context: DescribeContext, namespace: string, backend: unknown): string {
  const resource = at(backend, 'resource');
  if (resource != null) {
    return `APIGroup: ${str(resource, 'apiGroup') || '<none>'}, Kind: ${str(resource, 'kind')}, Name: ${str(resource, 'name')}`;
  }
  const name = str(backend, 'service.name');
  const port = str(backend, 'service.port.name') || str(backend, 'service.port.number');
  return `${name}:${port} (${backendEndpoints(context, namespace, name, port)})`;
}

function backendEndpoints(context: DescribeContext, namespace: string, name: string, port: string): string {
  const service = context.get('Service', namespace, name);
  if (service === undefined) return `<error: services "${name}" not found>`;
  const found = list(service, 'spec.ports').find((p) => str(p, 'name') === port || str(p, 'port') === port);
  return sliceEndpoints(context, namespace, name, str(found, 'name'));
}

export function describeIngress(object: ApiObject, context: DescribeContext): string {
  const page = new Page();
  const namespace = object.metadata.namespace ?? '';
  const fallback = at(object, 'spec.defaultBackend');
  page.field('Name', object.metadata.name);
  page.labels('Labels', object.metadata.labels ?? {});
  page.field('Namespace', namespace);
  page.field('Address', ingressAddresses(object).join(','));
  page.field('Ingress Class', str(object, 'spec.ingressClassName') || '<none>');
  page.field('Default backend', fallback == null ? '<default>' : backendText(context, namespace, fallback));
  const tls = list(object, 'spec.tls');
  if (tls.length > 0) page.line(0, 'TLS:');
  for (const entry of tls) {
    const hosts = strings(entry, 'hosts').join(',');
    const secret = str(entry, 'secretName');
    page.line(1, secret === '' ? `SNI routes ${hosts}` : `${secret} terminates ${hosts}`);
  }
  page.line(0, 'Rules:');
  page.line(1, 'Host\tPath\tBackends');
  page.line(1, '----\t----\t--------');
  const rules = list(object, 'spec.rules').filter((rule) => at(rule, 'http') != null);
  for (const rule of rules) {
    page.line(1, `${str(rule, 'host') || '*'}\t`);
    for (const path of list(rule, 'http.paths')) {
      page.line(2, `\t${str(path, 'path')} \t${backendText(context, namespace, at(path, 'backend'))}`);
    }
  }
  if (rules.length === 0) {
    page.line(1, `*\t* \t${fallback == null ? '<default>' : backendText(context, namespace, fallback)}`);
  }
  page.annotations('Annotations', object.metadata.annotations ?? {});
  events(page, context, object);
  return page.text();
}

export function describeIngressClass(object: ApiObject, context: DescribeContext): string {
  return shortPage(
    object,
    context,
    (page) => {
      page.field('Controller', str(object, 'spec.controller'));
      const parameters = at(object, 'spec.parameters');
      if (parameters == null) return;
      page.line(0, 'Parameters:');
      if (str(parameters, 'apiGroup') !== '') page.line(1, `APIGroup:\t${str(parameters, 'apiGroup')}`);
      page.line(1, `Kind:\t${str(parameters, 'kind')}`);
      page.line(1, `Name:\t${str(parameters, 'name')}`);
    },
    { namespace: false },
  );
}

function peerLines(peer: Fields): string[] {
  const block = at(peer, 'ipBlock');
  if (block != null) {
    return ['IPBlock:', `  CIDR: ${str(block, 'cidr')}`, `  Except: ${strings(block, 'except').join(', ')}`];
  }
  const lines: string[] = [];
  if (at(peer, 'namespaceSelector') != null) {
    lines.push(`NamespaceSelector: ${selectorText(at(peer, 'namespaceSelector'))}`);
  }
  if (at(peer, 'podSelector') != null) lines.push(`PodSelector: ${selectorText(at(peer, 'podSelector'))}`);
  return lines;
}

function policyRules(page: Page, rules: readonly Fields[], way: 'ingress' | 'egress'): void {
  const [peers, word, end] = way === 'ingress' ? ['from', 'From', 'source'] : ['to', 'To', 'destination'];
  if (rules.length === 0) page.line(2, `<none> (Selected pods are isolated for ${way} connectivity)`);
  rules.forEach((rule, i) => {
    const ports = list(rule, 'ports');
    if (ports.length === 0) page.line(2, 'To Port: <any> (traffic allowed to all ports)');
    for (const port of ports) {
      const protocol = str(port, 'protocol') || 'TCP';
      const last = str(port, 'endPort');
      if (last === '') page.line(2, `To Port: ${str(port, 'port') || '<any>'}/${protocol}`);
      else page.line(2, `To Port Range: ${str(port, 'port')}-${last}/${protocol}`);
    }
    const all = list(rule, peers);
    if (all.length === 0) page.line(2, `${word}: <any> (traffic not restricted by ${end})`);
    for (const peer of all) {
      page.line(2, `${word}:`);
      for (const line of peerLines(peer)) page.line(3, line);
    }
    if (i < rules.length - 1) page.line(2, '----------');
  });
}

export function describeNetworkPolicy(object: ApiObject): string {
  const page = new Page();
  page.field('Name', object.metadata.name);
  page.field('Namespace', object.metadata.namespace ?? '');
  page.field('Created on', goTime(object.metadata.creationTimestamp));
  page.labels('Labels', object.metadata.labels ?? {});
  page.annotations('Annotations', object.metadata.annotations ?? {});
  const selector = selectorText(at(object, 'spec.podSelector'));
  const everyone = '<none> (Allowing the specific traffic to all pods in this namespace)';
  page.line(0, 'Spec:');
  page.line(1, `PodSelector:     ${selector === '<none>' ? everyone : selector}`);
  const types = strings(object, 'spec.policyTypes');
  for (const way of ['ingress', 'egress'] as const) {
    if (types.some((type) => type.toLowerCase() === way)) {
      page.line(1, `Allowing ${way} traffic:`);
      policyRules(page, list(object, `spec.${way}`), way);
    } else page.line(1, `Not affecting ${way} traffic`);
  }
  page.line(1, `Policy Types: ${types.join(', ')}`);
  return page.text();
}
