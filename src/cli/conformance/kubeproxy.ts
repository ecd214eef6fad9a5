/** The case files of kube-proxy by name. */
import { runFacts, type GoldenFacts } from './kubeproxy-facts';
import { runFlowCase, type FlowCase } from './kubeproxy-flows';
import { runGolden, type GoldenCase } from './kubeproxy-goldens';
import { runIpvsCase, runIpvsSets, type IpvsCase, type IpvsFacts } from './kubeproxy-ipvs';
import { runNftGolden, runNftNames, type NftFacts, type NftGolden } from './kubeproxy-nft';
import { runReadback, runTopology, type ReadbackCase, type TopologyCase } from './kubeproxy-topology';
import type { CaseResult, Format } from './result';

/** Turns a defect of ours into a failed case, so that one case cannot hide the others. */
function guarded(id: string, run: () => CaseResult): CaseResult {
  try {
    return run();
  } catch (error) {
    return { id, status: 'failed', expected: 'a result', got: String(error) };
  }
}

function wants(only: string | undefined): (entry: { readonly id: string }) => boolean {
  return (entry) => only === undefined || entry.id.includes(only);
}

const flows: Format = (data, only) =>
  (data as FlowCase[]).filter(wants(only)).map((entry) => guarded(entry.id, () => runFlowCase(entry)));

const goldens: Format = (data, only) => {
  const file = data as GoldenFacts & { cases?: GoldenCase[] };
  const cases = file.cases ?? [];
  const facts = guardedList(() => runFacts(file)).filter(wants(only));
  return [
    ...facts,
    ...cases.filter(wants(only)).map((entry) => guarded(entry.id, () => runGolden(entry, cases))),
  ];
};

const nftGoldens: Format = (data, only) => {
  const file = data as NftFacts & { cases?: NftGolden[] };
  const cases = file.cases ?? [];
  const facts = guardedList(() => runNftNames(file)).filter(wants(only));
  return [
    ...facts,
    ...cases.filter(wants(only)).map((entry) => guarded(entry.id, () => runNftGolden(entry, cases))),
  ];
};

const ipvs: Format = (data, only) => {
  const file = data as IpvsFacts & { cases?: IpvsCase[] };
  const facts = guardedList(() => runIpvsSets(file)).filter(wants(only));
  return [
    ...facts,
    ...(file.cases ?? []).filter(wants(only)).map((entry) => guarded(entry.id, () => runIpvsCase(entry))),
  ];
};

function guardedList(run: () => CaseResult[]): CaseResult[] {
  try {
    return run();
  } catch (error) {
    return [{ id: 'facts', status: 'failed', expected: 'results', got: String(error) }];
  }
}

const topology: Format = (data, only) =>
  (data as { cases: TopologyCase[] }).cases
    .filter(wants(only))
    .map((entry) => guarded(entry.id, () => runTopology(entry)));

const readback: Format = (data, only, sibling) => {
  const overall = (sibling?.('flows-iptables.json') as FlowCase[] | undefined)?.find(
    (entry) => entry.id === 'iptables/trace-overall',
  );
  const nft = (sibling?.('goldens-nftables.json') as { cases?: FlowCase[] } | undefined)?.cases?.find(
    (entry) => entry.id === 'nftables/overall',
  );
  return (data as { cases: ReadbackCase[] }).cases
    .filter(wants(only))
    .map((entry) => guarded(entry.id, () => runReadback(entry, overall, nft)));
};

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
