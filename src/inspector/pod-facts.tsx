/** A Pod: how it is, where it runs, who chose it, and its own network tables. */
import { useMemo, useState } from 'react';
import type { PodView, ServiceView } from '../sim/view';
import { useTable } from '../state/mirror';
import { useNow, useRecord } from '../state/mirror-hooks';
import { openRef, openRequest } from '../state/moves';
import { sendFault } from '../state/wire';
import { Kv } from '../ui/controls';
import { formatSpan } from '../ui/format';
import { PodDisc } from '../ui/glyphs';
import { bounded, LinkButton, More } from '../ui/lists';
import { refParts, refWords } from '../ui/refs';
import { Gone, LiveText } from './live-text';

export function PodFacts({ refText }: { refText: string }) {
  const pod = useRecord('pods', refText);
  if (pod === null) return <Gone what={refWords(refText)} />;
  return (
    <>
      <PodActions pod={pod} />
      <State pod={pod} />
      <Containers pod={pod} />
      <Relations pod={pod} />
      <Requests pod={pod} />
      {pod.node !== null && pod.netns !== null && (
        <>
          <LiveText
            title="ip addr"
            note="in the pod"
            probe={{ what: 'ip-addr', node: pod.node, netns: pod.netns }}
          />
          <LiveText
            title="ip route"
            note="in the pod"
            probe={{ what: 'ip-route', node: pod.node, netns: pod.netns }}
          />
        </>
      )}
    </>
  );
}

function State({ pod }: { pod: PodView }) {
  const now = useNow(1e9);
  return (
    <section className="sec" aria-label="State">
      <Kv label="Status">
        <span className="with-disc">
          <PodDisc look={pod.look} /> {pod.status}
        </span>
      </Kv>
      {pod.reason !== '' && <p className="reason">{pod.reason}</p>}
      <Kv label="IP">
        <span className="mono">{pod.ip ?? 'none yet'}</span>
      </Kv>
      <Kv label="Node">
        {pod.node === null ? (
          'not chosen yet'
        ) : (
          <LinkButton onPress={() => openRef(`Node//${pod.node}`)}>{pod.node}</LinkButton>
        )}
      </Kv>
      <Kv label="Restarts">{pod.restarts}</Kv>
      <Kv label="Age">{formatSpan(Math.max(0, now - pod.createdNs))}</Kv>
    </section>
  );
}

function Containers({ pod }: { pod: PodView }) {
  return (
    <section className="sec" aria-label="Containers">
      <h3>Containers</h3>
      {pod.containers.map((one) => (
        <div key={one.name} className="kv">
          <span className="k2">{one.name}</span>
          <span className="mono right">
            {one.image}
            {one.ports.length > 0 && ` ${one.ports.join(', ')}`}
          </span>
        </div>
      ))}
      <p className="labels mono">
        {Object.entries(pod.labels).map(([key, value]) => (
          <span key={key} className="label">
            {key}={value}
          </span>
        ))}
      </p>
    </section>
  );
}

/** Who made it, and which Services lead to it. */
function Relations({ pod }: { pod: PodView }) {
  const services = useTable('services');
  const leading = services.filter((one) => one.endpoints.some((endpoint) => endpoint.podRef === pod.ref));
  return (
    <section className="sec" aria-label="Relations">
      {pod.workload !== pod.ref && (
        <Kv label="Made by">
          <LinkButton onPress={() => openRef(pod.workload)}>{refWords(pod.workload)}</LinkButton>
        </Kv>
      )}
      <div className="kv">
        <span className="k2">Reached through</span>
        <span className="right">
          {leading.length === 0
            ? 'no Service'
            : leading.map((one) => (
                <LinkButton key={one.ref} onPress={() => openRef(one.ref)}>
                  {one.namespace}/{one.name}
                </LinkButton>
              ))}
        </span>
      </div>
    </section>
  );
}

function Requests({ pod }: { pod: PodView }) {
  const requests = useTable('requests');
  const own = useMemo(() => requests.filter((one) => one.from === pod.ref).reverse(), [requests, pod.ref]);
  if (own.length === 0) return null;
  const { shown, more } = bounded(own, 5);
  return (
    <section className="sec" aria-label="Requests">
      <h3>Asked for</h3>
      {shown.map((one) => (
        <div key={one.id} className="kv">
          <LinkButton mono onPress={() => openRequest(one.id)}>
            {one.what}
          </LinkButton>
          <span className="small k2">
            {one.outcome === null ? 'on its way' : one.outcome.ok ? 'answered' : 'failed'}
          </span>
        </div>
      ))}
      <More many={more} hint="see Requests" />
    </section>
  );
}

/** Addresses that a pod can ask for: each Service port that speaks TCP, by the name that it would use. */
export function targetsOf(pod: PodView, services: readonly ServiceView[]): string[] {
  const { namespace } = refParts(pod.ref);
  return services.flatMap((service) => {
    // The cluster's own Services speak TLS or DNS, not plain HTTP.
    if (service.namespace === 'kube-system' || service.name === 'kubernetes') return [];
    const host = service.namespace === namespace ? service.name : `${service.name}.${service.namespace}`;
    return service.ports
      .filter((port) => port.protocol === 'TCP')
      .map((port) => `http://${host}${port.port === 80 ? '' : `:${port.port}`}/`);
  });
}

function PodActions({ pod }: { pod: PodView }) {
  const services = useTable('services');
  const targets = targetsOf(pod, services);
  const [typed, setTyped] = useState<string | null>(null);
  const url = typed ?? targets[0] ?? 'http://';
  const alive = pod.look === 'ready' || pod.look === 'running';
  return (
    <section className="sec actions" aria-label="Actions">
      <form
        className="ask"
        onSubmit={(event) => {
          event.preventDefault();
          sendFault({ kind: 'request', ref: pod.ref, url });
        }}
      >
        <input
          className="field mono"
          aria-label="URL to ask for from this pod"
          list="targets"
          value={url}
          onChange={(event) => setTyped(event.target.value)}
        />
        <datalist id="targets">
          {targets.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
        <button type="submit" className="btn" disabled={!alive}>
          Send request
        </button>
      </form>
      <button
        type="button"
        className="btn"
        aria-pressed={pod.heldUnready}
        disabled={!alive}
        onClick={() => sendFault({ kind: 'hold-unready', ref: pod.ref, held: !pod.heldUnready })}
      >
        {pod.heldUnready ? 'Let it be ready' : 'Make unready'}
      </button>
      <button
        type="button"
        className="btn"
        disabled={pod.look === 'terminating'}
        onClick={() => sendFault({ kind: 'kill-pod', ref: pod.ref })}
      >
        Kill
      </button>
    </section>
  );
}
