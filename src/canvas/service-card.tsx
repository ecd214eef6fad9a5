/** A Service: dashed, since it is a name and an address and not a place. Dots are its endpoints. */
import { memo } from 'react';
import type { ChangeView, EndpointView, ServiceView } from '../sim/view';
import { useTable } from '../state/mirror';
import { useMirror, useRecord } from '../state/mirror-hooks';
import { openRef } from '../state/moves';
import { useSession } from '../state/session';
import { formatSpan } from '../ui/format';
import { ControlGlyph, EndpointDot } from '../ui/glyphs';
import { DOTS, DOTS_LOW } from './dots';
import { focus, useDim, useLit } from './focus';
import { useStore } from 'zustand';
import { useFresh } from './fresh';
import { useAnnouncers } from './outside';
import { reachOf, type Reach } from './reach';

/** "10.96.0.42:80", "None", or where an ExternalName points. */
export function addressOf(service: ServiceView): string {
  if (service.type === 'ExternalName') return service.externalAddresses[0] ?? service.name;
  const ip = service.clusterIPs[0];
  if (ip === undefined || ip === 'None') return 'None';
  const port = service.ports[0]?.port;
  const host = ip.includes(':') ? `[${ip}]` : ip;
  return port === undefined ? ip : `${host}:${port}`;
}

/** Without the port, for want of room. */
function shortAddress(service: ServiceView): string {
  return service.clusterIPs[0] ?? addressOf(service);
}

function readyCount(endpoints: readonly EndpointView[]): number {
  return endpoints.filter((endpoint) => endpoint.ready && !endpoint.terminating).length;
}

function endpointWords({ type, endpoints }: ServiceView): string {
  const ready = readyCount(endpoints);
  if (type === 'ExternalName') return 'a CNAME without endpoints';
  if (endpoints.length === 0) return 'no endpoints';
  const all = `${endpoints.length} ${endpoints.length === 1 ? 'endpoint' : 'endpoints'}`;
  return ready === endpoints.length ? all : `${all}, ${ready} ready`;
}

/** The second line: the selector when it selects nothing, else what kind of name this is. */
function aboutOf(service: ServiceView): { readonly text: string; readonly mono: boolean } {
  const selector = Object.entries(service.selector ?? {}).map(([key, value]) => `${key}=${value}`);
  if (service.type === 'ExternalName') return { text: 'a CNAME, nothing else', mono: false };
  if (selector.length > 0 && service.endpoints.length === 0) {
    return { text: `selector ${selector.join(',')}`, mono: true };
  }
  return { text: service.fqdn, mono: true };
}

function typeOf(service: ServiceView): string {
  return service.type === 'ClusterIP' && service.clusterIPs[0] === 'None' ? 'headless' : service.type;
}

function serviceSentence(service: ServiceView, why: string): string {
  return [
    `Service ${service.namespace}/${service.name}`,
    typeOf(service),
    addressOf(service) === 'None' ? 'no address' : addressOf(service),
    endpointWords(service),
    ...(why === '' ? [] : [why]),
  ].join(', ');
}

function latestChange(changes: readonly ChangeView[], service: ServiceView): ChangeView | null {
  for (let i = changes.length - 1; i >= 0; i--) {
    const change = changes[i]!;
    if (change.kind !== 'endpoints') continue;
    const [, namespace] = change.ref.split('/');
    if (namespace === service.namespace && change.text.startsWith(`${service.name}: `)) return change;
  }
  return null;
}

export interface ServiceCardData {
  readonly ref: string;
  readonly low: boolean;
  /** All in one line, for narrow screens. */
  readonly line: boolean;
  readonly [key: string]: unknown;
}

