/** A Node: addresses, devices, how its rules stand, its tables, and what can happen to it. */
import type { NodeView } from '../sim/view';
import { useTable } from '../state/mirror';
import { useNow, useRecord } from '../state/mirror-hooks';
import { openRef } from '../state/moves';
import { sendFault } from '../state/wire';
import { Kv } from '../ui/controls';
import { formatSpan } from '../ui/format';
import { PodDisc } from '../ui/glyphs';
import { bounded, LinkButton, More } from '../ui/lists';
import { refWords } from '../ui/refs';
import { Gone, LiveText } from './live-text';

export function NodeFacts({ refText }: { refText: string }) {
  const node = useRecord('nodes', refText);
  if (node === null) return <Gone what={refWords(refText)} />;
  return (
    <>
      <NodeActions node={node} />
      <State node={node} />
      <Devices node={node} />
      <PodsHere node={node} />
      <LiveText title="ip route" probe={{ what: 'ip-route', node: node.name }} />
      <LiveText title="ip neigh" probe={{ what: 'neighbours', node: node.name }} />
      <LiveText title="bridge fdb" probe={{ what: 'bridge-fdb', node: node.name }} />
      <LiveText
        title="conntrack -L"
        note={`${node.conntrackCount}`}
        probe={{ what: 'conntrack', node: node.name }}
      />
      <LiveText
        title="iptables-save"
        note={`${node.ruleCount} rules`}
        probe={{ what: 'iptables-save', node: node.name }}
      />
    </>
  );
}

function NodeActions({ node }: { node: NodeView }) {
  return (
    <section className="sec actions" aria-label="Actions">
      <button
        type="button"
        className="btn"
        aria-pressed={!node.schedulable}
        onClick={() => sendFault({ kind: 'cordon', node: node.name, on: node.schedulable })}
      >
        {node.schedulable ? 'Cordon' : 'Uncordon'}
      </button>
      <button
        type="button"
        className="btn"
        onClick={() => sendFault({ kind: 'power', node: node.name, on: !node.poweredOn })}
      >
        {node.poweredOn ? 'Power off' : 'Power on'}
      </button>
      <button
        type="button"
        className="btn"
        onClick={() => sendFault({ kind: 'cut-wire', node: node.name, cut: node.devices.nic.up })}
      >
        {node.devices.nic.up ? 'Cut the cable' : 'Mend the cable'}
      </button>
    </section>
  );
}

function State({ node }: { node: NodeView }) {
  const now = useNow(1e8);
  const behind = node.rulesBehindSinceNs;
  return (
    <section className="sec" aria-label="State">
      <Kv label="Status">
        {!node.poweredOn ? 'switched off' : node.ready ? 'Ready' : 'NotReady'}
        {!node.schedulable && ', cordoned'}
      </Kv>
      <Kv label="IP">
        <span className="mono">{node.ip}</span>
      </Kv>
      <Kv label="Pod network">
        <span className="mono">{node.podCidr}</span>
      </Kv>
      <Kv label="Rules">{node.ruleCount}</Kv>
      <Kv label="Rules written">
        {behind !== null
          ? `behind for ${formatSpan(Math.max(0, now - behind))}`
          : node.rulesSyncedNs === null
            ? 'not yet'
            : `in step, ${formatSpan(Math.max(0, now - node.rulesSyncedNs))} ago`}
      </Kv>
    </section>
  );
}

function Devices({ node }: { node: NodeView }) {
  const { bridge, tunnel, nic } = node.devices;
  return (
    <section className="sec" aria-label="Devices">
      <h3>Devices</h3>
      {[bridge, tunnel, nic].map(
        (one) =>
          one !== null && (
            <div key={one.name} className="kv">
              <span className="mono">{one.name}</span>
              <span className="mono right">
                {one.kind} {one.address ?? ''} {one.up ? '' : 'down'}
              </span>
            </div>
          ),
      )}
    </section>
  );
}

function PodsHere({ node }: { node: NodeView }) {
  const pods = useTable('pods').filter((one) => one.node === node.name);
  const { shown, more } = bounded(pods, 20);
  return (
    <section className="sec" aria-label="Pods">
      <h3>{pods.length} pods</h3>
      {shown.map((pod) => (
        <div key={pod.ref} className="kv">
          <span className="with-disc">
            <PodDisc look={pod.look} />
            <LinkButton onPress={() => openRef(pod.ref)}>{pod.name}</LinkButton>
          </span>
          <span className="mono">{pod.ip ?? ''}</span>
        </div>
      ))}
      <More many={more} />
    </section>
  );
}
