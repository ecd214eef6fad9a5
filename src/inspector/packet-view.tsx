/** One packet: its hops in order, numbered as on the canvas, the one you stand on opened, the future set apart. */
import { useEffect, useRef, useState, type CSSProperties } from 'react';
import type { PacketTrace } from '../sim/trace/hop';
import { innermost, sourceOf, destinationOf } from '../sim/trace/describe';
import { explain, explainEnd, titleOf } from '../sim/trace/explain';
import { hopIndexAt, isOver, nameOfIp, shortNameOfIp } from '../state/flight';
import { rowsOf } from '../state/mirror';
import { useMirror, useRecord } from '../state/mirror-hooks';
import { closeSelection, openPacket, openRequest } from '../state/moves';
import { standOnHop } from '../state/steps';
import { useSession } from '../state/session';
import { IconButton } from '../ui/controls';
import { formatSpan } from '../ui/format';
import { PacketGlyph, signalOf, StopGlyph } from '../ui/glyphs';
import { LinkButton } from '../ui/lists';
import { FailureView } from './failure-view';
import { HopDetail, markedBy } from './hop-detail';

const PLAIN_TITLES = new Set(['socket', 'local', 'chain', 'conntrack', 'wire']);

export function PacketView({ id }: { id: number }) {
  const trace = useRecord('packets', String(id));
  if (trace === null) {
    return (
      <>
        <div className="packet-head">
          <span className="lead strong">Packet {id}</span>
          <span className="sp" />
          <IconButton icon="close" name="Close" keyHint="Esc" onPress={closeSelection} />
        </div>
        <p className="sec last k2">The recorder no longer keeps this packet. It holds the newest ones.</p>
      </>
    );
  }
  return (
    <>
      <PacketHead trace={trace} />
      <div className="scroll">
        <Hops trace={trace} />
        <End trace={trace} />
      </div>
    </>
  );
}

/** "frontend to backend", by the ends that the pods see. */
export function titleOfPacket(trace: PacketTrace): string {
  const first = trace.hops[0];
  if (first === undefined) {
    const { leftOut } = trace;
    return leftOut === undefined
      ? `${trace.label}, not yet on its way`
      : `${leftOut.from.machine} to ${leftOut.to.machine}`;
  }
  const packet = innermost(first.before);
  const from = packet.ip?.src ?? packet.arp?.senderIp ?? '';
  const to = packet.ip?.dst ?? packet.arp?.targetIp ?? '';
  return `${shortNameOfIp(from) ?? from} to ${shortNameOfIp(to) ?? to}`;
}

function PacketHead({ trace }: { trace: PacketTrace }) {
  const request = useRecord('requests', String(trace.requestId));
  const first = trace.hops[0];
  const inner = first === undefined ? null : innermost(first.before);
  const over = useMirror((state) => isOver(trace, state.nowNs));
  const failed = over && trace.end !== null && trace.end.kind !== 'delivered';
  return (
    <header className="packet-head">
      {failed ? (
        <StopGlyph size={22} name="stopped" />
      ) : (
        <PacketGlyph role={trace.role} label={trace.label} />
      )}
      <h2 className="lead strong ellipsis">{titleOfPacket(trace)}</h2>
      <span className="sp" />
      <Siblings trace={trace} />
      <IconButton icon="close" name="Close" keyHint="Esc" onPress={closeSelection} />
      <p className="packet-line mono k2">
        {inner?.ip?.protocol ?? (inner?.arp ? 'arp' : '')} {inner && sourceOf(inner)} →{' '}
        {inner && destinationOf(inner)}
      </p>
      {request !== null && (
        <p className="packet-line small k2">
          part of{' '}
          <LinkButton mono onPress={() => openRequest(request.id)}>
            {request.what}
          </LinkButton>
        </p>
      )}
    </header>
  );
}

