/** The case files of kube-proxy by name. */
import { runFacts, type GoldenFacts } from './kubeproxy-facts';
import { runFlowCase, type FlowCase } from './kubeproxy-flows';
import { runGolden, type GoldenCase } from './kubeproxy-goldens';
import { runIpvsCase, runIpvsSets, type IpvsCase, type IpvsFacts } from './kubeproxy-ipvs';
import { runNftGolden, runNftNames, type NftFacts, type NftGolden } from './kubeproxy-nft';
import { runReadback, runTopology, type ReadbackCase, type TopologyCase } from './kubeproxy-topology';
import { eachCase, type Format } from './result';

function wants(only: string | undefined): (entry: { readonly id: string }) => boolean {
  return (entry) => only === undefined || entry.id.includes(only);
}

/** Some files are their list of cases, others hold it among facts. */
function casesOf<T>(data: unknown): readonly T[] {
  return Array.isArray(data) ? (data as T[]) : ((data as { cases?: T[] }).cases ?? []);
}

const flows: Format = (data, only) =>
  eachCase(casesOf<FlowCase>(data).filter(wants(only)), (entry) => runFlowCase(entry));

/** The file's cases, and behind them those that the repository carries: a series may begin there. */
function withCarried<T extends { readonly id: string }>(own: readonly T[], carried: unknown): readonly T[] {
  const known = new Set(own.map((entry) => entry.id));
  const others = (carried as { cases?: T[] } | undefined)?.cases ?? [];
  return [...own, ...others.filter((entry) => !known.has(entry.id))];
}

const goldens: Format = (data, only, _sibling, carried) => {
  const file = data as GoldenFacts & { cases?: GoldenCase[] };
  const cases = file.cases ?? [];
  const all = withCarried(cases, carried?.('goldens-iptables.json'));
  const facts = eachCase([{ id: 'facts' }], () => runFacts(file)).filter(wants(only));
  return [...facts, ...eachCase(cases.filter(wants(only)), (entry) => runGolden(entry, all))];
};

const nftGoldens: Format = (data, only, _sibling, carried) => {
  const file = data as NftFacts & { cases?: NftGolden[] };
  const cases = file.cases ?? [];
  const all = withCarried(cases, carried?.('goldens-nftables.json'));
  const facts = eachCase([{ id: 'facts' }], () => runNftNames(file)).filter(wants(only));
  return [...facts, ...eachCase(cases.filter(wants(only)), (entry) => runNftGolden(entry, all))];
};

const ipvs: Format = (data, only) => {
  const file = data as IpvsFacts & { cases?: IpvsCase[] };
  const facts = eachCase([{ id: 'facts' }], () => runIpvsSets(file)).filter(wants(only));
  return [...facts, ...eachCase((file.cases ?? []).filter(wants(only)), (entry) => runIpvsCase(entry))];
};

const topology: Format = (data, only) =>
  eachCase(casesOf<TopologyCase>(data).filter(wants(only)), (entry) => runTopology(entry));

const readback: Format = (data, only, sibling, carried) =>
  eachCase(casesOf<ReadbackCase>(data).filter(wants(only)), (entry) =>
    runReadback(entry, sourceOf(entry.from, [sibling, carried])),
  );

/** The objects of the golden that a listing was made from; the flows restate those of iptables' big one. */
function sourceOf(
  from: string,
  readers: readonly (((fileName: string) => unknown) | undefined)[],
): FlowCase | undefined {
  for (const read of readers) {
    const files = [read?.('goldens-iptables.json'), read?.('goldens-nftables.json')];
    const cases = [
      ...files.flatMap((file) => (file as { cases?: FlowCase[] } | undefined)?.cases ?? []),
      ...casesOf<FlowCase>(read?.('flows-iptables.json') ?? []),
    ];
    const names = [from, from.replace(/^iptables\/overall$/, 'iptables/trace-overall')];
    const found = cases.find((entry) => names.includes(entry.id)) ?? cases.find(isWithoutLayout(from));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The objects are the same for all layouts. */
function isWithoutLayout(from: string): (entry: { readonly id: string }) => boolean {
  return (entry) => entry.id === from.replace(/-layout-[A-Z]$/, '');
}

export const formats: Readonly<Record<string, Format>> = {
  'flows-iptables.json': flows,
  'flows-nftables.json': flows,
  'flows-derived.json': flows,
  'ipvs.json': ipvs,
  'goldens-iptables.json': goldens,
  'goldens-nftables.json': nftGoldens,
  'topology.json': topology,
  'readback.json': readback,
};