function ServiceCardInner({ data }: { data: ServiceCardData }) {
  const service = useRecord('services', data.ref);
  const selected = useSession((state) => state.selection?.kind === 'ref' && state.selection.ref === data.ref);
  const litByLine = useSession((state) => state.litRefs.includes(data.ref));
  const dim = useDim(data.ref);
  const onPath = useLit(data.ref);
  const provider = useMirror(({ facts }) => facts?.loadBalancer);
  const announcers = useAnnouncers(service);
  if (service === null) return null;
  const classes = ['service', 'cv-dimmable'];
  if (data.low) classes.push('low');
  if (selected) classes.push('selected');
  else if (onPath || litByLine) classes.push('lit');
  if (dim) classes.push('dim');
  const about = aboutOf(service);
  const reach = reachOf(service, provider);
  const by = [...new Set(announcers.map(({ node }) => node))].join(', ');
  const why = by === '' ? reach.why : `${reach.why}; announced by ${by}`;
  const press = {
    type: 'button' as const,
    className: classes.join(' '),
    'aria-label': serviceSentence(service, why),
    'aria-pressed': selected,
    title: why === '' ? service.fqdn : `${service.fqdn}\n${why}`,
    onClick: () => openRef(data.ref),
  };
  if (data.low && !data.line) {
    return (
      <button {...press}>
        <span className="line first">
          <span className="name">{service.name}</span>
          <Endpoints service={service} most={DOTS_LOW} />
        </span>
        <span className="line near-only">
          <span className="mono strong">
            {reach.text === null ? addressOf(service) : shortAddress(service)}
          </span>
          <ReachWords reach={reach} by="" short />
        </span>
      </button>
    );
  }
  if (data.low) {
    return (
      <button {...press}>
        <span className="line first">
          <span className="name">{service.name}</span>
          <span className="mono near-only">{addressOf(service)}</span>
          <Endpoints service={service} most={DOTS_LOW} />
        </span>
      </button>
    );
  }
  return (
    <button {...press}>
      <span className="line first">
        <span className="name">{service.name}</span>
        <span className="k2 push close-only">{typeOf(service)}</span>
      </span>
      <span className="line close-only">
        {reach.text === null || (service.endpoints.length === 0 && service.selector !== null) ? (
          <span className={about.mono ? 'mono k2 about' : 'k2 about'}>{about.text}</span>
        ) : (
          <ReachWords reach={reach} by={by} />
        )}
        <ServiceChange service={service} />
      </span>
      <span className="line last near-only">
        <span className="mono strong">{addressOf(service)}</span>
        {service.type !== 'ExternalName' && <Endpoints service={service} />}
      </span>
    </button>
  );
}

/** Where the outside finds it, and which node answers there. */
function ReachWords({ reach, by, short = false }: { reach: Reach; by: string; short?: boolean }) {
  if (reach.text === null) return null;
  return (
    <span className="reach k2 close-only">
      <OutwardSign />
      <span className={reach.mono ? 'mono' : ''}>{short ? reach.text.split(' ')[0] : reach.text}</span>
      {by !== '' && <span>by {by}</span>}
    </span>
  );
}

/** An arrow that leaves a box: known outside the cluster. */
function OutwardSign() {
  return (
    <svg width={10} height={10} viewBox="0 0 10 10" aria-hidden>
      <path d="M4 1 H1 V9 H9 V6 M5.5 1 H9 V4.5 M9 1 L4.5 5.5" className="cv-tick" />
    </svg>
  );
}

function Endpoints({ service, most = DOTS }: { service: ServiceView; most?: number }) {
  const { endpoints } = service;
  const ready = readyCount(endpoints);
  // A CNAME has none and needs none.
  const none = service.type === 'ExternalName' ? 'ExternalName' : 'no endpoints';
  const chosen = useStore(focus, (state) => (state.tether?.service === service.ref ? state.tether.ip : null));
  return (
    <>
      {endpoints.length === 0 ? (
        <span className={service.type === 'ExternalName' ? 'k2 push close-only' : 'push strong'}>{none}</span>
      ) : (
        <span className="k2 push close-only">
          {ready < endpoints.length ? `${ready} of ${endpoints.length} ready` : endpoints.length}
          {ready === endpoints.length && (
            <span className="unit"> {endpoints.length === 1 ? 'endpoint' : 'endpoints'}</span>
          )}
        </span>
      )}
      {endpoints.length > 0 && endpoints.length <= most && (
        <span className="dots near-only" aria-hidden>
          {endpoints.map((endpoint) => (
            <span key={endpoint.ip} className={endpoint.ip === chosen ? 'dot chosen' : 'dot'}>
              <EndpointDot endpoint={endpoint} />
            </span>
          ))}
        </span>
      )}
    </>
  );
}

/** What the control plane last did to the endpoints, with its age, while it is news. */
function ServiceChange({ service }: { service: ServiceView }) {
  const changes = useTable('changes');
  const change = latestChange(changes, service);
  const fresh = useFresh(change === null ? null : change.id);
  const nowNs = useMirror((state) => Math.floor(state.nowNs / 1e8) * 1e8);
  if (change === null || !fresh) return null;
  const text = change.text.slice(service.name.length + 2);
  return (
    <span className="control">
      <ControlGlyph />
      {text.length > 26 ? 'endpoints changed' : text}, {formatSpan(Math.max(0, nowNs - change.atNs))} ago
    </span>
  );
}

export const ServiceCard = memo(ServiceCardInner);
