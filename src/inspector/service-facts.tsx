/** A Service: its addresses and names, the endpoints behind it, and the rules that it became on a node. */
import { useState } from 'react';
import type { ServiceView } from '../sim/view';
import { useTable } from '../state/mirror';
import { useRecord } from '../state/mirror-hooks';
import { openRef } from '../state/moves';
import { Kv } from '../ui/controls';
import { EndpointDot } from '../ui/glyphs';
import { bounded, LinkButton, More } from '../ui/lists';
import { refParts, refWords } from '../ui/refs';
import { Gone, LiveText } from './live-text';

export function ServiceFacts({ refText }: { refText: string }) {
  const service = useRecord('services', refText);
  if (service === null) return <Gone what={refWords(refText)} />;
  return (
    <>
      <Addresses service={service} />
      <Endpoints service={service} />
      <RulesOf refText={refText} />
    </>
  );
}

function Addresses({ service }: { service: ServiceView }) {
  const selector = Object.entries(service.selector ?? {});
  return (
    <section className="sec" aria-label="Addresses">
      <Kv label="Type">{service.type}</Kv>
      <Kv label="Cluster IP">
        <span className="mono">{service.clusterIPs.join(', ') || 'none'}</span>
      </Kv>
      {service.externalAddresses.length > 0 && (
        <Kv label="From outside">
          <span className="mono">{service.externalAddresses.join(', ')}</span>
        </Kv>
      )}
      <div className="kv">
        <span className="k2">Name</span>
        <span className="mono right">{service.fqdn}</span>
      </div>
      {service.ports.map((port) => (
        <div key={`${port.port}/${port.protocol}`} className="kv">
          <span className="k2">Port {port.name}</span>
          <span className="mono right">
            {port.port}/{port.protocol} → {port.targetPort}
            {port.nodePort !== null && `, node port ${port.nodePort}`}
          </span>
        </div>
      ))}
      <div className="kv">
        <span className="k2">Selector</span>
        <span className="mono right">
          {service.selector === null ? 'none' : selector.map(([key, value]) => `${key}=${value}`).join(', ')}
        </span>
      </div>
    </section>
  );
}

function Endpoints({ service }: { service: ServiceView }) {
  const { shown, more } = bounded(service.endpoints, 20);
  const ready = service.endpoints.filter((one) => one.ready).length;
  return (
    <section className="sec" aria-label="Endpoints">
      <h3>
        Endpoints, {ready} of {service.endpoints.length} ready
      </h3>
      {shown.map((one) => {
        const { podRef } = one;
        const words = one.terminating
          ? one.serving
            ? 'terminating, still serving'
            : 'terminating'
          : one.ready
            ? ''
            : 'not ready';
        return (
          <div key={one.ip} className="kv">
            <span className="with-disc mono">
              <EndpointDot endpoint={one} /> {one.ip}:{one.ports.join(',')}
            </span>
            <span className="right">
              {words !== '' && <span className="small k2">{words} </span>}
              {podRef === null ? (
                'no pod'
              ) : (
                <LinkButton onPress={() => openRef(podRef)}>{refParts(podRef).name}</LinkButton>
              )}
            </span>
          </div>
        );
      })}
      {service.endpoints.length === 0 && <p className="k2">None: calls are refused.</p>}
      <More many={more} />
    </section>
  );
}

/** What kube-proxy wrote for this Service on one node. */
function RulesOf({ refText }: { refText: string }) {
  const nodes = useTable('nodes');
  const [wanted, setWanted] = useState<string | null>(null);
  const node = wanted ?? nodes[0]?.name;
  if (node === undefined) return null;
  return (
    <>
      <div className="sec pick-node">
        <h3 id="rules-node">Rules on</h3>
        <span className="group" role="group" aria-labelledby="rules-node">
          {nodes.slice(0, 6).map((one) => (
            <button
              key={one.name}
              type="button"
              className="btn"
              aria-pressed={one.name === node}
              onClick={() => setWanted(one.name)}
            >
              {one.name}
            </button>
          ))}
        </span>
      </div>
      <LiveText title="Rules for this Service" open probe={{ what: 'rules-of', ref: refText, node }} />
    </>
  );
}
