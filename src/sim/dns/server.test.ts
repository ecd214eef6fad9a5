/** CoreDNS as kubeadm sets it up, asked in zone-file notation: "name type -> rcode, answers". */
import { describe, expect, it } from 'vitest';
import { SECOND } from '../clock/clock';
import { RandomStreams } from '../clock/random';
import { readCluster } from './cluster-reader';
import type { StoreLike } from './cluster-reader';
import { CorefileError, parseCorefile } from './corefile';
import type { DnsMessage } from './message';
import { printRdata, queryMessage, replyTo } from './message';
import type { CacheState } from './server';
import { configureServer, serveQuery } from './server';

interface Thing {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: object;
    readonly deletionTimestamp?: string;
  };
  readonly [more: string]: unknown;
}

const ns = (name: string): Thing => ({ kind: 'Namespace', metadata: { name } });
const svc = (name: string, spec: object, namespace = 'shop'): Thing => ({
  kind: 'Service',
  metadata: { name, namespace },
  spec,
});
const slice = (
  service: string,
  endpoints: readonly object[],
  ports: readonly object[] = [{ name: 'http', port: 8080, protocol: 'TCP' }],
): Thing => ({
  kind: 'EndpointSlice',
  metadata: { name: `${service}-x`, namespace: 'shop', labels: { 'kubernetes.io/service-name': service } },
  endpoints,
  ports,
});
const HTTP = [{ name: 'http', port: 80, protocol: 'TCP' }];

const OBJECTS: Thing[] = [
  ns('shop'),
  ns('other'),
  svc('web', {
    type: 'ClusterIP',
    clusterIP: '10.96.0.20',
    clusterIPs: ['10.96.0.20', 'fd00::20'],
    ports: HTTP,
  }),
  svc('db', { clusterIP: 'None', clusterIPs: ['None'], ports: HTTP }),
  svc('empty', { clusterIP: 'None', clusterIPs: ['None'], ports: HTTP }),
  svc('ext', { type: 'ExternalName', externalName: 'shop.example.com' }),
  svc('inner', { type: 'ExternalName', externalName: 'web.shop.svc.cluster.local' }),
  svc('loop', { type: 'ExternalName', externalName: 'loop.shop.svc.cluster.local' }),
  svc('ip', { type: 'ExternalName', externalName: '10.1.2.3' }),
  slice('db', [
    { addresses: ['10.244.1.5'], hostname: 'db-0', conditions: { ready: true } },
    { addresses: ['10.244.2.5'], conditions: { ready: true } },
    { addresses: ['10.244.2.6'], conditions: { ready: false, serving: true, terminating: true } },
  ]),
  {
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'shop' },
    status: { phase: 'Running', podIP: '10.244.1.5' },
  },
];

const store = (objects: readonly Thing[]): StoreLike => ({
  get: (kind, namespace, name) =>
    objects.find(
      (o) => o.kind === kind && (o.metadata.namespace ?? '') === namespace && o.metadata.name === name,
    ),
  list: (kind, namespace) =>
    objects.filter((o) => o.kind === kind && (namespace === undefined || o.metadata.namespace === namespace)),
});

const KUBEADM = `.:53 {
  errors
  health {
    lameduck 5s
  }
  ready
  kubernetes cluster.local in-addr.arpa ip6.arpa {
    pods insecure
    fallthrough in-addr.arpa ip6.arpa
    ttl 30
  }
  forward . 192.0.2.53
  cache 30 # seconds
  loop
  reload
  loadbalance
}`;

interface Options {
  readonly corefile?: string;
  readonly cache?: CacheState;
  readonly atS?: number;
  readonly objects?: readonly Thing[];
  readonly upstream?: (name: string, type: string) => DnsMessage | 'timeout' | undefined;
}

/** What the outside says: one alias, and nothing else. */
function outside(name: string, type: string): DnsMessage {
  const query = queryMessage(1, name, type);
  if (name !== 'shop.example.com.') return replyTo(query, 'NXDOMAIN', { ra: true });
  const answers = type === 'A' ? [{ name, type, ttl: 1, data: '203.0.113.80' }] : [];
  return replyTo(query, 'NOERROR', { ra: true, answers });
}

