/** Deployments, Jobs and CronJobs that `kubectl create` makes from its flags (kubectl pkg/cmd/create). */
import type { ApiObject } from '../../api/object';
import { UsageError } from './api';
import type { Kubectl } from './context';

const SUFFIX_LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

/** What stands after `--`. */
export function commandAfterDash(k: Kubectl): readonly string[] {
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
  if (images.length === 0) throw new UsageError('required flag(s) "image" not set');
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
  if (image === '') throw new UsageError('required flag(s) "image" not set');
  const command = commandAfterDash(k);
  const container = { name, image, ...(command.length > 0 ? { command } : {}), resources: {} };
  return { metadata: {}, spec: { containers: [container], restartPolicy: restart } };
}

export function jobSpec(k: Kubectl, name: string): ApiObject {
  const spec = { template: jobTemplate(k, name, 'Never') };
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name }, spec, status: {} };
}

export function cronJobSpec(k: Kubectl, name: string): ApiObject {
  const schedule = k.flags.text('schedule');
  if (schedule === '') throw new UsageError('required flag(s) "schedule" not set');
  const template = jobTemplate(k, name, k.flags.text('restart') || 'OnFailure');
  const spec = { jobTemplate: { metadata: { name }, spec: { template } }, schedule };
  return { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name }, spec, status: {} };
}
