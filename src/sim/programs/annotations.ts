/**
 * Annotations by which a manifest tells the simulator what a container does, since there is no real image to run. They
 * are read from the pod (or its template) and mean nothing to a real cluster.
 */
import type { Ns } from '../clock/clock';
import { MS, SECOND, US } from '../clock/clock';

/** Address that the pod calls, over and over. */
export const CALL_ANNOTATION = 'hopyard.dev/call';

/** Every annotation that programs read, for the documentation and the editor. */
export const ANNOTATIONS: readonly {
  readonly name: string;
  readonly meaning: string;
  readonly example: string;
}[] = [
  {
    name: 'hopyard.dev/listen',
    meaning: 'Ports that the container listens on, instead of the declared ones; TCP unless it says /udp.',
    example: '8080,9090/udp',
  },
  {
    name: 'hopyard.dev/latency',
    meaning: 'How long the server thinks before it answers a request.',
    example: '20ms',
  },
  {
    name: CALL_ANNOTATION,
    meaning: 'A URL that the pod requests over and over, with a new connection each time.',
    example: 'http://backend:80',
  },
  {
    name: 'hopyard.dev/call-every',
    meaning: 'Time between two such calls; 1s unless it is given.',
    example: '1s',
  },
  { name: 'hopyard.dev/status', meaning: 'HTTP status that the server answers with.', example: '500' },
  {
    name: 'hopyard.dev/term-delay',
    meaning: 'How long the server goes on serving after SIGTERM before it exits.',
    example: '5s',
  },
  {
    name: 'hopyard.dev/start-delay',
    meaning: 'How long the container runs before it listens.',
    example: '3s',
  },
];

const UNITS: Readonly<Record<string, Ns>> = { ns: 1, us: US, µs: US, ms: MS, s: SECOND, m: 60 * SECOND };

/** Nanoseconds of a Go duration such as "20ms", "1.5s" or "1m30s"; null when it is none. */
export function parseDuration(text: string): Ns | null {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m)/g)];
  if (parts.length === 0 || parts.map((part) => part[0]).join('') !== text) return null;
  return parts.reduce((sum, part) => sum + Number(part[1]) * UNITS[part[2]!]!, 0);
}

/** A duration annotation, or the default when it is absent or malformed. */
export function durationOf(annotations: Readonly<Record<string, string>>, name: string, otherwise: Ns): Ns {
  const text = annotations[`hopyard.dev/${name}`];
  return text === undefined ? otherwise : (parseDuration(text.trim()) ?? otherwise);
}

export interface ListenPort {
  readonly port: number;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
}

/** The ports of hopyard.dev/listen, or null when it is absent. Entries that are no ports are left out. */
export function listenPorts(annotations: Readonly<Record<string, string>>): readonly ListenPort[] | null {
  const text = annotations['hopyard.dev/listen'];
  if (text === undefined) return null;
  return text.split(',').flatMap((entry) => {
    const match = /^(\d{1,5})(?:\/(tcp|udp|sctp))?$/i.exec(entry.trim());
    if (match === null || Number(match[1]) < 1 || Number(match[1]) > 65535) return [];
    return [
      { port: Number(match[1]), protocol: (match[2] ?? 'tcp').toLowerCase() as ListenPort['protocol'] },
    ];
  });
}
