/**
 * Gives Services of type LoadBalancer to the provider that the cluster has, and takes them back when it changes. Without a
 * provider nobody answers: the address stays pending, as in any cluster where none was installed.
 */
import type { Component, WatchEvent } from '../../api/watch';
import { keyOf, type ControllerDeps } from '../deps';
import type { CloudApi, CloudBalancer } from './cloud-api';
import { CloudServiceController, type CloudKeyframe } from './cloud';
import { MetallbController } from './metallb';
import type { LoadBalancerProvider } from './provider';

/** Timer address of the controller; "provider-changed" sent here makes it look at the setting again. */
export const LOAD_BALANCER_ADDRESS = 'controllers/load-balancer';
const NODES = 'nodes';

export interface LoadBalancerDeps extends ControllerDeps {
  readonly cloud: CloudApi;
  provider(): LoadBalancerProvider;
}

interface Keyframe {
  readonly provider: LoadBalancerProvider;
  readonly cloud: CloudKeyframe;
  readonly books: ReadonlyMap<string, CloudBalancer>;
}

export class LoadBalancerController implements Component {
  readonly name = LOAD_BALANCER_ADDRESS;
  readonly watches = ['Service', 'Node'];
  /** The provider that is at work; the setting may be ahead of it. */
  private provider: LoadBalancerProvider;
  private readonly cloud: CloudServiceController;
  private readonly metallb: MetallbController;

  constructor(private readonly deps: LoadBalancerDeps) {
    this.provider = deps.provider();
    this.cloud = new CloudServiceController(deps, this.name, deps.cloud);
    this.metallb = new MetallbController(deps);
  }

  /** True while an address is on its way. */
  get busy(): boolean {
    return this.cloud.busy || this.provider !== this.deps.provider();
  }

  keysFor({ object }: WatchEvent): readonly string[] {
    return [object.kind === 'Node' ? NODES : keyOf(object)];
  }

  reconcile(key: string): void {
    const { provider } = this;
    if (provider === 'none') return;
    if (provider === 'cloud') {
      if (key === NODES) this.cloud.syncNodes();
      else this.cloud.sync(key);
    } else if (key !== NODES) this.metallb.sync(key, provider);
  }

  onTimer(event: { readonly type: string; readonly [key: string]: unknown }): void {
    if (event.type === 'cloud-ordered') this.cloud.finished(String(event.key));
    else if (event.type === 'cloud-retry' && this.provider === 'cloud') this.cloud.retry(String(event.key));
    else if (event.type === 'provider-changed') this.change();
  }

  keyframe(): Keyframe {
    const books = this.deps.cloud.keyframe();
    return { provider: this.provider, cloud: this.cloud.keyframe(), books };
  }

  restore(from: unknown): void {
    const frame = from as Keyframe;
    this.provider = frame.provider;
    this.cloud.restore(frame.cloud);
    this.deps.cloud.restore(frame.books);
  }

  private change(): void {
    const next = this.deps.provider();
    if (next === this.provider) return;
    if (this.provider === 'cloud') this.cloud.uninstall();
    else if (this.provider !== 'none') this.metallb.uninstall();
    this.provider = next;
    for (const service of this.deps.store.list('Service')) this.reconcile(keyOf(service));
  }
}