/** The packets of the same request before and after this one. */
function Siblings({ trace }: { trace: PacketTrace }) {
  if (trace.requestId === 0) return null;
  const all = rowsOf('packets').filter((one) => one.requestId === trace.requestId);
  const at = all.findIndex((one) => one.id === trace.id);
  const go = (step: 1 | -1): void => {
    const next = all[at + step];
    if (next !== undefined) openPacket(next.id);
  };
  return (
    <span className="group">
      <IconButton icon="left" look="" name="Packet before" disabled={at <= 0} onPress={() => go(-1)} />
      <IconButton
        icon="right"
        look=""
        name="Packet after"
        disabled={at >= all.length - 1}
        onPress={() => go(1)}
      />
    </span>
  );
}

function Hops({ trace }: { trace: PacketTrace }) {
  const stand = useSession((state) => state.hop);
  const narrow = useSession((state) => state.narrow);
  const live = useMirror((state) => hopIndexAt(trace, state.nowNs));
  // A hop ahead that was opened for a look; forgotten as soon as the packet moves on.
  const [look, setLook] = useState<{ from: number; hop: number } | null>(null);
  const at = Math.max(0, Math.min(stand ?? live, trace.hops.length - 1));
  const peek = look?.from === at ? look.hop : null;
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    list.current?.children[at]?.scrollIntoView({ block: 'nearest' });
  }, [at]);
  // What was opened for a look begins at its own line, or little of it would be seen in a low sheet.
  useEffect(() => {
    if (peek !== null && narrow) list.current?.children[peek]?.scrollIntoView({ block: 'start' });
  }, [peek, narrow]);
  const press = (i: number): void => {
    if (i > live || (narrow && i === at)) setLook(peek === i ? null : { from: at, hop: i });
    else standOnHop(i === live && trace.end === null ? null : i);
  };
  const { signal } = signalOf(trace.role);
  // The list is drawn in the request's colour; other packets lend it theirs.
  const colour = (signal === 'request' ? {} : { '--request': `var(--${signal})` }) as CSSProperties;
  return (
    <ol className="hops" ref={list} style={colour} aria-label="Hops">
      {trace.hops.map((hop, i) => {
        // A narrow screen shows the list first; a second touch opens the hop.
        const open = (i === at && !narrow) || i === peek;
        const last = i === trace.hops.length - 1 && trace.end !== null && trace.end.kind !== 'delivered';
        const classes = `${i <= live ? 'past' : ''} ${i === at ? 'at' : ''} ${last && i <= live ? 'end' : ''}`;
        return (
          <li key={i}>
            {i === live + 1 && <p className="ahead small k3">Ahead, as things stand now</p>}
            <button
              type="button"
              className={`hop ${classes}`}
              aria-expanded={open}
              aria-current={i === at ? 'step' : undefined}
              onClick={() => press(i)}
            >
              <span className="no">{i + 1}</span>
              <span className={PLAIN_TITLES.has(hop.station) ? 'w' : 'w mono'}>
                {titleOf(hop, shortNameOfIp)}
              </span>
              <span className={i === at ? 'x strong' : 'x'}>{explain(hop, nameOfIp)}</span>
            </button>
            {open && (
              <HopDetail
                hop={hop}
                next={trace.hops[i + 1]}
                marked={markedBy(trace.hops, i)}
                bornNs={trace.bornNs}
                current={i === at}
              />
            )}
          </li>
        );
      })}
    </ol>
  );
}

/** How it ended, and when it failed, why. */
function End({ trace }: { trace: PacketTrace }) {
  const over = useMirror((state) => isOver(trace, state.nowNs));
  const { end } = trace;
  if (trace.leftOut !== undefined && trace.hops.length === 0) {
    return (
      <p className="packet-end k2">
        It arrived, but time ran too fast for its hops to be kept. Turn the dial down and watch the next one.
      </p>
    );
  }
  if (end === null || !over) {
    return (
      <p className="packet-end k2">{trace.hops.length === 0 ? 'Nothing recorded yet.' : 'On its way.'}</p>
    );
  }
  const took = formatSpan(end.atNs - trace.bornNs);
  if (end.kind === 'delivered') {
    return (
      <p className="packet-end k2">
        {explainEnd(end)}, after {took}.
      </p>
    );
  }
  return <FailureView trace={trace} requestId={trace.requestId} took={took} />;
}
