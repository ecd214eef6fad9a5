/** The terminal of a whole cluster: what takes time, what runs in containers, and what a node's tables show. */
import { beforeAll, describe, expect, it } from 'vitest';
import { Cluster } from '../cluster';

const APP = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
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
spec: {type: NodePort, selector: {app: web}, ports: [{port: 80, nodePort: 30080}]}
`;

let cluster: Cluster;
let last = 0;

beforeAll(() => {
  cluster = Cluster.create({ seed: 1 });
  cluster.apply([{ name: 'app.yaml', text: APP }]);
  cluster.runUntilSettled();
});

/** Types a line and gives what it printed, its exit code in brackets. */
function run(line: string): string {
  const id = String(++last);
  cluster.takeOutput();
  cluster.exec(id, line);
  const code = cluster.runUntilExit(id);
  const text = cluster.takeOutput().map((output) => (output.type === 'output' ? output.text : ''));
  return `${text.join('')}[${code ?? 'runs'}]`;
}

describe('in containers', () => {
  it('passes output and exit code of a command through', () => {
    expect(run(`kubectl exec deploy/web -- curl -s -o /dev/null -w '%{http_code}' http://web`)).toBe(
      '200[0]',
    );
    expect(run('kubectl exec deploy/web -- curl -s http://nope')).toBe(
      'command terminated with exit code 6\n[6]',
    );
    expect(run('kubectl exec deploy/web -- nonsense')).toMatch(
      /exec: "nonsense": executable file not found in \$PATH/,
    );
    expect(run('kubectl exec -it deploy/web -- bash')).toMatch(/an interactive shell is not simulated/);
  });

  it('runs a pod for one command and takes it away again', () => {
    expect(
      run('kubectl run tmp -q --rm -i --restart=Never --image=busybox -- wget -qO- http://web | head -n 1'),
    ).toBe('<!DOCTYPE html>\n[0]');
    expect(
      run('kubectl wait --for=delete pod/tmp --timeout=60s; kubectl get pod tmp --ignore-not-found'),
    ).toMatch(/\[0\]$/);
  });

  it('follows a log until it is interrupted', () => {
    const id = String(++last);
    cluster.exec(id, 'kubectl logs -f deploy/web');
    run('kubectl exec deploy/web -- curl -s http://localhost/');
    cluster.interrupt(id);
    expect(cluster.runUntilExit(id, 1)).toBe(130);
  });
});

describe('trouble on the way', () => {
  it('leaves Ctrl-C to the program, which may still say something', () => {
    const id = String(++last);
    cluster.takeOutput();
    cluster.exec(id, 'node node-1 -- ping 10.244.2.250; echo never');
    cluster.runUntil(cluster.clock.nowNs + 2_500_000_000);
    cluster.interrupt(id);
    cluster.runUntilExit(id);
    const text = cluster.takeOutput().map((output) => (output.type === 'output' ? output.text : ''));
    expect(text.join('')).toMatch(/^PING [^]*packet loss/);
    expect(text.join('')).not.toMatch(/never/);
  });
});

describe('what takes time', () => {
  it('follows a rollout', () => {
    const text = run('kubectl set image deploy/web nginx=nginx:1.28 && kubectl rollout status deploy/web');
    expect(text).toMatch(
      /^deployment.apps\/web image updated\nWaiting for deployment spec update to be observed...\n/,
    );
    expect(text).toMatch(/deployment "web" successfully rolled out\n\[0\]$/);
    expect(run('kubectl rollout history deploy/web | tail -n 3')).toBe(
      '1         <none>\n2         <none>\n\n[0]',
    );
    expect(run('kubectl rollout undo deploy/web')).toBe('deployment.apps/web rolled back\n[0]');
    run('kubectl rollout status deploy/web');
    expect(run('kubectl get deploy web -o jsonpath={.spec.template.spec.containers[0].image}')).toBe(
      'nginx:1.27[0]',
    );
  });

  it('waits until a deleted pod is gone', () => {
    const name = run('kubectl get pods -o name | head -n 1').split('\n')[0]!;
    expect(run(`kubectl delete ${name}; kubectl get ${name}`)).toMatch(
      /deleted from default namespace\n.*not found\n\[1\]$/,
    );
  });
});

