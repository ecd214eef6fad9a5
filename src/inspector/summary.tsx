/** The cluster in numbers while nothing is open, the last ten seconds, and what the signs on the wires mean. */
import { useMemo, type ReactNode } from 'react';
import type { RequestTrace } from '../sim/trace/hop';
import { useTable } from '../state/mirror';
import { useCalmTable, useNow } from '../state/mirror-hooks';
import { openRef, openRequest } from '../state/moves';
import { showDialog, showPanel, useSession } from '../state/session';
import { IconButton, Kv, PanelHead } from '../ui/controls';
import { ControlGlyph, OuterGlyph, PacketGlyph, StopGlyph } from '../ui/glyphs';
import { LinkButton } from '../ui/lists';

const WINDOW_NS = 10e9;

export function Summary() {
  const narrow = useSession((state) => state.narrow);
  return (
    <>
      <PanelHead title="Cluster" note="simulated">
        <IconButton
          icon={narrow ? 'close' : 'right'}
          name="Close the cluster panel"
          onPress={() => showPanel('inspector', false)}
        />
      </PanelHead>
      <div className="scroll">
        <Numbers />
        <Lately />
        <Legend />
        <Try />
      </div>
    </>
  );
}

/** First steps for whoever does not know yet what there is to do here. */
function Try() {
  const pods = useTable('pods');
  const pod = pods.find((one) => one.look === 'ready' && one.namespace !== 'kube-system');
  return (
    <section className="sec last tries" aria-label="What to try">
      <h3>Try</h3>
      <p className="k2">
        Click a packet to stop it and read its headers. Click anything else to see where it came from.
      </p>
      {pod !== undefined && (
        <p>
          <LinkButton onPress={() => openRef(pod.ref)}>Open a pod, and kill it</LinkButton>
        </p>
      )}
      <p>
        <LinkButton onPress={() => showDialog('examples')}>Find the fault in an example</LinkButton>
      </p>
      <p>
        <LinkButton onPress={() => showDialog('compare')}>Compare kube-proxy’s modes</LinkButton>
      </p>
    </section>
  );
}

function Numbers() {
  const nodes = useTable('nodes');
  const pods = useTable('pods');
  const services = useTable('services');
  const ready = pods.filter((pod) => pod.look === 'ready').length;
  const rules = [...new Set(nodes.map((node) => node.ruleCount))];
  return (
    <section className="sec" aria-label="Cluster in numbers">
      <Kv label="Nodes">{nodes.length}</Kv>
      <Kv label="Pods ready">
        {ready} of {pods.length}
      </Kv>
      <Kv label="Services">{services.length}</Kv>
      <Kv label="Rules per node">
        {rules.length > 1 ? `${Math.min(...rules)} to ${Math.max(...rules)}` : (rules[0] ?? 0)}
      </Kv>
    </section>
  );
}

/** Requests that began in the ten seconds before now, and how they ended. Probes of the kubelet do not count. */
export function countLately(requests: readonly RequestTrace[], nowNs: number) {
  const lately = requests.filter(
    (one) => one.kind !== 'probe' && one.startNs <= nowNs && one.startNs > nowNs - WINDOW_NS,
  );
  const over = lately.filter((one) => one.outcome !== null && (one.endNs ?? 0) <= nowNs);
  const failed = over.filter((one) => one.outcome?.ok === false);
  return { asked: lately.length, answered: over.length - failed.length, failed };
}

function Lately() {
  const requests = useCalmTable('requests');
  const now = useNow(1e8);
  const { asked, answered, failed } = useMemo(() => countLately(requests, now), [requests, now]);
  const last = failed.at(-1);
  return (
    <section className="sec" aria-label="Last 10 seconds">
      <h3>Last 10 s</h3>
      <Kv label="Requests">{asked}</Kv>
      <Kv label="Answered">{answered}</Kv>
      <Kv label="Dropped, refused">{failed.length}</Kv>
      {last !== undefined && (
        <LinkButton onPress={() => openRequest(last.id)}>Open the last that failed</LinkButton>
      )}
    </section>
  );
}

function Legend() {
  return (
    <section className="sec legend" aria-label="On the wires">
      <h3>On the wires</h3>
      <KeyRow name="Request">
        <PacketGlyph role="request" label="GET" />
      </KeyRow>
      <KeyRow name="Reply">
        <PacketGlyph role="reply" label="200" />
      </KeyRow>
      <KeyRow name="DNS">
        <PacketGlyph role="dns-query" label="A ?" />
      </KeyRow>
      <KeyRow name="Outer header">
        <OuterGlyph />
      </KeyRow>
      <KeyRow name="Dropped, refused">
        <StopGlyph size={20} />
      </KeyRow>
      <KeyRow name="Control plane">
        <ControlGlyph size={16} />
      </KeyRow>
    </section>
  );
}

function KeyRow({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="key-row">
      <span className="key-sign">{children}</span>
      <span>{name}</span>
    </div>
  );
}
