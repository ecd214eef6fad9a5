/**
 * Why a request failed, step by step: name, address, endpoints, and where it ended. Every step is read from the trace and
 * from objects as they stand now; nothing is guessed beyond the near-misses of a selector, which are marked as such.
 */
import { destinationOf, innermost } from '../sim/trace/describe';
import type { PacketTrace } from '../sim/trace/hop';
import { explain, explainEnd } from '../sim/trace/explain';
import type { EventView, PodView, ServiceView } from '../sim/view';

export interface Rung {
  /** ok: this much worked. bad: here is the cause. stop: here it ended. */
  readonly state: 'ok' | 'bad' | 'stop';
  readonly title: string;
  readonly text: string;
  /** The field of an object that is the cause, where it can be named. */
  readonly origin?: { readonly ref: string; readonly path: string };
}

/** One label value in a selector that is a letter or two away from what pods really carry. */
export interface NearMiss {
  readonly service: string;
  readonly key: string;
  readonly from: string;
  readonly to: string;
  readonly pods: number;
}

/** One value in one field that would make it work, as far as anybody can tell from what pods say of themselves. */
export interface Fix {
  readonly ref: string;
  readonly path: string;
  readonly from: string;
  readonly to: string;
}

export interface Failure {
  readonly rungs: readonly Rung[];
  readonly fix: Fix | null;
}

export interface FailureWorld {
  /** Packets of the same request, oldest first. */
  readonly packets: readonly PacketTrace[];
  readonly services: readonly ServiceView[];
  readonly pods: readonly PodView[];
  /** What the cluster said of its objects, oldest first. */
  readonly events?: readonly EventView[];
  readonly nameOf: (ip: string) => string | null;
}

/** The steps up to the end of `lost`, the packet that did not arrive; null when none is known. */
export function explainFailure(lost: PacketTrace | null, world: FailureWorld): Failure {
  const name = nameRung(world);
  const rungs: Rung[] = name === null ? [] : [name];
  if (name?.state === 'bad') return { rungs: [...rungs, ...endRung(lost, world)], fix: null };
  const target = targetOf(lost, world);
  const service = target === null ? undefined : serviceAt(target.ip, world);
  if (target !== null) rungs.push(addressRung(target, service, world));
  let fix: Fix | null = null;
  if (service !== undefined && service.type !== 'ExternalName') {
    const near = service.endpoints.length === 0 ? nearMiss(service, world.pods) : null;
    const wrongPort = portFix(lost, target, service, world);
    fix = near === null ? wrongPort : selectorFix(near);
    rungs.push(localRung(lost, target, service) ?? endpointsRung(service, world, near));
    if (wrongPort !== null) rungs.push(portRung(wrongPort, service));
  }
  return { rungs: [...rungs, ...endRung(lost, world)], fix };
}

const selectorFix = ({ service, key, from, to }: NearMiss): Fix => ({
  ref: service,
  path: `spec.selector.${key}`,
  from,
  to,
});

/** A Service that keeps to the caller's node, where rules ended a packet because there is no endpoint on that node. */
function localRung(lost: PacketTrace | null, target: Target | null, service: ServiceView): Rung | null {
  const end = lost?.end;
  const cause = lost?.hops.at(-1)?.rules?.findLast(({ origin }) => origin !== undefined)?.origin?.ref;
  if (end?.reason !== 'rule' || cause !== service.ref || target === null) return null;
  const { machine } = end.place;
  const ready = service.endpoints.filter((one) => one.ready);
  if (ready.length === 0 || ready.some((one) => one.node === machine)) return null;
  const field = service.clusterIPs.includes(target.ip) ? 'internalTrafficPolicy' : 'externalTrafficPolicy';
  const elsewhere =
    ready.length === 1 ? 'the only ready one runs elsewhere' : `all ${ready.length} ready ones run elsewhere`;
  return {
    state: 'bad',
    title: `Endpoints: none on ${machine}`,
    text: `${field}: Local keeps to pods on ${machine} itself, and ${elsewhere}.`,
    origin: { ref: service.ref, path: `spec.${field}` },
  };
}

/** The pod that an unheard packet came to, by its address. */
function podAt(lost: PacketTrace | null, pods: readonly PodView[]): PodView | undefined {
  const last = lost?.hops.at(-1);
  const ip = last && innermost(last.after).ip?.dst;
  return pods.find((one) => one.ip === ip && !one.hostNetwork);
}

