/** One request: who asked what, how it ended, and every packet that it took. */
import { useState } from 'react';
import type { PacketTrace, RequestTrace } from '../sim/trace/hop';
import { explainEnd } from '../sim/trace/explain';
import { useTable } from '../state/mirror';
import { useRecord } from '../state/mirror-hooks';
import { closeSelection, openPacket, openRef } from '../state/moves';
import { IconButton, Kv } from '../ui/controls';
import { count, formatSpan, formatTime } from '../ui/format';
import { PacketGlyph, StopGlyph } from '../ui/glyphs';
import { bounded, LinkButton, More } from '../ui/lists';
import { isRef, refWords } from '../ui/refs';
import { FailureView } from './failure-view';
import { titleOfPacket } from './packet-view';

const MAX = 60;

export function RequestView({ id }: { id: number }) {
  const request = useRecord('requests', String(id));
  const packets = useTable('packets').filter((one) => one.requestId === id);
  const [withArp, setWithArp] = useState(false);
  const arp = packets.filter((one) => one.role === 'arp').length;
  const { shown, more } = bounded(withArp ? packets : packets.filter((one) => one.role !== 'arp'), MAX);
  if (request === null) {
    return (
      <>
        <RequestHead title={`Request ${id}`} failed={false} />
        <p className="sec last k2">The recorder no longer keeps this request. It holds the newest ones.</p>
      </>
    );
  }
  const failed = request.outcome?.ok === false;
  const lost = packets.findLast(
    (one) => one.end !== null && one.end.kind !== 'delivered' && one.role !== 'arp',
  );
  return (
    <>
      <RequestHead title={request.what} failed={failed} />
      <div className="scroll">
        <Facts request={request} />
        {failed && (
          <FailureView
            trace={lost ?? null}
            requestId={id}
            took={lost === undefined ? '' : formatSpan((lost.end?.atNs ?? 0) - lost.bornNs)}
          />
        )}
        <section className="sec last" aria-label="Packets">
          <h3>{count(packets.length - arp, 'packet')}</h3>
          <ul className="packets">
            {shown.map((packet) => (
              <li key={packet.id}>
                <PacketRow packet={packet} sinceNs={packet.bornNs - request.startNs} />
              </li>
            ))}
          </ul>
          <More many={more} />
          {arp > 0 && (
            <LinkButton onPress={() => setWithArp(!withArp)}>
              {withArp ? 'Without ARP' : `And ${count(arp, 'ARP packet')}, to find MAC addresses`}
            </LinkButton>
          )}
        </section>
      </div>
    </>
  );
}

function RequestHead({ title, failed }: { title: string; failed: boolean }) {
  return (
    <header className="packet-head">
      {failed && <StopGlyph size={22} name="failed" />}
      <h2 className="lead strong ellipsis" title={title}>
        {title}
      </h2>
      <span className="sp" />
      <IconButton icon="close" name="Close" keyHint="Esc" onPress={closeSelection} />
    </header>
  );
}

function Facts({ request }: { request: RequestTrace }) {
  const { from, outcome, startNs, endNs } = request;
  return (
    <section className="sec" aria-label="Request">
      <Kv label="From">
        {isRef(from) ? <LinkButton onPress={() => openRef(from)}>{refWords(from)}</LinkButton> : from}
      </Kv>
      <Kv label="Began">
        <span className="mono">{formatTime(startNs)}</span>
      </Kv>
      <Kv label="Took">{endNs === null ? 'not over yet' : formatSpan(endNs - startNs)}</Kv>
      <div className="kv">
        <span className="k2">Outcome</span>
        <b className="outcome">
          {outcome === null ? 'on its way' : outcome.text || (outcome.ok ? 'answered' : 'failed')}
        </b>
      </div>
    </section>
  );
}

function PacketRow({ packet, sinceNs }: { packet: PacketTrace; sinceNs: number }) {
  const { end } = packet;
  // A flooded question reaches machines that it does not concern; that is no loss.
  const bad = end !== null && end.kind !== 'delivered' && packet.role !== 'arp';
  return (
    <button type="button" className="packet-row" onClick={() => openPacket(packet.id)}>
      <span className="sign">
        <PacketGlyph role={packet.role} label={packet.label} />
      </span>
      <span className="who">
        <span className="ellipsis">{titleOfPacket(packet)}</span>
        <span className="small k2 ellipsis">{bad ? explainEnd(end) : hopWords(packet)}</span>
      </span>
      {bad && <StopGlyph size={16} name="stopped" />}
      <span className="mono k3">+{formatSpan(Math.max(0, sinceNs))}</span>
    </button>
  );
}

function hopWords(packet: PacketTrace): string {
  if (packet.leftOut !== undefined && packet.hops.length === 0) return 'arrived, hops not kept';
  return `${count(packet.hops.length, 'hop')}${packet.end === null ? ', on its way' : ''}`;
}
