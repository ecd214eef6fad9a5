/**
 * The keeper of the side-by-side view: one cluster for each mode of kube-proxy, made from the same seed and files, and the
 * same question put to each from the same moment. Like the other host it knows nothing of Workers.
 */
import { Cluster } from '../sim/cluster';
import { SECOND, type Ns } from '../sim/clock/clock';
import { completeAsk, namesOf, placesOf, sightOf, targetsOf } from './compare-choices';
import type { CompareCommand, CompareMode, CompareReport } from './compare-protocol';
import { runAsk } from './compare-run';

/** Modes that can be compared, in the order of the panes. */
export const COMPARE_MODES: readonly CompareMode[] = ['iptables', 'nftables', 'ipvs', 'ebpf'];

/** Time for the cluster's own traffic to fill neighbour tables, so that no pane waits for a MAC address by chance. */
const WARM_UP: Ns = 12 * SECOND;
/** While a call fails slowly, pods go on calling each other; the packets of the call must not be forgotten over that. */
const KEEP_PACKETS = 20_000;

interface Kept {
  readonly cluster: Cluster;
  readonly atRest: ReturnType<Cluster['keyframe']>;
}

export class CompareHost {
  private key = '';
  private readonly kept = new Map<CompareMode, Kept>();

  constructor(private readonly post: (report: CompareReport) => void) {}

  receive(command: CompareCommand): void {
    try {
      this.compare(command);
    } catch (error) {
      this.kept.clear();
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.post({ type: 'failed', id: command.id, message });
    }
  }

  private compare(command: CompareCommand): void {
    const { id, seed, files, settings } = command;
    const key = JSON.stringify({ seed, files, settings });
    if (key !== this.key) this.kept.clear();
    this.key = key;
    const modes = COMPARE_MODES.filter((mode) => command.modes.includes(mode));
    const clusters = modes.map((mode) => this.clusterOf(mode, command));
    const first = clusters[0];
    if (first === undefined) throw new Error('no mode to compare');
    const sight = sightOf(first);
    const ask = completeAsk(command.ask, sight);
    this.post({
      type: 'compared',
      id,
      modes: COMPARE_MODES,
      ask,
      places: placesOf(sight),
      targets: targetsOf(sight),
      runs: clusters.map((cluster, i) => runAsk(cluster, modes[i]!, ask, namesOf(sightOf(cluster)))),
    });
  }

  /** The mode's cluster as it was before any question. */
  private clusterOf(mode: CompareMode, { seed, files, settings }: CompareCommand): Cluster {
    const known = this.kept.get(mode);
    if (known !== undefined) {
      known.cluster.restore(known.atRest);
      return known.cluster;
    }
    const cluster = Cluster.create({
      seed,
      proxyMode: mode,
      keepPackets: KEEP_PACKETS,
      settings: settings ?? {},
    });
    cluster.apply(files);
    // A configuration among the manifests may ask for a mode of its own; all else that it says holds in every pane.
    if (cluster.rollout.mode !== mode) cluster.setProxyMode(mode);
    cluster.runUntilSettled();
    cluster.runUntil(cluster.clock.nowNs + WARM_UP);
    this.kept.set(mode, { cluster, atRest: cluster.keyframe() });
    return cluster;
  }
}
