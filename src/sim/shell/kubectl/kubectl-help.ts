/** `kubectl help` and `kubectl CMD --help`: what is simulated, which flags there are, and lines to copy. */
import { flagsOf } from './flag-table';
import { VERBS } from './verbs';

interface Entry {
  readonly does: string;
  readonly use: string;
  readonly examples: readonly string[];
}

const ENTRIES: Readonly<Record<string, Entry>> = {
  'api-resources': {
    does: 'List the types that the server knows',
    use: '[--namespaced] [-o wide]',
    examples: [],
  },
  'cluster-info': { does: 'Show where the control plane answers', use: '', examples: [] },
  'config current-context': { does: 'Print the current context', use: '', examples: [] },
  'config set-context': {
    does: 'Set the namespace that commands work in',
    use: '--current --namespace=NAMESPACE',
    examples: ['kubectl config set-context --current --namespace=shop'],
  },
  'create configmap': {
    does: 'Create a ConfigMap',
    use: 'NAME --from-literal=KEY=VALUE',
    examples: ['kubectl create configmap app --from-literal=greeting=hello'],
  },
  'create deployment': {
    does: 'Create a Deployment',
    use: 'NAME --image=IMAGE [--replicas=N] [--port=PORT]',
    examples: ['kubectl create deployment web --image=nginx --replicas=3'],
  },
  'create namespace': {
    does: 'Create a namespace',
    use: 'NAME',
    examples: ['kubectl create namespace shop'],
  },
  'rollout history': {
    does: 'Show the revisions of a workload',
    use: 'TYPE/NAME [--revision=N]',
    examples: [],
  },
  'rollout restart': { does: 'Replace all pods of a workload', use: 'TYPE/NAME', examples: [] },
  'rollout status': { does: 'Follow a rollout to its end', use: 'TYPE/NAME [--timeout=30s]', examples: [] },
  'rollout undo': {
    does: 'Go back to an earlier revision',
    use: 'TYPE/NAME [--to-revision=N]',
    examples: [],
  },
  'set image': {
    does: 'Change the image of a container',
    use: 'TYPE/NAME CONTAINER=IMAGE',
    examples: ['kubectl set image deployment/web nginx=nginx:1.28'],
  },
  annotate: { does: 'Set or remove annotations', use: 'TYPE NAME KEY=VALUE KEY-', examples: [] },
  apply: {
    does: 'Create or change objects from manifests',
    use: '-f FILE',
    examples: ['kubectl apply -f .'],
  },
  cordon: { does: 'Keep new pods off a node', use: 'NODE', examples: ['kubectl cordon node-1'] },
  create: { does: 'Create objects from manifests', use: '-f FILE', examples: [] },
  delete: {
    does: 'Delete objects',
    use: '(TYPE NAME | TYPE -l LABEL | -f FILE)',
    examples: ['kubectl delete pod web-abc', 'kubectl delete deployment,svc -l app=web'],
  },
  describe: {
    does: 'Show objects in detail, with their events',
    use: 'TYPE [NAME]',
    examples: ['kubectl describe svc web', 'kubectl describe pod web'],
  },
  drain: { does: 'Move the pods of a node elsewhere', use: 'NODE --ignore-daemonsets', examples: [] },
  events: { does: 'List events', use: '[--for TYPE/NAME] [--types=Warning]', examples: [] },
  exec: {
    does: 'Run a command in a container',
    use: 'POD [-c CONTAINER] -- COMMAND',
    examples: ['kubectl exec web-abc -- curl http://backend', 'kubectl exec deploy/web -- nslookup backend'],
  },
  expose: {
    does: 'Make a Service for a workload',
    use: 'TYPE NAME --port=PORT [--target-port=PORT] [--type=NodePort]',
    examples: ['kubectl expose deployment web --port=80 --target-port=8080'],
  },
  get: {
    does: 'List objects',
    use: 'TYPE [NAME] [-o wide|yaml|json|name|jsonpath=…] [-A] [-l LABEL] [-w]',
    examples: ['kubectl get pods -o wide', 'kubectl get svc,endpointslices -A', 'kubectl get pods -w'],
  },
  label: {
    does: 'Set or remove labels',
    use: 'TYPE NAME KEY=VALUE KEY-',
    examples: ['kubectl label pod web-abc app-'],
  },
  logs: { does: 'Print what a container wrote', use: 'POD [-c CONTAINER] [-f] [--tail=N]', examples: [] },
  patch: { does: 'Change fields of an object', use: 'TYPE NAME -p PATCH [--type=merge|json]', examples: [] },
  replace: { does: 'Replace objects from manifests', use: '-f FILE', examples: [] },
  run: {
    does: 'Start a single pod',
    use: 'NAME --image=IMAGE',
    examples: ['kubectl run tmp --image=busybox -- sleep 3600'],
  },
  scale: {
    does: 'Set how many pods a workload has',
    use: 'TYPE NAME --replicas=N',
    examples: ['kubectl scale deployment web --replicas=5'],
  },
  taint: { does: 'Set or remove taints of a node', use: 'node NODE KEY=VALUE:EFFECT', examples: [] },
  uncordon: { does: 'Let pods onto a node again', use: 'NODE', examples: [] },
  version: { does: 'Show the versions', use: '', examples: [] },
  wait: {
    does: 'Wait for a condition',
    use: 'TYPE NAME --for=condition=Ready [--timeout=30s]',
    examples: ['kubectl wait --for=condition=Ready pod -l app=web'],
  },
};

function overview(): string {
  const rows = VERBS.map((verb) => verb.path)
    .filter((path) => ENTRIES[path] !== undefined)
    .sort()
    .map((path) => `  ${path.padEnd(24)}${ENTRIES[path]!.does}`);
  return `kubectl controls the simulated cluster.\n\n${rows.join('\n')}\n\nkubectl CMD --help tells more. Type help for examples.\n`;
}

/** Help for a command; for '' the list of all of them. */
export function helpText(path: string): string {
  const entry = ENTRIES[path];
  if (entry === undefined) {
    const below = VERBS.filter((verb) => path !== '' && verb.path.startsWith(`${path} `));
    if (below.length === 0) return overview();
    return `Available commands:\n${below.map((verb) => `  kubectl ${verb.path}`).join('\n')}\n`;
  }
  const flags = flagsOf(path)
    .map((flag) => `    ${flag.short === '' ? '    ' : `-${flag.short}, `}--${flag.name}`)
    .join('\n');
  const examples =
    entry.examples.length === 0 ? '' : `Examples:\n${entry.examples.map((e) => `  ${e}\n`).join('')}\n`;
  return `${entry.does}.\n\n${examples}Usage:\n  kubectl ${path} ${entry.use}\n\nOptions:\n${flags}\n`;
}