function ask(name: string, type: string, options: Options = {}) {
  const random = new RandomStreams(1);
  const { corefile = KUBEADM, cache = new Map(), atS = 0, objects = OBJECTS, upstream = outside } = options;
  return serveQuery(configureServer(corefile), cache, queryMessage(1, name, type), {
    nowNs: atS * SECOND,
    cluster: readCluster(store(objects)),
    synced: true,
    localIps: ['10.244.0.2'],
    seed: 0,
    random: () => random.next('x'),
    upstream: (asked) => upstream(asked.name, asked.type),
    readFile: () => 'nameserver 192.0.2.53\n',
    port: 53,
  });
}

function print(message: DnsMessage): string {
  const rows = message.answers.map((one) => `${one.ttl} ${one.type} ${printRdata(one)}`).sort();
  return [message.rcode, ...(message.aa ? ['aa'] : []), ...rows].join(', ');
}

describe('the default Corefile', () => {
  it.each([
    ['web.shop.svc.cluster.local A', 'NOERROR, aa, 30 A 10.96.0.20'],
    ['web.shop.svc.cluster.local AAAA', 'NOERROR, aa, 30 AAAA fd00::20'],
    ['WEB.Shop.svc.cluster.local A', 'NOERROR, aa, 30 A 10.96.0.20'],
    ['db.shop.svc.cluster.local A', 'NOERROR, aa, 30 A 10.244.1.5, 30 A 10.244.2.5'],
    ['db-0.db.shop.svc.cluster.local A', 'NOERROR, aa, 30 A 10.244.1.5'],
    ['10-244-1-5.db.shop.svc.cluster.local A', 'NXDOMAIN, aa'],
    ['10-244-2-5.db.shop.svc.cluster.local A', 'NOERROR, aa, 30 A 10.244.2.5'],
    ['empty.shop.svc.cluster.local A', 'NXDOMAIN, aa'],
    ['shop.svc.cluster.local A', 'NOERROR, aa'],
    ['nope.svc.cluster.local A', 'NXDOMAIN, aa'],
    ['web.nope.svc.cluster.local A', 'NXDOMAIN, aa'],
    [
      'cluster.local SOA',
      /^NOERROR, aa, 30 SOA ns\.dns\.cluster\.local\. hostmaster\.cluster\.local\. \d+ 7200 1800 86400 30$/,
    ],
    [
      '_http._tcp.db.shop.svc.cluster.local SRV',
      'NOERROR, aa, 30 SRV 0 50 8080 10-244-2-5.db.shop.svc.cluster.local., 30 SRV 0 50 8080 db-0.db.shop.svc.cluster.local.',
    ],
    ['_http._tcp.web.shop.svc.cluster.local SRV', 'NOERROR, aa, 30 SRV 0 50 80 web.shop.svc.cluster.local.'],
    ['20.0.96.10.in-addr.arpa PTR', 'NOERROR, aa, 30 PTR web.shop.svc.cluster.local.'],
    [
      '0.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa PTR',
      'NOERROR, aa, 30 PTR web.shop.svc.cluster.local.',
    ],
    ['5.1.244.10.in-addr.arpa PTR', 'NOERROR, aa, 30 PTR db-0.db.shop.svc.cluster.local.'],
    ['9.9.9.9.in-addr.arpa PTR', 'NXDOMAIN'],
    ['1-2-3-4.shop.pod.cluster.local A', 'NOERROR, aa, 30 A 1.2.3.4'],
    ['ext.shop.svc.cluster.local A', 'NOERROR, aa, 5 A 203.0.113.80, 5 CNAME shop.example.com.'],
    ['ext.shop.svc.cluster.local AAAA', 'NOERROR, aa, 30 CNAME shop.example.com.'],
    ['inner.shop.svc.cluster.local A', 'NOERROR, aa, 30 A 10.96.0.20, 30 CNAME web.shop.svc.cluster.local.'],
    ['loop.shop.svc.cluster.local A', 'NOERROR, aa'],
    ['ip.shop.svc.cluster.local A', 'NXDOMAIN, aa'],
    ['shop.example.com A', 'NOERROR, 5 A 203.0.113.80'],
    ['dns-version.cluster.local TXT', 'NOERROR, aa, 30 TXT "1.1.0"'],
    ['web.shop.svc.cluster.local AXFR', 'REFUSED'],
  ])('%s', (question, expected) => {
    const [name = '', type = ''] = question.split(' ');
    const got = print(ask(name, type).reply!);
    if (typeof expected === 'string') expect(got).toBe(expected);
    else expect(got).toMatch(expected);
  });

  it('says which object an answer comes from', () => {
    expect(ask('web.shop.svc.cluster.local', 'A').reply!.answers[0]!.origin).toEqual({
      ref: 'Service/shop/web',
    });
  });
  it('keeps a deleted Service for what is left of 30 s', () => {
    const first = ask('web.shop.svc.cluster.local', 'A');
    const gone = OBJECTS.filter((object) => object.metadata.name !== 'web');
    const later = (atS: number) =>
      ask('web.shop.svc.cluster.local', 'A', { cache: first.cache, atS, objects: gone });
    expect(print(later(29).reply!)).toBe('NOERROR, aa, 1 A 10.96.0.20');
    expect(later(29).served).toMatchObject({ from: 'cache' });
    expect(print(later(30).reply!)).toBe('NXDOMAIN, aa');
  });
  it('does not when caching is off for the zone', () => {
    const corefile = KUBEADM.replace(
      'cache 30 # seconds',
      'cache 30 {\n disable success cluster.local\n disable denial cluster.local\n}',
    );
    expect(ask('web.shop.svc.cluster.local', 'A', { corefile }).cache.size).toBe(0);
    expect(ask('shop.example.com', 'A', { corefile }).cache.size).toBe(1);
  });
  it('waits for the upstream, and answers SERVFAIL when it stays silent', () => {
    expect(ask('x.example.com', 'A', { upstream: () => undefined }).served).toEqual({
      kind: 'pending',
      ask: { server: '192.0.2.53', name: 'x.example.com.', type: 'A' },
    });
    const silent = ask('x.example.com', 'A', { upstream: () => 'timeout' });
    expect(print(silent.reply!)).toBe('SERVFAIL');
    expect(silent.cache.size).toBe(0);
  });
  it('keeps a SERVFAIL that the upstream sent for 5 s', () => {
    const upstream = (name: string, type: string) =>
      replyTo(queryMessage(1, name, type), 'SERVFAIL', { ra: true });
    const first = ask('x.example.com', 'A', { upstream });
    const { cache } = first;
    expect(ask('x.example.com', 'A', { cache, atS: 4 }).served).toMatchObject({ from: 'cache' });
    expect(ask('x.example.com', 'A', { cache, atS: 5 }).served).toMatchObject({ from: 'upstream' });
  });
});

