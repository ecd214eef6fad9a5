/** The cluster's choice of proxy mode and configuration: what is asked by command or in the workspace, rolled out to the nodes. */
import { canonicalJson } from '../lib/plain';
import { DEFAULT_PROXY, type ProxyModeName, type ProxySettings } from './cluster-mode';
import { PROVIDERS, type LoadBalancerProvider } from './controllers/load-balancer/provider';
import type { ClusterNode } from './cluster-node';
import type { WorkspaceSettings } from './manifests/settings';
import type { ProxyFacts } from './view';

/** Who carries a choice out. */
export interface RolloutParts {
  readonly nodes: readonly { changeProxy(settings: ProxySettings): void }[];
  readonly outside: { change(settings: { readonly loadBalancer: LoadBalancerProvider }): void };
}

export interface RolloutKeyframe {
  readonly settings: ProxySettings;
  readonly written: WorkspaceSettings | null;
}

export class ProxyRollout {
  private settings: ProxySettings;
  /** What the workspace said last. */
  private written: WorkspaceSettings | null = null;

  constructor(
    private readonly parts: RolloutParts,
    private readonly bootMode: ProxyModeName = 'iptables',
  ) {
    this.settings = { ...DEFAULT_PROXY, mode: bootMode };
  }

  /** The mode that was asked for last; nodes may still be on their way to it. */
  get mode(): ProxyModeName {
    return this.settings.mode;
  }

  /** What the page is told of it. */
  facts(nodes: readonly ClusterNode[]): ProxyFacts {
    const { ipvsScheduler, masqueradeAll } = this.settings;
    return {
      ipvsScheduler,
      masqueradeAll,
      switching: nodes.filter(({ proxy }) => proxy.switching).map(({ machine }) => machine.name),
      written: {
        proxy: this.written?.proxy != null,
        loadBalancer: this.written?.loadBalancer != null,
      },
    };
  }

  change(change: Partial<ProxySettings>): void {
    const settings = { ...this.settings, ...change };
    if (canonicalJson(settings) === canonicalJson(this.settings)) return;
    this.settings = settings;
    for (const node of this.parts.nodes) node.changeProxy(settings);
  }

  /**
   * Does what a newly applied workspace says. Only what it says anew counts, so that a mode chosen by command stays until
   * the text is changed; what it no longer says falls back to what the cluster was made with.
   */
  follow(now: WorkspaceSettings | null): void {
    const before = this.written;
    this.written = now;
    if (canonicalJson(before?.proxy ?? null) !== canonicalJson(now?.proxy ?? null))
      this.change(now?.proxy ?? { ...DEFAULT_PROXY, mode: this.bootMode });
    const provider = PROVIDERS.find((known) => known === now?.loadBalancer);
    if (provider !== undefined && before?.loadBalancer !== provider)
      this.parts.outside.change({ loadBalancer: provider });
  }

  keyframe(): RolloutKeyframe {
    return { settings: this.settings, written: this.written };
  }

  restore(from: RolloutKeyframe): void {
    this.settings = from.settings;
    this.written = from.written;
  }
}
