/** `kubectl config`: one context, whose namespace can be set (client-go tools/clientcmd). */
import type { Step } from '../shell';
import { layoutRows } from '../tabwriter';
import { UsageError } from './api';
import type { Kubectl, Verb } from './context';
import { CONTEXT_NAME, DONE } from './context';
import { serverUrl } from './discovery';
import { printErrors } from './write';
import { toYaml } from './yaml-print';

const CLUSTER = 'kubernetes';
const USER = 'kubernetes-admin';

function view(k: Kubectl): Step {
  const { namespace } = k.settings;
  const context = { cluster: CLUSTER, ...(namespace === 'default' ? {} : { namespace }), user: USER };
  k.io.out(
    toYaml({
      apiVersion: 'v1',
      clusters: [
        { cluster: { 'certificate-authority-data': 'DATA+OMITTED', server: serverUrl(k) }, name: CLUSTER },
      ],
      contexts: [{ context, name: CONTEXT_NAME }],
      'current-context': CONTEXT_NAME,
      kind: 'Config',
      users: [
        {
          name: USER,
          user: { 'client-certificate-data': 'DATA+OMITTED', 'client-key-data': 'DATA+OMITTED' },
        },
      ],
    }),
  );
  return DONE;
}

function getContexts(k: Kubectl): Step {
  if (k.flags.text('output') === 'name') {
    k.io.out(`${CONTEXT_NAME}\n`);
    return DONE;
  }
  const unknown = k.args.filter((name) => name !== CONTEXT_NAME);
  const { namespace } = k.settings;
  const row = ['*', CONTEXT_NAME, CLUSTER, USER, namespace === 'default' ? '' : namespace];
  const header = ['CURRENT', 'NAME', 'CLUSTER', 'AUTHINFO', 'NAMESPACE'];
  const rows = [
    ...(k.flags.bool('no-headers') ? [] : [header]),
    ...(k.args.length > unknown.length || k.args.length === 0 ? [row] : []),
  ];
  if (rows.length > 0) k.io.out(layoutRows(rows).text);
  return printErrors(
    k,
    unknown.map((name) => new UsageError(`context ${name} not found`)),
  );
}

function setContext(k: Kubectl): Step {
  const named = k.args[0];
  if (named === undefined && !k.flags.bool('current')) {
    throw new UsageError('you must specify a non-empty context name or --current');
  }
  if (named !== undefined && named !== CONTEXT_NAME) {
    throw new UsageError('there is one context here; use --current --namespace=NAMESPACE');
  }
  if (k.flags.has('namespace')) k.settings.namespace = k.flags.text('namespace') || 'default';
  k.io.out(`Context "${CONTEXT_NAME}" modified.\n`);
  return DONE;
}

function useContext(k: Kubectl): Step {
  const [name] = k.args;
  if (k.args.length !== 1) throw new UsageError(`Unexpected args: [${k.args.join(' ')}]`);
  if (name !== CONTEXT_NAME) throw new UsageError(`no context exists with the name: "${name}"`);
  k.io.out(`Switched to context "${CONTEXT_NAME}".\n`);
  return DONE;
}

function say(text: string) {
  return (k: Kubectl): Step => {
    k.io.out(text);
    return DONE;
  };
}

export const configVerbs: readonly Verb[] = [
  { path: 'config view', run: view },
  { path: 'config current-context', run: say(`${CONTEXT_NAME}\n`) },
  { path: 'config get-contexts', run: getContexts },
  { path: 'config get-clusters', run: say(`NAME\n${CLUSTER}\n`) },
  { path: 'config get-users', run: say(`NAME\n${USER}\n`) },
  { path: 'config set-context', run: setContext },
  { path: 'config use-context', run: useContext },
];