describe('on nodes and outside', () => {
  it.each([
    ['node node-1 -- iptables-save -t nat | grep -c web', /^\d+\n\[0\]$/],
    [
      'node node-1 -- iptables -t nat -nL KUBE-NODEPORTS',
      /^Chain KUBE-NODEPORTS \(1 references\)\ntarget {5}prot opt source {15}destination {9}\n/,
    ],
    [
      'node node-1 -- iptables -t nat -S PREROUTING',
      /^-P PREROUTING ACCEPT\n-A PREROUTING .*-j KUBE-SERVICES\n/,
    ],
    ['node node-1 -- iptables -L NOPE', /^iptables: No chain\/target\/match by that name\.\n\[1\]$/],
    [
      'node node-1 -- ip route',
      /^default via [\d.]+ dev eth0 [^]*\n10\.244\.2\.0\/24 via 10\.244\.2\.0 dev flannel\.1 onlink/,
    ],
    [
      'node node-1 -- ip r get 10.244.2.9',
      /^10\.244\.2\.9 via 10\.244\.2\.0 dev flannel\.1 src 10\.244\.1\.0/,
    ],
    ['node node-1 -- ip addr show dev cni0', /inet 10\.244\.1\.1\/24/],
    ['node node-1 -- ip addr show dev nope', /^Device "nope" does not exist\.\n\[1\]$/],
    ['node node-1 -- bridge fdb show dev flannel.1', /dst [\d.]+ self permanent/],
    ['node node-1 -- cat /etc/resolv.conf', /^nameserver [\d.]+\n\[0\]$/],
    ['node node-1 -- conntrack -L -p sctp', /0 flow entries have been shown\.\n\[0\]$/],
    ['node node-9 -- ip route', /^node: node-9: no such node \(nodes: node-1, node-2\)\n\[1\]$/],
    ['node node-1', /what should run on node-1/],
    ['node node-1 -- htop', /^sh: htop: command not found\n\[127\]$/],
    [`curl -s -o /dev/null -w '%{http_code}' http://$NODE:30080`, /^200\[0\]$/],
  ])('%s', (line, expected) => {
    cluster.runUntilSettled();
    const ip = run("kubectl get node node-1 -o jsonpath='{.status.addresses[0].address}'").replace('[0]', '');
    expect(run(line.replace('$NODE', ip))).toMatch(expected);
  });

  it("runs a command in the node's own network", () => {
    const ip = run('kubectl get svc web -o jsonpath={.spec.clusterIP}').replace('[0]', '');
    expect(run(`node node-2 -- curl -s -o /dev/null -w '%{http_code}' http://${ip}`)).toBe('200[0]');
  });

  it('drains a node and says where its pods went', () => {
    expect(run('kubectl drain node-2 --ignore-daemonsets')).toMatch(
      /^node\/node-2 cordoned\nevicting pod [^]*\nnode\/node-2 drained\n\[0\]$/,
    );
    expect(run('kubectl get pods -o wide --no-headers | grep -c node-2')).toBe('0\n[1]');
    run('kubectl uncordon node-2');
  });
});

describe('without power', () => {
  it('notices that the machine has lost power', () => {
    const id = String(++last);
    cluster.exec(id, 'node node-2 -- ping 192.168.0.11');
    cluster.runUntil(cluster.clock.nowNs + 1_500_000_000);
    cluster.fault({ kind: 'power', node: 'node-2', on: false });
    expect(cluster.runUntilExit(id, 10_000_000_000)).toBeGreaterThan(0);
    expect(run('node node-2 -- ip route')).toMatch(
      /^ssh: connect to host node-2 port 22: No route to host\n\[255\]$/,
    );
  });
});
