/** `kubectl api-resources|api-versions|version|cluster-info|auth can-i|auth whoami`. */
import type { Resource } from '../../api/kinds/resources';
import type { Step } from '../shell';
import { layoutRows } from '../tabwriter';
import { UsageError, usage } from './api';
import type { Kubectl, Verb } from './context';
import { DONE } from './context';
import { byText } from './plain-values';
import { list, str } from './read';
import { findResource } from './targets';
import { toYaml } from './yaml-print';

const ALL_VERBS = 'create,delete,deletecollection,get,list,patch,update,watch';
const CREATE_ONLY = /Review$|^Binding$/;

function verbsOf(resource: Resource): string {
  if (CREATE_ONLY.test(resource.kind)) return 'create';
  return resource.kind === 'ComponentStatus' ? 'get,list' : ALL_VERBS;
}

function apiVersion(resource: Resource): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}

/** Commands that take no words. Throws UsageError. */
function refuseWords(k: Kubectl, command: string): void {
  if (k.args.length > 0) throw usage(command, `unexpected arguments: [${k.args.join(' ')}]`);
}

function apiResources(k: Kubectl): Step {
  const { flags } = k;
  refuseWords(k, 'api-resources');
  if (!['', 'name', 'kind'].includes(flags.text('sort-by')))
    throw new UsageError('--sort-by accepts only name or kind');
  const group = flags.has('api-group') ? flags.text('api-group') : null;
  const output = flags.text('output');
  if (!['', 'wide', 'name'].includes(output)) throw new UsageError(`--output ${output} is not available`);
  const wanted = k.api
    .resources()
    .filter((r) => !flags.has('namespaced') || r.namespaced === flags.bool('namespaced'))
    .filter((r) => group === null || r.group === group)
    .filter((r) => flags.list('categories').every((category) => r.categories.includes(category)))
    .filter((r) => flags.list('verbs').every((verb) => verbsOf(r).split(',').includes(verb)));
  const key = (r: Resource) => {
    if (flags.text('sort-by') === 'kind') return r.kind;
    return flags.text('sort-by') === 'name' ? r.plural : `${r.group}\u0000${r.plural}`;
  };
  const sorted = [...wanted].sort((a, b) => byText(key(a), key(b)));
  if (output === 'name') {
    k.io.out(sorted.map((r) => `${r.plural}${r.group && `.${r.group}`}\n`).join(''));
    return DONE;
  }
  const wide = output === 'wide';
  const rows = sorted.map((r) => [
    r.plural,
    r.shortNames.join(','),
    apiVersion(r),
    String(r.namespaced),
    r.kind,
    ...(wide ? [verbsOf(r), r.categories.join(',')] : []),
  ]);
  const header = [
    'NAME',
    'SHORTNAMES',
    'APIVERSION',
    'NAMESPACED',
    'KIND',
    ...(wide ? ['VERBS', 'CATEGORIES'] : []),
  ];
  k.io.out(layoutRows(flags.bool('no-headers') ? rows : [header, ...rows]).text);
  return DONE;
}

function apiVersions(k: Kubectl): Step {
  refuseWords(k, 'api-versions');
  const all = new Set(k.api.resources().map(apiVersion));
  k.io.out(`${[...all].sort(byText).join('\n')}\n`);
  return DONE;
}

const CLIENT = 'v1.35.0';
const KUSTOMIZE = 'v5.7.1';

function version(k: Kubectl): Step {
  const server = !k.flags.bool('client');
  const output = k.flags.text('output');
  if (!['', 'yaml', 'json'].includes(output)) throw new UsageError("--output must be 'yaml' or 'json'");
  if (output !== '') {
    const info = { gitVersion: CLIENT, major: '1', minor: '35', platform: 'linux/amd64' };
    const value = {
      clientVersion: info,
      kustomizeVersion: KUSTOMIZE,
      ...(server ? { serverVersion: info } : {}),
    };
    k.io.out(output === 'yaml' ? toYaml(value) : `${JSON.stringify(value, null, 2)}\n`);
    return DONE;
  }
  k.io.out(
    `Client Version: ${CLIENT}\nKustomize Version: ${KUSTOMIZE}\n${server ? `Server Version: ${CLIENT}\n` : ''}`,
  );
  return DONE;
}

/** Address of the API server, as the endpoints of its own Service tell. */
export function serverUrl(k: Kubectl): string {
  const slices = findResource(k.api.resources(), 'endpointslices');
  const slice =
    slices &&
    k.api
      .list(slices, 'default')
      .find((s) => s.metadata.labels?.['kubernetes.io/service-name'] === 'kubernetes');
  const endpoints = findResource(k.api.resources(), 'endpoints');
  const old = endpoints && k.api.get(endpoints, 'default', 'kubernetes');
  const ip =
    (slice && (list(slice, 'endpoints')[0]?.['addresses'] as string[] | undefined)?.[0]) ??
    str(list(list(old, 'subsets')[0], 'addresses')[0], 'ip');
  return `https://${ip === undefined || ip === '' ? '127.0.0.1' : ip}:6443`;
}

function clusterInfo(k: Kubectl): Step {
  const url = serverUrl(k);
  const services = findResource(k.api.resources(), 'services');
  k.io.out(`Kubernetes control plane is running at ${url}\n`);
  if (services !== null && k.api.get(services, 'kube-system', 'kube-dns') !== undefined) {
    k.io.out(`CoreDNS is running at ${url}/api/v1/namespaces/kube-system/services/kube-dns:dns/proxy\n`);
  }
  k.io.out("\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n");
  return DONE;
}

function canI(k: Kubectl): Step {
  if (k.flags.bool('list')) {
    const header = ['Resources', 'Non-Resource URLs', 'Resource Names', 'Verbs'];
    const rows = [
      ['*.*', '[]', '[]', '[*]'],
      ['', '[*]', '[]', '[*]'],
    ];
    k.io.out(layoutRows(k.flags.bool('no-headers') ? rows : [header, ...rows]).text);
    return DONE;
  }
  if (k.args.length < 2) {
    throw new UsageError(
      "you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples.",
    );
  }
  const type = k.args[1]!.split('/')[0]!;
  // A word that begins with a slash is a path of the server, not a type.
  const resource = type === '*' || type === '' ? null : findResource(k.api.resources(), type);
  if (resource === null && type !== '*' && type !== '') {
    k.io.err(`Warning: the server doesn't have a resource type '${type}'\n\n`);
  } else if (resource !== null && !resource.namespaced) {
    k.io.err(
      `Warning: resource '${resource.plural}' is not namespace scoped${resource.group && ` in group '${resource.group}'`}\n\n`,
    );
  }
  if (!k.flags.bool('quiet')) k.io.out('yes\n');
  return DONE;
}

function whoami(k: Kubectl): Step {
  k.io.out(
    layoutRows([
      ['ATTRIBUTE', 'VALUE'],
      ['Username', 'kubernetes-admin'],
      ['Groups', '[kubeadm:cluster-admins system:authenticated]'],
    ]).text,
  );
  return DONE;
}

export const discoveryVerbs: readonly Verb[] = [
  { path: 'api-resources', run: apiResources },
  { path: 'api-versions', run: apiVersions },
  { path: 'version', run: version },
  { path: 'cluster-info', run: clusterInfo },
  { path: 'auth can-i', run: canI },
  { path: 'auth whoami', run: whoami },
];
