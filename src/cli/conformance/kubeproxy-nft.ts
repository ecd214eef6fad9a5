/** Golden cases of nftables mode: the table after a sync as commands, and how many operations the sync took. */
import type { ApiObject } from '../../sim/api/object';
import { printNftCommands } from '../../sim/kernel/nft/commands';
import { nftName } from '../../sim/node/kube-proxy/names';
import type { SyncInfo } from '../../sim/node/kube-proxy/proxier';
import { compareTexts, inImpliedWorld, type CaseResult } from './result';
import { ProxyWorld, type CaseNode, type CaseObjects } from './kubeproxy-world';

export interface NftGolden extends CaseObjects {
  readonly id: string;
  readonly layout?: string;
  readonly node: CaseNode;
  readonly staleEmptyChains?: readonly string[] | null;
  readonly transactionOperations?: number | string | null;
  readonly preexisting?: readonly string[] | null;
  readonly change?: string | null;
  readonly expected: readonly string[];
}

export interface NftFacts {
  readonly names?: { readonly examples: readonly NameExample[] };
}

interface NameExample {
  readonly namespace: string;
  readonly service: string;
  readonly portName: string;
  readonly protocol: string;
  readonly endpoint?: string;
  readonly nameBase: string;
}

export function runNftNames(facts: NftFacts): CaseResult[] {
  return (facts.names?.examples ?? []).map((example) => {
    const found = /^\[?(.*?)\]?:(\d+)$/.exec(example.endpoint ?? '');
    const endpoint = found ? { ip: found[1]!, port: Number(found[2]) } : undefined;
    const id = `nft-name/${example.namespace}/${example.service}/${example.portName}/${example.endpoint ?? ''}`;
    return compareTexts(id, example.nameBase, nftName(example, endpoint));
  });
}

export function runNftGolden(data: NftGolden, all: readonly NftGolden[]): CaseResult {
  const layout = data.layout ?? 'B';
  if (layout !== 'B' && layout !== 'C') return { id: data.id, status: 'not-run' };
  // Without a pause between syncs nothing grows stale by itself.
  const world = new ProxyWorld({ ...data.node, nftLayout: layout }, 'nftables', { minSyncPeriodNs: 0 });
  const { info, implied } = bringUp(world, data, all);
  const plan = info.plans[0]!.nftables!;
  const { operations } = plan;
  const asked = Number(String(data.transactionOperations ?? '').replace(/^setup \+ /, ''));
  const counts = data.transactionOperations != null;
  const stale = data.staleEmptyChains ? [...plan.stale.keys()].sort() : undefined;
  const wantedStale = data.staleEmptyChains ? [...data.staleEmptyChains].sort() : undefined;
  const expected = [
    ...normal(data.expected),
    JSON.stringify({ operations: counts ? asked : null, stale: wantedStale }),
  ];
  const got = [...table(world), JSON.stringify({ operations: counts ? operations.length : null, stale })];
  const result = differing(data.id, expected, got);
  return implied ? inImpliedWorld(result) : result;
}

/** Shows only the lines that differ. */
function differing(id: string, expected: readonly string[], got: readonly string[]): CaseResult {
  const missing = expected.filter((line) => !got.includes(line));
  const surplus = got.filter((line) => !expected.includes(line));
  if (missing.length + surplus.length === 0) return compareTexts(id, expected.join('\n'), got.join('\n'));
  return { id, status: 'failed', expected: missing.join('\n'), got: surplus.join('\n') };
}

function table(world: ProxyWorld): string[] {
  const family = world.node.ipFamily === 'IPv4' ? 'ip' : 'ip6';
  const held = world.netfilter.nft.table(family, 'kube-proxy');
  return held === undefined ? [] : normal(printNftCommands(held));
}

