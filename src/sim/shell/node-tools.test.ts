/** What the network tools print, on nodes and in pods with either kind of tools. Every shape was compared with the real tool. */
import { beforeAll, expect, it } from 'vitest';
import { Cluster } from '../cluster';

const APP = `apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {nodeName: node-1, containers: [{name: c, image: traefik/whoami, args: [--port=8080]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: bb}
spec: {nodeName: node-1, containers: [{name: c, image: busybox, command: [httpd, -f, -p, "8080"]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: full}
spec: {nodeName: node-1, containers: [{name: c, image: nicolaka/netshoot, args: [sleep, 1d]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, sessionAffinity: ClientIP, selector: {app: web}, ports: [{port: 80, targetPort: 8080, nodePort: 30080}]}
`;

let cluster: Cluster;
let last = 0;

beforeAll(() => {
  cluster = Cluster.create({ seed: 1 });
  cluster.apply([{ name: 'app.yaml', text: APP }]);
  cluster.runUntilSettled();
});

function run(line: string): string {
  const id = String(++last);
  cluster.takeOutput();
  cluster.exec(id, line);
  const code = cluster.runUntilExit(id);
  const text = cluster.takeOutput().map((output) => (output.type === 'output' ? output.text : ''));
  return `${text.join('')}[${code ?? 'runs'}]`;
}

const IPT = 'node node-1 -- iptables';