describe('options of the kubernetes plugin', () => {
  const with_ = (line: string) => KUBEADM.replace('pods insecure', `pods insecure\n ${line}`);
  const verified = KUBEADM.replace('pods insecure', 'pods verified');
  const dual: Thing = {
    kind: 'Pod',
    metadata: { name: 'd', namespace: 'shop' },
    status: { phase: 'Running', podIP: 'fd00::5', podIPs: [{ ip: 'fd00::5' }, { ip: '10.244.1.77' }] },
  };
  const objects = [...OBJECTS, dual];
  it.each([
    ['10-244-1-5.shop.pod.cluster.local A', 'NOERROR, aa, 30 A 10.244.1.5'],
    ['fd00--5.shop.pod.cluster.local AAAA', 'NOERROR, aa, 30 AAAA fd00::5'],
    ['fd00-0-0-0-0-0-0-5.shop.pod.cluster.local AAAA', 'NXDOMAIN, aa'],
    ['10-244-1-77.shop.pod.cluster.local A', 'NXDOMAIN, aa'],
  ])('verified pods: %s', (question, expected) => {
    const [name = '', type = ''] = question.split(' ');
    expect(print(ask(name, type, { corefile: verified, objects }).reply!)).toBe(expected);
  });
  it('an address with leading zeros is none', () => {
    expect(print(ask('01-2-3-4.shop.pod.cluster.local', 'A').reply!)).toBe('NXDOMAIN, aa');
  });
  it('namespaces that do not exist have no PTR, when namespaces are listed', () => {
    const gone = OBJECTS.filter((one) => one.kind !== 'Namespace');
    const corefile = with_('namespaces shop');
    expect(print(ask('20.0.96.10.in-addr.arpa', 'PTR', { objects: gone }).reply!)).toContain('PTR web');
    expect(print(ask('20.0.96.10.in-addr.arpa', 'PTR', { objects: gone, corefile }).reply!)).toBe('NXDOMAIN');
  });
  it('ptr_hostname_only names endpoints with a hostname alone', () => {
    const corefile = with_('ptr_hostname_only');
    expect(print(ask('5.1.244.10.in-addr.arpa', 'PTR', { corefile }).reply!)).toContain('db-0.db');
    expect(print(ask('5.2.244.10.in-addr.arpa', 'PTR', { corefile }).reply!)).toBe('NXDOMAIN');
  });
  it('noendpoints knows of no endpoint', () => {
    const corefile = with_('noendpoints');
    expect(print(ask('db.shop.svc.cluster.local', 'A', { corefile }).reply!)).toBe('NXDOMAIN, aa');
    expect(print(ask('5.1.244.10.in-addr.arpa', 'PTR', { corefile }).reply!)).toBe('NXDOMAIN');
    expect(print(ask('web.shop.svc.cluster.local', 'A', { corefile }).reply!)).toContain('10.96.0.20');
  });
  it('all endpoints of a headless Service that the server is in are name servers', () => {
    const dns = [
      svc('dns', { clusterIP: 'None', clusterIPs: ['None'], ports: HTTP }),
      slice('dns', [{ addresses: ['10.244.0.2'] }, { addresses: ['10.244.0.3'] }]),
    ];
    const { reply } = ask('cluster.local', 'NS', { objects: [...OBJECTS, ...dns] });
    expect(print(reply!)).toBe(
      'NOERROR, aa, 30 NS 10-244-0-2.dns.shop.svc.cluster.local., 30 NS 10-244-0-3.dns.shop.svc.cluster.local.',
    );
  });
  it('a referral is kept for 5 s', () => {
    const upstream = (name: string, type: string) => {
      const ns = { name: 'example.com.', type: 'NS', ttl: 3600, data: 'a.example.com.' };
      return replyTo(queryMessage(1, name, type), 'NOERROR', { authority: [ns] });
    };
    expect(ask('x.example.com', 'A', { upstream }).reply!.authority[0]!.ttl).toBe(5);
  });
});

