/** Deployments, Jobs and CronJobs that `kubectl create` makes from its flags (kubectl pkg/cmd/create). */
import type { ApiObject } from '../../api/object';
import { UsageError } from './api';
import type { Kubectl } from './context';
import { fetchAll, parseTargets } from './targets';

const SUFFIX_LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

/** What stands after `--`. */
function commandAfterDash(k: Kubectl): readonly string[] {
  return k.flags.argsBeforeDash === null ? [] : k.args.slice(k.flags.argsBeforeDash);
}

/** Container name for an image; letters that names cannot hold are replaced, and then a few at random keep it unique. */
export function containerName(k: Kubectl, image: string): string {
  const base = image.slice(image.lastIndexOf('/') + 1).replace(/[:@].*$/, '');
  const clean = base.toLowerCase().replace(/[^a-z0-9-]/g, '-');
  if (clean === base) return base;
  return `${clean}-${k.world.clock.random.text('kubectl', SUFFIX_LETTERS, 5)}`;
}

export function deploymentSpec(k: Kubectl, name: string): ApiObject {
  const images = k.flags.list('image');
  const command = commandAfterDash(k);
  if (images.length > 1 && command.length > 0) {
    throw new UsageError('cannot specify multiple --image options and command');
  }
  const port = k.flags.int('port');
  const labels = { app: name };
  const containers = images.map((image) => ({
    name: containerName(k, image),
    image,
    ...(command.length > 0 ? { command } : {}),
    ...(port > 0 ? { ports: [{ containerPort: port }] } : {}),
    resources: {},
  }));
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels },
    spec: {
      replicas: k.flags.int('replicas'),
      selector: { matchLabels: labels },
      strategy: {},
      template: { metadata: { labels }, spec: { containers } },
    },
    status: {},
  };
}

function jobTemplate(k: Kubectl, name: string, restart: string): object {
  const image = k.flags.text('image');
  const command = commandAfterDash(k);
  const container = { name, image, ...(command.length > 0 ? { command } : {}), resources: {} };
  return { metadata: {}, spec: { containers: [container], restartPolicy: restart } };
}

export function jobSpec(k: Kubectl, name: string): ApiObject {
  const [image, from] = [k.flags.text('image'), k.flags.text('from')];
  if ((image === '') === (from === '')) throw new UsageError('either --image or --from must be specified');
  if (from !== '' && commandAfterDash(k).length > 0)
    throw new UsageError('cannot specify --from and command');
  if (from !== '') return jobFrom(k, name, from);
  const spec = { template: jobTemplate(k, name, 'Never') };
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name }, spec, status: {} };
}

/** A run of a CronJob out of its turn. */
function jobFrom(k: Kubectl, name: string, from: string): ApiObject {
  const { found, errors } = fetchAll(k, parseTargets(k, [from], { all: false }).targets);
  if (errors.length > 0) throw errors[0] as Error;
  const cron = found[0]!.object;
  if (cron.kind !== 'CronJob') throw new UsageError(`unknown object type *v1.${cron.kind}`);
  const template = (cron['spec'] as { jobTemplate?: { metadata?: Labelled; spec?: object } }).jobTemplate;
  const { labels, annotations } = template?.metadata ?? {};
  const owner = {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    name: cron.metadata.name,
    uid: cron.metadata.uid ?? '',
    controller: true,
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      annotations: { 'cronjob.kubernetes.io/instantiate': 'manual', ...annotations },
      ...(labels === undefined ? {} : { labels }),
      ownerReferences: [owner],
    },
    spec: template?.spec ?? {},
    status: {},
  };
}

interface Labelled {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export function cronJobSpec(k: Kubectl, name: string): ApiObject {
  const schedule = k.flags.text('schedule');
  const template = jobTemplate(k, name, k.flags.text('restart') || 'OnFailure');
  const spec = { jobTemplate: { metadata: { name }, spec: { template } }, schedule };
  return { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name }, spec, status: {} };
}
