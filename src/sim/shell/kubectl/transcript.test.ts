/** What kubectl says, command by command, against a real API server without controllers. */
import { describe, expect, it } from 'vitest';
import { ApiServer } from '../../api/server';
import { Store } from '../../api/store';
import { Clock, SECOND } from '../../clock/clock';
import { bareShell } from '../bare-world';

const APP = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: nginx, image: "nginx:1.27", ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
`;
const BAD = `apiVersion: v1
kind: Service
metadata: {name: bad}
spec: {ports: [{port: 0}]}
`;

/** A shell in a cluster with a node, a few pods and the app applied. */
function terminal() {
  const clock = new Clock(1);
  const store = new Store({ clock });
  const server = new ApiServer(store);
  for (const name of ['default', 'shop']) {
    server.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  server.create({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' }, spec: {} });
  const shell = bareShell(server, clock, {
    files: [
      { name: 'app.yaml', text: APP },
      { name: 'bad.yaml', text: BAD },
      { name: 'broken.yaml', text: 'a: b: c\n' },
      { name: 'empty.yaml', text: '# nothing\n' },
    ],
  });
  const run = (line: string): string => {
    const id = shell.type(line);
    const end = clock.nowNs + 60 * SECOND;
    while (shell.sessions.isRunning(id) && (clock.peek()?.atNs ?? end) < end)
      shell.sessions.handle(clock.take()!.event);
    const { stdout, stderr, code } = shell.transcripts.get(id)!;
    return `${stdout}${stderr}[${code ?? 'runs'}]`;
  };
  run('kubectl apply -f app.yaml');
  run('kubectl run tmp --image=busybox -- sleep 60');
  return { run, store };
}

/** Lines that leave a terminal as another one finds it, so that one terminal serves them all. */
const { run } = terminal();

describe('applying', () => {
  it.each([
    ['kubectl apply -f app.yaml', 'deployment.apps/web unchanged\nservice/web unchanged\n[0]'],
    ['kubectl apply -f nope.yaml', 'error: the path "nope.yaml" does not exist\n[1]'],
    ['kubectl apply -f empty.yaml', 'error: no objects passed to apply\n[1]'],
    ['kubectl apply', 'error: must specify one of -f and -k\n[1]'],
    [
      'kubectl create -f app.yaml --dry-run=client',
      'deployment.apps/web created (dry run)\nservice/web created (dry run)\n[0]',
    ],
    [
      'kubectl create -f app.yaml',
      'Error from server (AlreadyExists): error when creating "app.yaml": deployments.apps "web" already exists\n' +
        'Error from server (AlreadyExists): error when creating "app.yaml": services "web" already exists\n[1]',
    ],
    ['kubectl get -f app.yaml -o name', 'deployment.apps/web\nservice/web\n[0]'],
  ])('%s', (line, expected) => expect(run(line)).toBe(expected));

  it("tells what is wrong with a manifest in the server's words", () => {
    expect(run('kubectl apply -f bad.yaml')).toContain(
      'The Service "bad" is invalid: \n* spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive\n',
    );
    expect(run('kubectl apply -f broken.yaml')).toMatch(
      /^error: error parsing broken.yaml: error converting YAML to JSON: yaml: /,
    );
  });

  it('takes a here-document', () => {
    const doc = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: here}\ndata: {a: b}\n';
    expect(run(`kubectl apply -f - <<EOF\n${doc}EOF`)).toBe('configmap/here created\n[0]');
    expect(run(`kubectl apply -f - <<EOF\n${doc.replace('a: b', 'a: c')}EOF`)).toBe(
      'configmap/here configured\n[0]',
    );
    expect(run("kubectl get cm here -o jsonpath='{.data.a}'")).toBe('c[0]');
    expect(run('kubectl delete cm here')).toBe('configmap "here" deleted from default namespace\n[0]');
  });
});

describe('asking', () => {
  it.each([
    ['kubectl get pods nope', 'Error from server (NotFound): pods "nope" not found\n[1]'],
    ['kubectl get pods -n shop', 'No resources found in shop namespace.\n[0]'],
    ['kubectl get pod x -n typo', 'Error from server (NotFound): namespaces "typo" not found\n[1]'],
    ['kubectl get foo', `error: the server doesn't have a resource type "foo"\n[1]`],
    ['kubectl get svc web -o jsonpath={.spec.ports[0].port}', '80[0]'],
    [
      'kubectl get svc -o custom-columns=N:.metadata.name,P:.spec.ports[*].port --no-headers',
      'web   80\n[0]',
    ],
    ['kubectl get deploy web --no-headers', 'web   0/2   0     0     0s\n[0]'],
    ['kubectl get deploy,svc -o name', 'deployment.apps/web\nservice/web\n[0]'],
    [
      'kubectl get pods -l run=tmp --show-labels --no-headers',
      'tmp   0/1   Pending   0     0s    run=tmp\n[0]',
    ],
    ['kubectl get pods -l run!=tmp', 'No resources found in default namespace.\n[0]'],
    [
      'kubectl get pods --field-selector status.phase=Running',
      'No resources found in default namespace.\n[0]',
    ],
    ['kubectl get ns --sort-by=.metadata.name -o name', 'namespace/default\nnamespace/shop\n[0]'],
    ['kubectl auth can-i delete pods', 'yes\n[0]'],
    [
      'kubectl get pods -o xml | wc -l',
      expect.stringContaining('unable to match a printer suitable for the output format "xml"'),
    ],
    ['kubectl describe deployment we | head -n 1', 'Name:                   web\n[0]'],
    [
      'kubectl logs tmp',
      'Error from server (BadRequest): container "tmp" in pod "tmp" is waiting to start: ContainerCreating\n[1]',
    ],
    ['kubectl exec tmp -- ls', 'Error from server (BadRequest): pod tmp does not have a host assigned\n[1]'],
    ['kubectl exec tmp ls', expect.stringContaining('is not supported anymore')],
    ['kubectl top pods', 'error: Metrics API not available\n[1]'],
  ])('%s', (line, expected) => expect(run(line)).toEqual(expected));
});

