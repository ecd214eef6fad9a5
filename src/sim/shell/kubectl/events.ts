/** `kubectl events`: what happened, oldest first, with how often (kubectl pkg/cmd/events). */
import type { ApiObject } from '../../api/object';
import { WATCH_EVERY_NS } from '../shell';
import type { Step } from '../shell';
import { layoutRows } from '../tabwriter';
import { UsageError } from './api';
import type { Kubectl, Verb } from './context';
import { DONE } from './context';
import { eventAge } from './describe-events';
import { isTable, printObjects } from './output';
import { str } from './read';
import { cellText } from './table-texts';
import { eventTimes } from './table-cluster';
import { resourceNamed } from './targets';
import { parseTime } from './time';

/** A test for --for TYPE/NAME and --types. */
function wantedTest(k: Kubectl): (event: ApiObject) => boolean {
  const about = k.flags.text('for');
  const types = k.flags.list('types').map((type) => type.toLowerCase());
  const unknown = types.find((type) => type !== 'normal' && type !== 'warning');
  if (unknown !== undefined) throw new UsageError('valid --types are Normal or Warning');
  const [type = '', name] = about.split('/');
  if (about !== '' && name === undefined) throw new UsageError('--for must be in resource/name form');
  const kind = about === '' ? '' : resourceNamed(k, type).kind;
  return (event) =>
    (types.length === 0 || types.includes(str(event, 'type').toLowerCase())) &&
    (about === '' ||
      (str(event, 'involvedObject.kind') === kind && str(event, 'involvedObject.name') === name));
}

function sorted(events: readonly ApiObject[]): ApiObject[] {
  const when = (event: ApiObject) => parseTime(eventTimes(event).last) ?? 0;
  return [...events].sort((a, b) => when(a) - when(b));
}

function row(k: Kubectl, event: ApiObject): string[] {
  return [
    ...(k.allNamespaces ? [event.metadata.namespace ?? ''] : []),
    eventAge(event, k.nowMs),
    str(event, 'type'),
    str(event, 'reason'),
    `${str(event, 'involvedObject.kind')}/${str(event, 'involvedObject.name')}`,
    cellText(str(event, 'message').trim()),
  ];
}

const HEADER = ['LAST SEEN', 'TYPE', 'REASON', 'OBJECT', 'MESSAGE'];

interface Watching {
  readonly seen: Readonly<Record<string, string>>;
  readonly widths: readonly number[];
}

function find(k: Kubectl): ApiObject[] {
  const resource = resourceNamed(k, 'events');
  return sorted(k.api.list(resource, k.allNamespaces ? undefined : k.namespace).filter(wantedTest(k)));
}

const keyOf = (event: ApiObject) => `${event.metadata.namespace}/${event.metadata.name}`;

function print(
  k: Kubectl,
  events: readonly ApiObject[],
  header: boolean,
  widths: readonly number[],
): number[] {
  const head = [...(k.allNamespaces ? ['NAMESPACE'] : []), ...HEADER];
  const rows = events.map((event) => row(k, event));
  const page = layoutRows(header && !k.flags.bool('no-headers') ? [head, ...rows] : rows, widths);
  k.io.out(page.text);
  return page.widths;
}

function run(k: Kubectl): Step {
  const events = find(k);
  const output = k.flags.text('output');
  if (!isTable(output)) {
    const resource = resourceNamed(k, 'events');
    k.io.out(
      printObjects(
        output,
        events.map((object) => ({ resource, object })),
        { single: false, headers: true },
      ),
    );
    return DONE;
  }
  if (events.length === 0 && !k.flags.bool('watch')) {
    k.io.err(k.allNamespaces ? 'No events found.\n' : `No events found in ${k.namespace} namespace.\n`);
    return DONE;
  }
  const widths = events.length > 0 ? print(k, events, true, []) : [];
  if (!k.flags.bool('watch')) return DONE;
  return { state: { seen: versions(events), widths } satisfies Watching, afterNs: WATCH_EVERY_NS };
}

function versions(events: readonly ApiObject[]): Record<string, string> {
  return Object.fromEntries(events.map((event) => [keyOf(event), event.metadata.resourceVersion ?? '']));
}

function watch(k: Kubectl, state: Watching): Step {
  const events = find(k);
  const news = events.filter((event) => state.seen[keyOf(event)] !== (event.metadata.resourceVersion ?? ''));
  const widths = news.length > 0 ? print(k, news, state.widths.length === 0, state.widths) : state.widths;
  return { state: { seen: versions(events), widths }, afterNs: WATCH_EVERY_NS };
}

export const eventsVerb: Verb = { path: 'events', run, resume: (k, state) => watch(k, state as Watching) };