/** A set of lines, but for the rules of a chain, whose order counts. */
function normal(lines: readonly string[]): string[] {
  // Some lists are joined with commas alone, some with spaces around them.
  const tidy = lines.map((line) =>
    line
      .replace(/\s*,\s*/g, ' , ')
      .replace(/\s+/g, ' ')
      .trim(),
  );
  const seen = new Map<string, number>();
  const keyed = tidy.map((line) => {
    const chain = /^add rule \S+ \S+ (\S+)/.exec(line)?.[1];
    if (chain === undefined) return line;
    const number = (seen.get(chain) ?? 0) + 1;
    seen.set(chain, number);
    return line.replace(` ${chain} `, ` ${chain} #${number} `);
  });
  return keyed.sort();
}

/** The last sync, and whether the time before some sync had to be read off what the table then held. */
interface Brought {
  readonly info: SyncInfo;
  readonly implied: boolean;
}

function bringUp(world: ProxyWorld, data: NftGolden, all: readonly NftGolden[]): Brought {
  if (data.preexisting) {
    // The table that a proxy before this one left: written by one that saw only what the table speaks of.
    world.start(knownTo(data, data.preexisting));
    return { info: world.start(data), implied: false };
  }
  const steps = [...series(data, all), data];
  let info = world.start(steps[0]!);
  let implied = false;
  for (let i = 1; i < steps.length; i++) {
    const next = follow(world, steps[i - 1]!, steps[i]!);
    info = next.info;
    implied ||= next.implied;
  }
  return { info, implied };
}

/** From one case of a series to the next, by way of what lies between where numbers are missing. */
function follow(world: ProxyWorld, before: NftGolden, step: NftGolden): Brought {
  const about = /svc\d+/.exec(step.change ?? '')?.[0];
  if (numberOf(step) > numberOf(before) + 1 && about !== undefined) {
    world.wait(2);
    world.change(mixed(before, step, about));
  }
  const isAged = /\baged\b/.test(step.change ?? '');
  const implied = !isAged && hasLostStale(world, step);
  if (isAged || implied) world.wait(2);
  return { info: world.change(step), implied };
}

/** A chain that was stale and is in the table no more: so much time has passed, whether or not the case says it. */
function hasLostStale(world: ProxyWorld, step: NftGolden): boolean {
  const stale = [...(world.syncs.at(-1)?.plans[0]?.nftables?.stale.keys() ?? [])];
  const declared = new Set(step.expected.map((line) => /^add (?:chain|set) \S+ \S+ (\S+)/.exec(line)?.[1]));
  return stale.some((name) => !declared.has(name));
}

/** The objects of the later case, but for the Service that its change is about. */
function mixed(before: NftGolden, step: NftGolden, about: string): CaseObjects {
  const isIt = (object: ApiObject) =>
    object.metadata.name === about || object.metadata.labels?.['kubernetes.io/service-name'] === about;
  const mix = (old: readonly ApiObject[], now: readonly ApiObject[]) => [
    ...now.filter((object) => !isIt(object)),
    ...old.filter(isIt),
  ];
  return {
    services: mix(before.services, step.services),
    endpointSlices: mix(before.endpointSlices, step.endpointSlices),
  };
}

/** The cases of the same series with lower numbers that are in the file. */
function series(data: NftGolden, all: readonly NftGolden[]): NftGolden[] {
  const found = /^(.*\/)(\d+)-/.exec(data.id);
  if (found === null) return [];
  return all
    .filter((other) => other.id.startsWith(found[1]!) && /\/\d+-/.test(other.id))
    .filter((other) => numberOf(other) < Number(found[2]))
    .sort((a, b) => numberOf(a) - numberOf(b));
}

function numberOf(data: NftGolden): number {
  return Number(/\/(\d+)-/.exec(data.id)?.[1] ?? 0);
}

function knownTo(data: NftGolden, lines: readonly string[]): CaseObjects {
  const text = lines.join('\n');
  const services = data.services.filter((service) => {
    const { clusterIP } = service.spec as { clusterIP?: string };
    return text.includes(`${clusterIP} . `);
  });
  const endpointSlices = data.endpointSlices.map((slice) => {
    const endpoints = slice.endpoints as readonly { addresses: readonly string[] }[];
    return { ...slice, endpoints: endpoints.filter(({ addresses }) => text.includes(`__${addresses[0]}/`)) };
  });
  return { services, endpointSlices };
}
