/** `kubectl create deployment|service|configmap|…`: makes an object from flags and sends it (kubectl pkg/cmd/create). */
import { ApiError } from '../../api/errors';
import { resourceOf } from '../../api/kinds/resources';
import type { ApiObject } from '../../api/object';
import type { Step } from '../shell';
import { UsageError, usage } from './api';
import type { Kubectl, Verb } from './context';
import { DONE, dryRunOf } from './context';
import { bindingSpec, namedSpec, priorityClassSpec, roleSpec } from './create-access';
import { configMapSpec, disruptionBudgetSpec, quotaSpec, secretSpec } from './create-config';
import { dockerSecretSpec, tlsSecretSpec } from './create-secrets';
import { ingressSpec, serviceSpec } from './create-network';
import { cronJobSpec, deploymentSpec, jobSpec } from './create-workloads';
import { say } from './write';
import { withMeta } from './change';

interface Generator {
  /** "deployment", "service clusterip". */
  readonly type: string;
  /** What stands in "failed to create …", with a colon if it has one; null when errors are the server's own words. */
  readonly called: string | null;
  readonly make: (k: Kubectl, name: string) => ApiObject;
  /** Flags that must be written, in the order of the alphabet; asked for before the name. */
  readonly required?: readonly string[];
}

const GENERATORS: readonly Generator[] = [
  { type: 'deployment', called: 'deployment:', make: deploymentSpec, required: ['image'] },
  { type: 'namespace', called: null, make: (_k, name) => namedSpec('Namespace', name) },
  { type: 'configmap', called: 'configmap:', make: configMapSpec },
  { type: 'secret generic', called: 'secret', make: secretSpec },
  { type: 'secret docker-registry', called: 'secret', make: dockerSecretSpec },
  { type: 'secret tls', called: 'secret', make: tlsSecretSpec },
  {
    type: 'serviceaccount',
    called: 'serviceaccount:',
    make: (_k, name) => namedSpec('ServiceAccount', name),
  },
  { type: 'ingress', called: 'ingress:', make: ingressSpec },
  { type: 'job', called: 'job:', make: jobSpec },
  { type: 'cronjob', called: 'cronjob:', make: cronJobSpec, required: ['image', 'schedule'] },
  { type: 'quota', called: 'quota:', make: quotaSpec },
  { type: 'poddisruptionbudget', called: 'poddisruptionbudgets:', make: disruptionBudgetSpec },
  { type: 'role', called: null, make: (k, name) => roleSpec(k, name, 'Role') },
  { type: 'clusterrole', called: null, make: (k, name) => roleSpec(k, name, 'ClusterRole') },
  {
    type: 'rolebinding',
    called: 'rolebinding:',
    make: (k, name) => bindingSpec(k, name, 'RoleBinding'),
  },
  {
    type: 'clusterrolebinding',
    called: 'clusterrolebinding:',
    make: (k, name) => bindingSpec(k, name, 'ClusterRoleBinding'),
    required: ['clusterrole'],
  },
  { type: 'priorityclass', called: 'priorityclass:', make: priorityClassSpec },
  ...(['clusterip', 'nodeport', 'loadbalancer', 'externalname'] as const).map((kind): Generator => ({
    type: `service ${kind}`,
    called: `${{ clusterip: 'ClusterIP', nodeport: 'NodePort', loadbalancer: 'LoadBalancer', externalname: 'ExternalName' }[kind]} service:`,
    make: (k, name) => serviceSpec(k, name, kind),
    ...(kind === 'externalname' ? { required: ['external-name'] } : {}),
  })),
];

/** Puts an object into the command's namespace; a client dry run names it only when -n did. */
export function inNamespace(k: Kubectl, object: ApiObject): ApiObject {
  const { namespaced } = resourceOf(object.kind, object.apiVersion);
  const shown = dryRunOf(k.flags) !== 'client' || k.flags.has('namespace');
  return namespaced && shown ? withMeta(object, { namespace: k.namespace }) : object;
}

/** Sends a new object as --dry-run says and prints "TYPE/NAME created". */
export function createAndSay(k: Kubectl, given: ApiObject, what = 'created'): void {
  const mode = dryRunOf(k.flags);
  const object = inNamespace(k, given);
  const stored = mode === 'client' ? object : k.api.create(object, { dryRun: mode === 'server' });
  say(k, { resource: resourceOf(object.kind, object.apiVersion), object: stored }, what);
}

function runGenerator(k: Kubectl, generator: Generator): Step {
  const absent = (generator.required ?? []).filter((flag) => !k.flags.has(flag));
  if (absent.length > 0) throw new UsageError(`required flag(s) "${absent.join('", "')}" not set`);
  const before = k.flags.argsBeforeDash ?? k.args.length;
  if (before !== 1) throw usage(`create ${generator.type}`, `exactly one NAME is required, got ${before}`);
  const object = generator.make(k, k.args[0]!);
  try {
    createAndSay(k, object);
  } catch (error) {
    if (!(error instanceof ApiError) || generator.called === null) throw error;
    throw new UsageError(`failed to create ${generator.called} ${error.message}`);
  }
  return DONE;
}

function createToken(k: Kubectl): Step {
  const name = k.args[0] ?? '';
  const resource = resourceOf('ServiceAccount', 'v1');
  if (k.api.get(resource, k.namespace, name) === undefined) {
    throw new UsageError(`failed to create token: serviceaccounts "${name}" not found`);
  }
  throw new UsageError('create token is not simulated: requests here are not authenticated');
}

export const createVerbs: readonly Verb[] = [
  ...GENERATORS.map((generator): Verb => ({
    path: `create ${generator.type}`,
    run: (k) => runGenerator(k, generator),
  })),
  { path: 'create token', run: createToken },
];