describe('other plugins', () => {
  const corefile = (lines: string) => `.:53 {\n${lines}\nkubernetes cluster.local\nforward . 192.0.2.53\n}`;
  it('hosts answers from the Corefile and passes on the rest', () => {
    const text = corefile('hosts {\n 10.9.9.9 db.corp.example\n fallthrough\n}');
    expect(print(ask('db.corp.example', 'A', { corefile: text }).reply!)).toBe(
      'NOERROR, aa, 3600 A 10.9.9.9',
    );
    expect(print(ask('shop.example.com', 'A', { corefile: text }).reply!)).toBe('NOERROR, 1 A 203.0.113.80');
  });
  it('rewrite asks for another name and answers for the one that was asked', () => {
    const text = corefile('rewrite name shop.test web.shop.svc.cluster.local');
    const reply = ask('shop.test', 'A', { corefile: text }).reply!;
    expect(print(reply)).toBe('NOERROR, aa, 5 A 10.96.0.20');
    expect(reply.answers[0]!.name).toBe('shop.test.');
  });
  it('hosts answers PTR for what it lists and leaves the rest', () => {
    const text = corefile('hosts corp.example {\n 10.9.9.9 db.corp.example\n}');
    const ptr = (name: string) => print(ask(name, 'PTR', { corefile: text }).reply!);
    expect(ptr('9.9.9.10.in-addr.arpa')).toBe('NOERROR, aa, 3600 PTR db.corp.example.');
    expect(ptr('8.9.9.10.in-addr.arpa')).toBe('NXDOMAIN');
  });
  it.each([
    [
      'name regex (.*)\\.shop\\.test {1}.shop.svc.cluster.local',
      'web.shop.test',
      'web.shop.svc.cluster.local. A',
    ],
    [
      'stop {\n name regex (?P<n>.*)\\.shop\\.test {1}.shop.svc.cluster.local\n answer name (.*)\\.shop\\.svc\\.cluster\\.local {1}.shop.test\n}',
      'web.shop.test',
      'web.shop.test. A',
    ],
    ['name suffix .shop.test .shop.svc.cluster.local', 'web.shop.test', 'web.shop.svc.cluster.local. A'],
    ['name suffix .shop.test .shop.svc.cluster.local answer auto', 'web.shop.test', 'web.shop.test. A'],
    ['name shop.test web.shop.svc.cluster.local', 'Shop.test', 'Shop.test. A'],
    [
      'name shop.test inner.shop.svc.cluster.local',
      'shop.test',
      'shop.test. CNAME, web.shop.svc.cluster.local. A',
    ],
  ])('rewrite %s: %s', (rule, name, owners) => {
    const reply = ask(name, 'A', { corefile: corefile(`rewrite ${rule}`) }).reply!;
    expect(reply.answers.map((record) => `${record.name} ${record.type}`).join(', ')).toBe(owners);
    expect(reply.question.name).toBe(`${name}.`);
  });
  it('the first rewrite rule that fits is the last, unless it says continue', () => {
    const rules = (mode: string) =>
      corefile(`rewrite ${mode} name a.test b.test\nrewrite name b.test web.shop.svc.cluster.local`);
    expect(print(ask('a.test', 'A', { corefile: rules('stop') }).reply!)).toBe('NXDOMAIN');
    const both = ask('a.test', 'A', { corefile: rules('continue') }).reply!;
    expect(both.answers[0]).toMatchObject({ name: 'a.test.', data: '10.96.0.20' });
  });
  it('rewrite changes types and times to live', () => {
    const text = corefile('rewrite continue ttl suffix .cluster.local 77\nrewrite type AAAA A');
    const reply = ask('db.shop.svc.cluster.local', 'AAAA', { corefile: text }).reply!;
    expect(print(reply)).toBe('NOERROR, aa, 77 A 10.244.1.5, 77 A 10.244.2.5');
    expect(reply.question.type).toBe('AAAA');
  });
  it.each([
    ['ANY ANY invalid {\n rcode NXDOMAIN\n}', 'x.invalid', 'NXDOMAIN, aa'],
    [
      'IN A {\n match ^ip-(?P<a>[0-9]+)-(?P<b>[0-9]+)\\.test\\.$\n answer "{{ .Name }} 60 IN A 10.0.{{ .Group.a }}.{{ .Group.b }}"\n fallthrough\n}',
      'ip-3-4.test',
      'NOERROR, aa, 60 A 10.0.3.4',
    ],
    ['IN A test {\n match ^x\n answer "{{ .Name }} A 1.2.3.4"\n}', 'y.test', 'SERVFAIL'],
    ['IN A test {\n match ^x\n answer "{{ .Name }} A 1.2.3.4"\n fallthrough\n}', 'y.test', 'NXDOMAIN'],
    [
      'IN ANY test {\n answer "{{ .Zone }} 9 {{ .Class }} CNAME {{ index .Match 0 }}"\n}',
      'y.test',
      'NOERROR, aa, 9 CNAME y.test.',
    ],
    ['IN AAAA test {\n rcode NXDOMAIN\n}', 'shop.example.com', 'NOERROR, 1 A 203.0.113.80'],
  ])('template %s: %s is %s', (rule, name, expected) => {
    expect(print(ask(name, 'A', { corefile: corefile(`template ${rule}`) }).reply!)).toBe(expected);
  });
  it('a block for a zone of its own wins over the root', () => {
    const text = `corp.example:53 {\n hosts {\n 10.9.9.9 a.corp.example\n }\n}\n${KUBEADM}`;
    expect(print(ask('a.corp.example', 'A', { corefile: text }).reply!)).toBe('NOERROR, aa, 3600 A 10.9.9.9');
    expect(print(ask('b.corp.example', 'A', { corefile: text }).reply!)).toBe('SERVFAIL');
  });
  it.each([
    ['.:53 {\n nonsense\n}', "Unknown directive 'nonsense'"],
    ['.:53 {\n kubernetes {\n pods maybe\n }\n}', 'wrong value for pods'],
    ['.:53 {\n errors\n', 'Unexpected EOF'],
    ['.:53 {\n forward .\n}', 'Wrong argument count'],
    ['.:53 {\n rewrite name regex ( x\n}', 'invalid regex matching pattern: ('],
    ['.:53 {\n rewrite name near a b\n}', 'received: near'],
    ['.:53 {\n template IN\n}', 'Wrong argument count'],
    ['.:53 {\n template IN A {\n matches x\n}\n}', "unknown property 'matches'"],
  ])('refuses %j', (text, message) => {
    expect(() => configureServer(text)).toThrow(CorefileError);
    expect(() => configureServer(text)).toThrow(message);
  });
  it('reads keys, ports, environment and comments', () => {
    const blocks = parseCorefile('# top\nexample.org:5353 10.0.0.0/24 {\n  log . {$FMT}\n}\n', {
      FMT: 'json',
    });
    expect(blocks).toEqual([
      { zones: ['example.org.'], port: 5353, directives: [{ name: 'log', args: ['.', 'json'], block: [] }] },
      {
        zones: ['0.0.10.in-addr.arpa.'],
        port: 53,
        directives: [{ name: 'log', args: ['.', 'json'], block: [] }],
      },
    ]);
  });
});
