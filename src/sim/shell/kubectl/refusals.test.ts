/** What kubectl itself refuses, word by word, before or after it asked the server. Sources: kubectl pkg/cmd and its tests. */
import { describe, expect, it } from 'vitest';
import { ApiServer } from '../../api/server';
import { Store } from '../../api/store';
import { Clock } from '../../clock/clock';
import { bareShell } from '../bare-world';

const meta = (name: string) => ({ name, namespace: 'default', labels: { app: name } });
const template = (app: string) => ({
  metadata: { labels: { app } },
  spec: { containers: [{ name: 'c', image: 'nginx' }] },
});
const workload = (kind: string, name: string) => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: meta(name),
  spec: { selector: { matchLabels: { app: name } }, template: template(name) },
});

const OBJECTS = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } },
  {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n1' },
    spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] },
  },
  workload('Deployment', 'web'),
  workload('Deployment', 'api'),
  workload('StatefulSet', 'db'),
  workload('DaemonSet', 'agent'),
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: meta('web'),
    spec: { ports: [{ port: 80 }], selector: { app: 'web' } },
  },
  { apiVersion: 'v1', kind: 'Pod', metadata: meta('one'), spec: template('one').spec },
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta('conf'), data: { 'log.level': 'x', b: 'y' } },
];

/** Standard output and error of one line, and its exit code. */
function run(line: string): string {
  const clock = new Clock(1);
  const server = new ApiServer(new Store({ clock }));
  for (const object of OBJECTS) server.create(object);
  const shell = bareShell(server, clock);
  const { stdout, stderr, code } = shell.transcripts.get(shell.type(line))!;
  return `${stdout}${stderr}[${code ?? 'runs'}]`;
}

describe('kubectl expose, scale and autoscale', () => {
  it.each([
    ['expose deploy web --port=http --name=q', 'error: strconv.Atoi: parsing "http": invalid syntax\n[1]'],
    ['expose sts db --port=80', 'error: cannot expose a StatefulSet.apps\n[1]'],
    ['expose cm conf --port=80', 'error: cannot expose a ConfigMap\n[1]'],
    ['expose deploy web --name=q', "error: couldn't find port via --port flag or introspection\n[1]"],
    ['expose deploy web --name=q --cluster-ip=None', 'service/q exposed\n[0]'],
    [
      'scale deploy web --replicas=1 --resource-version=77',
      'error: Expected resource version to be 77, was 3\n[1]',
    ],
    [
      'scale deploy --all --replicas=1 --resource-version=77',
      'error: cannot use --resource-version with multiple resources\n[1]',
    ],
    [
      'scale deploy web --replicas=1 --current-replicas=-2',
      'error: The --current-replicas must specify an integer of -1 or greater\n[1]',
    ],
    [
      'autoscale deploy web --max=3 --min=5',
      'error: --max=MAXPODS must be larger or equal to --min=MINPODS, max: 3, min: 5\n[1]',
    ],
    [
      'autoscale pod one --max=3',
      'error: cannot autoscale a Pod: could not find scale subresource for /v1, Resource=pods in discovery information\n[1]',
    ],
  ])('%s', (line, expected) => {
    expect(run(`kubectl ${line}`)).toBe(expected);
  });
});

describe('kubectl delete', () => {
  it.each([
    ['pod one --all', 'error: name cannot be provided when a selector is specified\n[1]'],
    ['pod one -o json', "error: unexpected -o output mode: json. We only support '-o name'\n[1]"],
    ['pods --all -l a=b', 'error: cannot set --all and --selector at the same time\n[1]'],
    ['pods --all --field-selector=a=b', 'error: cannot set --all and --field-selector at the same time\n[1]'],
  ])('%s', (line, expected) => {
    expect(run(`kubectl delete ${line}`)).toBe(expected);
  });
});
