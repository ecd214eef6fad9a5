/** A machine beyond the nodes as a card: its own small road at the left, name and address, and what can be done from it. */
import { memo } from 'react';
import type { OutsideView } from '../sim/view';
import { useTable } from '../state/mirror';
import { useNow } from '../state/mirror-hooks';
import { sendFault } from '../state/wire';
import { formatSpan } from '../ui/format';
import { PodDisc } from '../ui/glyphs';
import { useDim } from './focus';
import { useOutsideView } from './outside';
import { ROAD_WIDTH, type OutsidePlace } from './place-outside';
import { outsideTargets } from './reach';
import { DropdownMenu } from '../ui/menu';

const NAMES: Readonly<Record<OutsideView['role'], string>> = {
  router: 'router',
  client: 'client',
  balancer: 'cloud balancer',
  internet: 'internet',
};

export interface OutsideCardData {
  readonly place: OutsidePlace;
  readonly [key: string]: unknown;
}

function OutsideCardInner({ data: { place } }: { data: OutsideCardData }) {
  const view = useOutsideView(place.name);
  const dim = useDim(place.name);
  if (view === null) return null;
  const name = NAMES[view.role];
  const [address = ''] = view.addresses;
  return (
    <section
      className={dim ? 'outsider cv-dimmable dim' : 'outsider cv-dimmable'}
      aria-label={`${name[0]!.toUpperCase()}${name.slice(1)}, outside the cluster, ${view.addresses.join(', ')}`}
      title={titleOf(view)}
    >
      <Road place={place} />
      <div className="outsider-text" style={{ left: ROAD_WIDTH }}>
        <span className="line">
          <b>{name}</b>
          {view.role === 'balancer' && place.rect.w > 220 && (
            <span className="mono k2 close-only">{address}</span>
          )}
        </span>
        <span className="line close-only">
          {view.health.length > 0 ? (
            <Health health={view.health} />
          ) : (
            <span className="mono k2">{address}</span>
          )}
        </span>
      </div>
      {view.role === 'client' && <SendFrom view={view} />}
    </section>
  );
}

function titleOf({ role, addresses, routes }: OutsideView): string {
  const ways = routes.map(({ prefix, via, kind }) =>
    kind === 'unicast' ? `${prefix} via ${via.join(', ')}` : `${prefix} ${kind}`,
  );
  return [`${NAMES[role]}: ${addresses.join(', ')}`, ...ways].join('\n');
}

/** One disc a node: full while it gets traffic. */
function Health({ health }: { health: OutsideView['health'] }) {
  const nowNs = useNow(1e9);
  return (
    <span className="health" role="group" aria-label="Health of the nodes, as the balancer knows it">
      {health.map(({ node, port, healthy, failures, lastNs, last }) => {
        const age = lastNs === null ? '' : `, ${formatSpan(Math.max(0, nowNs - lastNs))} ago`;
        const failed = failures > 0 ? `, ${failures} failed in a row` : '';
        const words = `${node}:${port} ${healthy ? 'gets traffic' : 'gets no traffic'}; last check: ${last}${age}${failed}`;
        return (
          <span key={`${node} ${port}`} className="check" title={words}>
            <PodDisc
              look={healthy ? 'ready' : lastNs === null ? 'creating' : 'gone'}
              size={10}
              name={words}
            />
            <span aria-hidden>{node}</span>
          </span>
        );
      })}
    </span>
  );
}

function SendFrom({ view }: { view: OutsideView }) {
  const services = useTable('services');
  const nodes = useTable('nodes');
  const targets = outsideTargets(services, nodes);
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger
        className="cv-button outsider-send nopan close-only"
        aria-label="Send a request from the client"
        disabled={targets.length === 0}
        title={targets.length === 0 ? 'No Service can be reached from outside' : 'Send a request from here'}
      >
        Send
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          className="menu"
          align="end"
          side="top"
          sideOffset={4}
          aria-label="Send a request"
        >
          {targets.map((url) => (
            <DropdownMenu.Item key={url} onSelect={() => sendFault({ kind: 'request', ref: view.ref, url })}>
              <span className="mono">GET {url}</span>
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** Card, wires and stations; their places are those that the packets use. */
function Road({ place }: { place: OutsidePlace }) {
  const { rect, lan, wan, core, rules, socket } = place;
  return (
    <svg width={rect.w} height={rect.h} viewBox={`${rect.x} ${rect.y} ${rect.w} ${rect.h}`} aria-hidden>
      <rect x={rect.x} y={rect.y} width={rect.w} height={rect.h} rx={6} className="cv-card" />
      {lan !== null && rules === null && <path d={`M${lan.x} ${lan.y} V${core.y}`} className="cv-wire" />}
      {lan !== null && rules !== null && (
        <path
          d={`M${lan.x} ${lan.y} v12 M${rules.x} ${rules.y} V${lan.y + 12} H${core.x} V${core.y} H${rules.x}`}
          className="cv-wire"
        />
      )}
      {wan !== null && <path d={`M${wan.x} ${wan.y} V${core.y}`} className="cv-wire" />}
      {lan !== null && <circle cx={lan.x} cy={lan.y} r={4} className="cv-station" />}
      {wan !== null && <circle cx={wan.x} cy={wan.y} r={4} className="cv-station" />}
      {rules !== null && <path d={`M${rules.x} ${rules.y - 8} l8 8 l-8 8 l-8 -8 z`} className="cv-station" />}
      {rules === null && (
        <>
          <path d={`M${socket.x} ${socket.y} H${core.x}`} className="cv-wire" />
          <circle cx={socket.x} cy={socket.y} r={4} fill="var(--ink)" />
        </>
      )}
      <rect x={core.x - 6.5} y={core.y - 6.5} width={13} height={13} className="cv-station" />
    </svg>
  );
}

export const OutsideCard = memo(OutsideCardInner);
