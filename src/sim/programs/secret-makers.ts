/**
 * Programs that write Secrets which other pods of their manifests mount, so that those would wait for ever without them:
 * ingress-nginx' kube-webhook-certgen, MetalLB's controller, and Argo CD's redis-initial-password. By their flags.
 *
 * Not simulated: what is in the Secrets; they hold the keys that the real ones have, with some text.
 */
import type { Secret } from '../api/kinds/cluster';
import type { Store } from '../api/store';
import { SECOND } from '../clock/clock';
import type { Os, Program } from './program';
import { flagValue } from './web-servers';

/** Creates a Secret unless there is one of that name. */
function create(store: SecretStore, namespace: string, name: string, keys: readonly string[]): void {
  if (store.get('Secret', namespace, name) !== undefined) return;
  const data = Object.fromEntries(keys.map((key) => [key, MADE]));
  const metadata = { name, namespace };
  store.create({ apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data } as Secret);
}

type SecretStore = Pick<Store, 'get' | 'create'>;

/** "made here" in base64. */
const MADE = 'bWFkZSBoZXJl';

/** How long they take to find the API server and to make what they write. */
const WORK_NS = SECOND;

function ends(name: string, work: (os: Os) => void): Program {
  return {
    name,
    start: (os) => void os.setTimer('done', WORK_NS),
    onEvent: (os, event) => {
      if (event.type !== 'timer') return;
      work(os);
      os.exit(0);
    },
  };
}

/** The programs; `store` is their way to the API server. */
export function createSecretMakers(store: SecretStore): readonly Program[] {
  const namespaceOf = (os: Os) =>
    flagValue(os.process.args, 'namespace') ?? os.process.container?.namespace ?? '';
  return [
    ends('kube-webhook-certgen', (os) => {
      const { args } = os.process;
      const name = flagValue(args, 'secret-name');
      if (args.includes('create') && name !== undefined)
        create(store, namespaceOf(os), name, ['ca', 'cert', 'key']);
    }),
    ends('argocd', (os) => {
      if (os.process.args.includes('redis-initial-password'))
        create(store, namespaceOf(os), 'argocd-redis', ['auth']);
    }),
    {
      name: 'metallb-controller',
      start(os) {
        const name = os.process.env.METALLB_ML_SECRET_NAME;
        if (name !== undefined) create(store, namespaceOf(os), name, ['secretkey']);
        os.become(['server', ...os.process.args.slice(1)], os.process.env);
      },
      onEvent: () => undefined,
    },
  ];
}
