/** Forgets Events an hour after they last happened. In a real cluster the API server's storage does it (--event-ttl). */
import { SECOND, type Ns } from '../clock/clock';
import { fromRfc3339 } from '../api/time';
import type { Component } from '../api/watch';
import type { ControllerDeps } from './deps';

const TTL_NS: Ns = 3_600 * SECOND;
const SWEEP_NS: Ns = 300 * SECOND;

export class EventTtl implements Component {
  readonly name = 'controllers/event-ttl';
  readonly watches = ['Event'];
  private sweeping = false;

  constructor(private readonly deps: ControllerDeps) {}

  keysFor(): readonly string[] {
    if (!this.sweeping) this.deps.clock.schedule(SWEEP_NS, this.name, { type: 'sweep' });
    this.sweeping = true;
    return [];
  }

  reconcile(): void {}

  onTimer(): void {
    const { store, clock } = this.deps;
    this.sweeping = false;
    for (const event of store.list('Event')) {
      const lastNs = fromRfc3339(event.lastTimestamp ?? '');
      if (lastNs === null || clock.nowNs - lastNs < TTL_NS) continue;
      store.delete('Event', event.metadata.namespace ?? '', event.metadata.name);
    }
    if (store.list('Event').length > 0) this.keysFor();
  }

  keyframe(): unknown {
    return this.sweeping;
  }

  restore(from: unknown): void {
    this.sweeping = from === true;
  }
}