it.each([
  [`${IPT} -t nat -L PREROUTING`, / all {2}-- {2}anywhere {13}anywhere {13}\/\* kubernetes service portals/],
  [`${IPT} -t nat -L PREROUTING -v`, / all {2}-- {2}any {4}any {5}anywhere /],
  [`${IPT} -t nat -L PREROUTING -nv`, / all {2}-- {2}\* {6}\* {7}0\.0\.0\.0\/0 /],
  [`${IPT} -t nat -nvxL PREROUTING`, /\n {4}pkts {6}bytes target {5}prot opt in/],
  [`${IPT} -t nat -L KUBE-SERVICES | grep default/web`, / tcp dpt:http\n/],
  [`${IPT} -t nat -nL KUBE-SERVICES | grep default/web`, / tcp dpt:80\n/],
  [
    `${IPT} -t nat -nL | grep CHECK`,
    /recent: CHECK seconds: 10800 reap name: KUBE-SEP-\w+ side: source mask: 255/,
  ],
  [
    `${IPT} -t nat -nL | grep 'SET name'`,
    /recent: SET name: KUBE-SEP-\w+ side: source mask: 255\.255\.255\.255 tcp to:/,
  ],
  [`${IPT} -t nat -nL KUBE-POSTROUTING | grep RETURN`, /mark match ! 0x4000\/0x4000\n/],
  [`${IPT} -nL INPUT --line | head -3`, /\nnum {2}target {5}prot opt/],
  [`${IPT} -V`, /^iptables v1\.8\.11 \(nf_tables\)\n\[0\]$/],
  [
    IPT,
    /^iptables v1\.8\.11 \(nf_tables\): no command specified\nTry `iptables -h' or 'iptables --help' for more information\.\n\[2\]$/,
  ],
  [`${IPT} -L --bogus`, /: unknown option "--bogus"\nTry `iptables -h'/],
])('%s', (line, expected) => {
  expect(run(line)).toMatch(expected);
});

it('ss and netstat name who listens, and netstat has its own form', () => {
  expect(run('kubectl exec bb -- netstat -tlnp')).toBe(
    'Active Internet connections (only servers)\n' +
      'Proto Recv-Q Send-Q Local Address           Foreign Address         State       PID/Program name    \n' +
      'tcp        0      0 :::8080                 :::*                    LISTEN      1/httpd             \n[0]',
  );
  run('kubectl exec full -- curl -s http://web');
  run('kubectl exec full -- sleep 1');
  const lines = run('kubectl exec full -- netstat -tan').split('\n');
  expect(lines.slice(0, 2)).toEqual([
    'Active Internet connections (servers and established)',
    'Proto Recv-Q Send-Q Local Address           Foreign Address         State      ',
  ]);
  expect(lines[2]).toMatch(/^tcp {8}0 {6}0 10\.244\.1\.\d:\d+ +10\.[\d.]+:80 +TIME_WAIT {2}$/);
  expect(lines[2]).toHaveLength(79);
  expect(run('node node-1 -- ss -Htln sport = :1')).toMatch(/^\[0\]$/);
});

it.each<[string, RegExp]>([
  [
    'ss -tln sport = :10256',
    /^State {2}Recv-Q Send-Q Local Address:Port {2}Peer Address:PortProcess\nLISTEN 0 {6}4096 +\*:10256 +\*:\* +\n\[0\]$/,
  ],
  [
    'ss -tan state listening',
    /^Recv-Q Send-Q Local Address:Port {2}Peer Address:PortProcess\n0 {6}4096 +\*:10256 +\*:\* +\n\[0\]$/,
  ],
  [
    'ss -tan state established dport = :1',
    /^Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n\[0\]$/,
  ],
  ['ss -t state bogus', /^ss: wrong state name: bogus\n\[255\]$/],
  ['ss --bogus', /^ss: unrecognized option '--bogus'\nUsage: ss \[ OPTIONS \]\n[^]*\[255\]$/],
  ['ss -tan nonsense', /Sorry\.\nUsage/],
])('node-1: %s', (line, expected) => {
  expect(run(`node node-1 -- ${line}`)).toMatch(expected);
});

it('routes and neighbours are printed by net-tools too', () => {
  expect(run('kubectl exec bb -- route -n')).toMatch(
    /^Kernel IP routing table\nDestination {5}Gateway {9}Genmask {9}Flags Metric Ref {4}Use Iface\n0\.0\.0\.0 {9}10\.244\.1\.1 {6}0\.0\.0\.0 {9}UG {4}0 {6}0 {8}0 eth0\n/,
  );
  expect(run('kubectl exec full -- netstat -rn')).toContain(
    '\n10.244.1.0      0.0.0.0         255.255.255.0   U         0 0          0 eth0\n',
  );
  expect(run('kubectl exec full -- arp -n')).toMatch(
    /^Address {18}HWtype {2}HWaddress {11}Flags Mask {12}Iface\n10\.244\.1\.1 {15}ether {3}[\da-f:]{17} {3}C {21}eth0\n/,
  );
  expect(run('kubectl exec bb -- arp')).toMatch(
    /^(\? \([\d.]+\) at [\da-f:]{17} \[ether\] {2}on eth0\n)*\[0\]$/,
  );
});

it('ip prints less where it is busybox, and a line for each address with -o', () => {
  const text = run('kubectl exec bb -- ip addr show eth0');
  expect(text).toMatch(
    /^2: eth0@if\d+: <BROADCAST,MULTICAST,UP,LOWER_UP,M-DOWN> mtu \d+ qdisc noqueue qlen 1000\n/,
  );
  expect(text).not.toMatch(/state|group|netns/);
  expect(run('kubectl exec bb -- ip route')).toMatch(
    /10\.244\.1\.0\/24 dev eth0 scope link {2}src 10\.244\.1\.\d+ \n/,
  );
  expect(run('kubectl exec bb -- ip -br a')).toMatch(/^BusyBox v[^]*\n\[1\]$/);
  expect(run('kubectl exec full -- ip -o -4 addr')).toMatch(
    /^1: lo {4}inet 127\.0\.0\.1\/8 scope host lo\\ {7}valid_lft forever preferred_lft forever\n2: eth0 {4}inet /,
  );
});

it.each<[string, RegExp]>([
  ['-V', /^conntrack v1\.4\.7 \(conntrack-tools\)\n\[0\]$/],
  [
    '-L --bogus',
    /^conntrack v1\.4\.7 \(conntrack-tools\): unknown option `--bogus'\nTry `conntrack -h' or[^]*\[2\]$/,
  ],
  ['-L -p nope', /: `nope' unsupported protocol\n[^]*\[2\]$/],
  ['-L -p tcp -o extended', /^(ipv4 {5}2 tcp {6}6 \d+ [A-Z_]+ src=[^]*\n)+conntrack v/],
  [
    '-L --dst-nat -p tcp',
    /^(tcp {6}6 \d+ [A-Z_]+ src=\S+ dst=10\.96\.\S+ sport=\d+ dport=80 src=10\.244\.\S+ .*\n)+conntrack v[^]*\[0\]$/,
  ],
  ['-L --src-nat -p tcp', /^conntrack v.*: 0 flow entries have been shown\.\n\[0\]$/],
  ['-L -p 17 --dport 53 -q 192.0.2.1', /: 0 flow entries have been shown\.\n\[0\]$/],
  ['-L --state nothing', /: 0 flow entries/],
  ['-D -p udp', /is not simulated/],
  ['', /^Command line interface for the connection tracking system\. Version 1\.4\.7\nUsage:/],
])('conntrack %s', (args, expected) => {
  run('kubectl exec full -- curl -s http://web');
  expect(run(`node node-1 -- conntrack ${args}`.trim())).toMatch(expected);
});

it.each<[string, RegExp]>([
  [
    'ip route show table all',
    /\nlocal 10\.244\.1\.1 dev cni0 table local proto kernel scope host src 10\.244\.1\.1 \n/,
  ],
  ['ip route show table 99', /^Error: ipv4: FIB table does not exist\.\nDump terminated\n\[2\]$/],
  ['ip netns', /^(cni-[\da-f-]{36} \(id: \d\)\n){3}/],
  [
    'bridge link',
    /^(\d+: veth[\da-f]+@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu \d+ master cni0 state forwarding priority 32 cost 2 \n)+\[0\]$/,
  ],
  ['bridge nonsense', /^Object "nonsense" is unknown, try "bridge help"\.\n\[1\]$/],
  ['sysctl net.ipv4.ip_forward', /^net\.ipv4\.ip_forward = 1\n\[0\]$/],
  [
    'sysctl -n net.ipv4.nope',
    /^sysctl: cannot stat \/proc\/sys\/net\/ipv4\/nope: No such file or directory\n\[1\]$/,
  ],
  ['cat /proc/sys/net/ipv4/ip_forward', /^1\n\[0\]$/],
])('node-1: %s', (line, expected) => {
  expect(run(`node node-1 -- ${line}`)).toMatch(expected);
});

it('traceroute shows the routers of the way, by name where there is one', () => {
  const web = run('kubectl get pod web -o jsonpath={.status.podIP}').replace('[0]', '');
  expect(run(`node node-2 -- traceroute -n ${web}`)).toMatch(
    /^traceroute to ([\d.]+) \(\1\), 30 hops max, 60 byte packets\n 1 {2}10\.244\.1\.0( {2}\d\.\d{3} ms){3}\n 2 {2}\1( {2}\d\.\d{3} ms){3}\n\[0\]$/,
  );
  expect(run(`kubectl exec bb -- traceroute ${web}`)).toMatch(
    /^traceroute to \S+ \(\S+\), 30 hops max, 46 byte packets\n 1 {2}10-244-1-\d\.web\.default\.svc\.cluster\.local \([\d.]+\) {2}\d/,
  );
  expect(run('kubectl exec bb -- traceroute -n -m 2 -w 1 web')).toMatch(
    /\n 1 {2}10\.244\.1\.1 {2}[^*]*\n 2 {2}\* {2}\* {2}\*\n\[0\]$/,
  );
  run(`node node-2 -- traceroute -n -q 1 -m 2 -p 40000 ${web}`);
  const ports = cluster.trace.packets.values().flatMap(({ role, hops }) => {
    const l4 = hops[0]?.before.l4;
    return role !== 'error' && l4?.kind === 'udp' && l4.dstPort >= 40_000 ? l4.dstPort : [];
  });
  expect(ports.filter((port) => port < 40_010)).toEqual([40_000, 40_001]);
  expect(run('kubectl exec bb -- traceroute nope')).toBe(
    "traceroute: bad address 'nope'\ncommand terminated with exit code 1\n[1]",
  );
});

it('ping tells when the time to live ran out, and of wrong numbers', () => {
  const web = run('kubectl get pod web -o jsonpath={.status.podIP}').replace('[0]', '');
  expect(run(`node node-2 -- ping -c 1 -t 1 ${web}`)).toMatch(
    /\nFrom 10\.244\.1\.0 icmp_seq=1 Time to live exceeded\n\n--- \S+ ping statistics ---\n1 packets transmitted, 0 received, \+1 errors, 100% packet loss/,
  );
  expect(run('kubectl exec full -- ping -c x web')).toMatch(/^ping: invalid argument: 'x'\n[^]*\[1\]$/);
  expect(run('kubectl exec bb -- ping -c x web')).toMatch(/^ping: invalid number 'x'\n/);
});