/** Nobody listens on the target port, and the pod says that it uses exactly one other. */
function portFix(
  lost: PacketTrace | null,
  target: Target | null,
  service: ServiceView,
  { pods }: FailureWorld,
): Fix | null {
  if (lost?.end?.reason !== 'no-listener' || target === null) return null;
  const index = service.ports.findIndex(
    ({ port, nodePort }) => port === target.port || nodePort === target.port,
  );
  const found = service.ports[index];
  const declared = podAt(lost, pods)?.containers.flatMap((one) => one.ports) ?? [];
  const [only = ''] = declared;
  const to = /^(\d+)\/(\w+)$/.exec(only);
  if (found === undefined || declared.length !== 1 || to === null || to[2] !== found.protocol) return null;
  if (!/^\d+$/.test(found.targetPort) || found.targetPort === to[1]) return null;
  return { ref: service.ref, path: `spec.ports[${index}].targetPort`, from: found.targetPort, to: to[1]! };
}

function portRung({ ref, path, from, to }: Fix, { namespace, name }: ServiceView): Rung {
  return {
    state: 'bad',
    title: 'Target port: nobody listens',
    text: `Service ${namespace}/${name} sends to port ${from}, and its pods declare ${to}.`,
    origin: { ref, path },
  };
}

function nameRung({ packets, nameOf }: FailureWorld): Rung | null {
  const questions = packets.filter((one) => one.role === 'dns-query');
  if (questions.length === 0) return null;
  const answers = packets.filter((one) => one.role === 'dns-answer' && one.end?.kind === 'delivered');
  const said = answers.map((one) => summaryOf(one));
  const good = answers.findLast((one) => /^(A|AAAA|CNAME) /.test(summaryOf(one)));
  if (good !== undefined) {
    const who = serverOf(good, nameOf);
    return { state: 'ok', title: 'Name', text: `${who} says ${summaryOf(good).replace(/^(A|AAAA) /, '')}.` };
  }
  // Hops that were left out at high speed say nothing about what was answered.
  if ([...questions, ...answers].some((one) => one.hops.length === 0)) return null;
  const asked = summaryOf(questions[0]!);
  if (said.length === 0) return { state: 'bad', title: 'Name: no answer', text: `Nobody answered ${asked}` };
  const who = serverOf(answers.at(-1)!, nameOf);
  return { state: 'bad', title: 'Name: unknown', text: `${who} says ${said.at(-1)} to ${asked}` };
}

function summaryOf(trace: PacketTrace): string {
  const first = trace.hops[0];
  const payload = first && innermost(first.before).payload;
  return payload?.type === 'app' ? payload.summary : trace.label;
}

function serverOf(answer: PacketTrace, nameOf: FailureWorld['nameOf']): string {
  const ip = answer.hops[0] && innermost(answer.hops[0].before).ip?.src;
  return (ip && nameOf(ip)) ?? ip ?? 'The name server';
}

interface Target {
  readonly ip: string;
  readonly port: number | null;
  readonly words: string;
}

/** What the caller wanted to reach: the destination as the request left its socket. */
function targetOf(lost: PacketTrace | null, { packets }: FailureWorld): Target | null {
  const asked = lost?.role === 'request' ? lost : packets.find((one) => one.role === 'request');
  const first = (asked ?? lost)?.hops[0];
  if (first === undefined) return null;
  const packet = innermost(first.before);
  if (packet.ip === undefined) return null;
  const port = packet.l4 !== undefined && packet.l4.kind !== 'icmp' ? packet.l4.dstPort : null;
  return { ip: packet.ip.dst, port, words: destinationOf(packet) };
}

function serviceAt(ip: string, { services }: FailureWorld): ServiceView | undefined {
  return services.find((one) => one.clusterIPs.includes(ip) || one.externalAddresses.includes(ip));
}

function addressRung(target: Target, service: ServiceView | undefined, world: FailureWorld): Rung {
  const { ip, port, words } = target;
  if (service === undefined) {
    const who = world.nameOf(ip);
    if (who === null)
      return { state: 'bad', title: 'Address: unknown', text: `Nobody in the cluster has ${ip} now.` };
    return { state: 'ok', title: 'Address', text: `${words} belongs to ${who}.` };
  }
  const name = `Service ${service.namespace}/${service.name}`;
  if (port !== null && !service.ports.some((one) => one.port === port || one.nodePort === port)) {
    const ports = service.ports.map((one) => one.port).join(', ');
    return {
      state: 'bad',
      title: 'Port: not offered',
      text: `${name} has no port ${port}; it has ${ports}.`,
    };
  }
  return { state: 'ok', title: 'Address', text: `${words} belongs to ${name}.` };
}