describe('changing', () => {
  it.each([
    ['kubectl scale deploy web --replicas=4', 'deployment.apps/web scaled\n[0]'],
    [
      'kubectl scale deploy web --replicas=5 --current-replicas=3',
      'error: Expected replicas to be 3, was 4\n[1]',
    ],
    [
      'kubectl scale svc web --replicas=5',
      'Error from server (NotFound): the server could not find the requested resource\n[1]',
    ],
    ['kubectl set image deploy/web nginx=nginx:1.28', 'deployment.apps/web image updated\n[0]'],
    ['kubectl set image deploy/web nginx=nginx:1.28', '[0]'],
    ['kubectl set env deploy/web A=b', 'deployment.apps/web env updated\n[0]'],
    ['kubectl set env deploy/web --list', '# Deployment web, container nginx\nA=b\n[0]'],
    ['kubectl label pod tmp tier=fe', 'pod/tmp labeled\n[0]'],
    [
      'kubectl label pod tmp tier=be',
      `error: 'tier' already has a value (fe), and --overwrite is false\n[1]`,
    ],
    ['kubectl label pod tmp tier=be --overwrite', 'pod/tmp labeled\n[0]'],
    ['kubectl label pod tmp tier-', 'pod/tmp unlabeled\n[0]'],
    ['kubectl annotate svc web note=hi', 'service/web annotated\n[0]'],
    [`kubectl patch svc web -p '{"spec":{"sessionAffinity":"ClientIP"}}'`, 'service/web patched\n[0]'],
    [
      `kubectl patch svc web --type=merge -p '{"spec":{"sessionAffinity":"ClientIP"}}'`,
      'service/web patched (no change)\n[0]',
    ],
    [
      `kubectl patch svc web --type=json -p '[{"op":"replace","path":"/spec/ports/0/port","value":81}]'`,
      'service/web patched\n[0]',
    ],
    ['kubectl get svc web -o jsonpath={.spec.ports[*].port}', '81[0]'],
    ['kubectl expose deployment web --name=other --port=80', 'service/other exposed\n[0]'],
    [
      'kubectl create configmap c --from-literal=a=b -n nope',
      'error: failed to create configmap: namespaces "nope" not found\n[1]',
    ],
    ['kubectl create service nodeport np --tcp=80:8080 --node-port=30080', 'service/np created\n[0]'],
    [
      'kubectl cordon node-1 && kubectl cordon node-1',
      'node/node-1 cordoned\nnode/node-1 already cordoned\n[0]',
    ],
    ['kubectl uncordon node-1', 'node/node-1 uncordoned\n[0]'],
    ['kubectl taint nodes node-1 k=v:NoSchedule', 'node/node-1 tainted\n[0]'],
    ['kubectl taint nodes node-1 k-', 'node/node-1 untainted\n[0]'],
    ['kubectl rollout pause deploy/web', 'deployment.apps/web paused\n[0]'],
    ['kubectl rollout resume deploy/web', 'deployment.apps/web resumed\n[0]'],
    ['kubectl rollout restart deploy/web', 'deployment.apps/web restarted\n[0]'],
    [
      'kubectl wait --for=condition=Ready pod/tmp --timeout=1s',
      'error: timed out waiting for the condition on pods/tmp\n[1]',
    ],
    [`kubectl wait --for=jsonpath='{.status.phase}'=Pending pod/tmp`, 'pod/tmp condition met\n[0]'],
    [
      'kubectl delete svc other np',
      'service "other" deleted from default namespace\nservice "np" deleted from default namespace\n[0]',
    ],
    ['kubectl delete pod tmp --dry-run=client', 'pod "tmp" deleted (dry run) from default namespace\n[0]'],
    ['kubectl delete pods', 'error: resource(s) were provided, but no name was specified\n[1]'],
    ['kubectl delete pod tmp', 'pod "tmp" deleted from default namespace\n[0]'],
    ['kubectl delete ns shop --wait=false', 'namespace "shop" deleted\n[0]'],
  ])('%s', (line, expected) => expect(run(line)).toBe(expected));
});
