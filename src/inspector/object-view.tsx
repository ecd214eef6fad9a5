/** One object: what it is, where it came from, what it made, and what can be done to it. */
import type { ReactNode } from 'react';
import { useRecord } from '../state/mirror-hooks';
import { closeSelection } from '../state/moves';
import { IconButton } from '../ui/controls';
import { isRef, refParts, refWords } from '../ui/refs';
import { Gone, LiveText } from './live-text';
import { NodeFacts } from './node-facts';
import { PodFacts } from './pod-facts';
import { ServiceFacts } from './service-facts';
import { Source } from './source';
import { WorkloadFacts } from './workload-facts';

const WORKLOADS = new Set(['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob']);

export function ObjectView({ refText }: { refText: string }) {
  const { kind, namespace, name } = refParts(refText);
  const object = useRecord('objects', refText);
  return (
    <>
      <header className="packet-head">
        <h2 className="lead strong ellipsis" title={name}>
          {name}
        </h2>
        <span className="sp" />
        <IconButton icon="close" name="Close" keyHint="Esc" onPress={closeSelection} />
        <p className="packet-line small k2">
          {kind}
          {namespace !== '' && ` in ${namespace}`}
          {object !== null && `, ${object.apiVersion}`}
        </p>
        {object?.simulated === false && (
          <p className="packet-line">
            <span className="chip dashed">stored, not simulated</span>
          </p>
        )}
      </header>
      <div className="scroll">
        <Facts kind={kind} refText={refText} />
        {isRef(refText) && object !== null && (
          <section className="sec" aria-label="Where it came from">
            <h3>Where it came from</h3>
            <Source refText={refText} path="" mark={false} />
          </section>
        )}
        <LiveText title="As YAML" probe={{ what: 'object', ref: refText }} />
        <LiveText
          title={`kubectl describe ${refWords(refText)}`}
          probe={{ what: 'describe', ref: refText }}
        />
      </div>
    </>
  );
}

function Facts({ kind, refText }: { kind: string; refText: string }): ReactNode {
  if (kind === 'Pod') return <PodFacts refText={refText} />;
  if (kind === 'Service') return <ServiceFacts refText={refText} />;
  if (kind === 'Node') return <NodeFacts refText={refText} />;
  if (WORKLOADS.has(kind)) return <WorkloadFacts refText={refText} />;
  return <Existence refText={refText} />;
}

/** For kinds without a view of their own. */
function Existence({ refText }: { refText: string }) {
  const object = useRecord('objects', refText);
  return object === null ? <Gone what={refWords(refText)} /> : null;
}