const selectorWords = (selector: Readonly<Record<string, string>>): string =>
  Object.entries(selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');

function endpointsRung(service: ServiceView, world: FailureWorld, near: NearMiss | null): Rung {
  const { pods } = world;
  const { endpoints, selector } = service;
  const ready = endpoints.filter((one) => one.ready).length;
  if (ready > 0) return { state: 'ok', title: 'Endpoints', text: `${ready} of ${endpoints.length} ready.` };
  if (endpoints.length > 0) {
    return notReadyRung(service, world);
  }
  if (selector === null) {
    return {
      state: 'bad',
      title: 'Endpoints: none',
      text: 'The Service has no selector and nobody wrote any.',
    };
  }
  const here = pods.filter((one) => one.namespace === service.namespace);
  const hit = here.filter((pod) =>
    Object.entries(selector).every(([key, value]) => pod.labels[key] === value),
  );
  const text =
    hit.length > 0
      ? `Selector ${selectorWords(selector)} matches ${hit.length}, none of them with an address to offer yet.`
      : `Selector ${selectorWords(selector)} matches 0 of ${here.length} pods in ${service.namespace}.`;
  const hint = near === null ? '' : ` ${near.pods} of them carry ${near.key}=${near.to}, close to it.`;
  return { state: 'bad', title: 'Endpoints: none', text: text + hint };
}

/** Endpoints without a ready one, with what the first pod says of why, and its probe where that is why. */
function notReadyRung({ endpoints }: ServiceView, { pods, events = [] }: FailureWorld): Rung {
  const title = 'Endpoints: none ready';
  const text = `None of ${endpoints.length} is ready.`;
  const pod = pods.find(({ ref }) => endpoints.some((one) => one.podRef === ref && !one.ready));
  const failed = events.findLast((one) => one.object === pod?.ref && one.reason === 'Unhealthy');
  const probe = failed !== undefined && /^Readiness/.test(failed.message) ? failed : undefined;
  const why = pod?.heldUnready === true ? pod.reason : (probe?.message ?? pod?.reason ?? '');
  if (pod === undefined || why === '') return { state: 'bad', title, text };
  const rung: Rung = { state: 'bad', title, text: `${text} ${pod.name}: ${why}` };
  if (why !== probe?.message || pod.containers.length !== 1) return rung;
  const path = 'spec.containers[0].readinessProbe';
  return {
    ...rung,
    origin: { ref: pod.workload, path: pod.workload === pod.ref ? path : `spec.template.${path}` },
  };
}

/** A selector of which exactly one value is off, by at most two letters, from what some pods carry. */
export function nearMiss(service: ServiceView, pods: readonly PodView[]): NearMiss | null {
  const wanted = Object.entries(service.selector ?? {});
  const found = new Map<string, NearMiss>();
  for (const pod of pods) {
    if (pod.namespace !== service.namespace) continue;
    const off = wanted.filter(([key, value]) => pod.labels[key] !== value);
    const [key, from] = off[0] ?? [];
    if (off.length !== 1 || key === undefined || from === undefined) continue;
    const to = pod.labels[key];
    if (to === undefined || distance(from, to) > 2) continue;
    const id = `${key}=${to}`;
    found.set(id, { service: service.ref, key, from, to, pods: (found.get(id)?.pods ?? 0) + 1 });
  }
  return [...found.values()].sort((a, b) => b.pods - a.pods)[0] ?? null;
}

/** How many letters must be put in, taken out or changed to get from one word to the other. */
export function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

const TITLES: Readonly<Record<string, string>> = {
  rejected: 'refused',
  dropped: 'dropped',
  lost: 'lost',
};

function endRung(lost: PacketTrace | null, { pods, nameOf }: FailureWorld): Rung[] {
  const end = lost?.end;
  if (lost == null || end == null || end.kind === 'delivered') return [];
  const last = lost.hops.at(-1);
  const byRule = end.reason === 'rule' && last !== undefined;
  const pod = end.reason === 'no-listener' ? podAt(lost, pods)?.name : undefined;
  const place = byRule ? 'Rules' : end.place.machine === 'underlay' ? 'Wire' : (pod ?? end.place.machine);
  const title = `${place}: ${TITLES[end.kind] ?? end.kind}`;
  const text = byRule ? `${explain(last, nameOf)}.` : `${explainEnd(end)}.${listenerHint(lost, pods)}`;
  return [{ state: 'stop', title, text }];
}

/** For a port on which nobody listens: what the pod's containers say that they use. */
function listenerHint(lost: PacketTrace, pods: readonly PodView[]): string {
  if (lost.end?.reason !== 'no-listener') return '';
  const last = lost.hops.at(-1);
  const sent = last && innermost(last.after);
  const pod = podAt(lost, pods);
  const ports = pod?.containers.flatMap((one) => one.ports) ?? [];
  if (pod === undefined || ports.length === 0) return '';
  const l4 = sent?.l4;
  const tried = l4 && 'dstPort' in l4 ? `It is ${l4.dstPort}/${l4.kind.toUpperCase()}, and ` : '';
  return ` ${tried}${pod.name} declares ${ports.join(', ')}.`;
}
