/** Network tools as they print, against a small shop: backend (nginx) behind 10.96.0.42, CoreDNS, an outside resolver. */
import { beforeEach, describe, expect, it } from 'vitest';
import { SECOND } from '../clock/clock';
import { COREFILE, Shop } from '../testing/shop';

let shop: Shop;

beforeEach(() => {
  shop = new Shop();
  shop.boot();
  shop.service('backend', '10.96.0.42', '10.244.1.5');
  shop.start('backend', '10.244.1.5', { image: 'nginx:1.27.4' });
  shop.machine.blackholes.add('10.99.99.99');
  shop.run(SECOND);
});

function rows(image: string, table: readonly (readonly [string, string | RegExp])[]): void {
  it.each(table)('%s', (line, expected) => {
    const got = shop.exec(shop.client(image), line, 60 * SECOND);
    if (typeof expected === 'string') expect(got).toBe(expected);
    else expect(got).toMatch(expected);
  });
}

describe('busybox', () => {
  rows('busybox', [
    ['wget -qO- http://10.244.1.5/none', 'wget: server returned error: HTTP/1.1 404 Not Found\n[1]'],
    ['wget -q -O /dev/null http://backend', '[0]'],
    [
      'wget -O /dev/null http://backend',
      /^Connecting to backend \(10\.96\.0\.42:80\)\nsaving to '\/dev\/null'\n[^]*'\/dev\/null' saved\n\[0\]$/,
    ],
    ['wget -qO- http://nope', "wget: bad address 'nope'\n[1]"],
    [
      'wget -qO- http://backend:81',
      "wget: can't connect to remote host (10.96.0.42): Connection refused\n[1]",
    ],
    ['wget -qO- -T 3 http://10.99.99.99', 'wget: download timed out\n[1]'],
    ['wget -q --spider http://backend', '[0]'],
    ['wget', /^BusyBox v1\.37\.0 multi-call binary\.\n\nUsage: wget \[-cqS\] \[--spider\][^]*\[1\]$/],
    ['wget --bogus http://x', /^wget: unrecognized option '--bogus'\nBusyBox v1/],
    ['wget -K http://x', /^wget: invalid option -- 'K'\nBusyBox v1/],
    [
      "sh -c 'wget -q http://backend; wget -q http://backend'",
      "wget: can't open 'index.html': File exists\n[1]",
    ],
    [
      'nslookup backend',
      'Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\nName:\tbackend.default.svc.cluster.local\nAddress: 10.96.0.42\n\n' +
        "** server can't find backend.svc.cluster.local: NXDOMAIN\n\n** server can't find backend.cluster.local: NXDOMAIN\n\n" +
        "\n** server can't find backend.svc.cluster.local: NXDOMAIN\n\n** server can't find backend.cluster.local: NXDOMAIN\n\n[1]",
    ],
    [
      'nslookup backend.default',
      "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\n** server can't find backend.default: NXDOMAIN\n\n** server can't find backend.default: NXDOMAIN\n\n[1]",
    ],
    [
      'nslookup -type=a backend.default.svc.cluster.local',
      'Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\nName:\tbackend.default.svc.cluster.local\nAddress: 10.96.0.42\n\n[0]',
    ],
    [
      'nslookup 10.96.0.42',
      'Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\n42.0.96.10.in-addr.arpa\tname = backend.default.svc.cluster.local\n\n[0]',
    ],
    [
      'ping -c 2 10.244.1.5',
      'PING 10.244.1.5 (10.244.1.5): 56 data bytes\n64 bytes from 10.244.1.5: seq=0 ttl=63 time=1.000 ms\n' +
        '64 bytes from 10.244.1.5: seq=1 ttl=63 time=1.000 ms\n\n--- 10.244.1.5 ping statistics ---\n' +
        '2 packets transmitted, 2 packets received, 0% packet loss\nround-trip min/avg/max = 1.000/1.000/1.000 ms\n[0]',
    ],
    [
      'ping -c 1 -W 2 10.244.7.7',
      'PING 10.244.7.7 (10.244.7.7): 56 data bytes\n\n--- 10.244.7.7 ping statistics ---\n1 packets transmitted, 0 packets received, 100% packet loss\n[1]',
    ],
    ['ping nope', "ping: bad address 'nope'\n[1]"],
    ['nc -zv backend 80', 'backend (10.96.0.42:80) open\n[0]'],
    ['nc -zv backend 81', 'nc: backend (10.96.0.42:81): Connection refused\n[1]'],
    ['nc -w 2 -zv 10.99.99.99 80', 'nc: 10.99.99.99 (10.99.99.99:80): Operation timed out\n[1]'],
    ['sh -c \'printf "GET / HTTP/1.0\\r\\n\\r\\n" | nc backend 80 | head -n 1\'', 'HTTP/1.1 200 OK\r\n[0]'],
    [
      'cat /etc/resolv.conf',
      /^search default\.svc\.cluster\.local .*\nnameserver 10\.96\.0\.10\noptions ndots:5\n\[0\]$/,
    ],
    ['hostname', 'client\n[0]'],
    ['hostname -i', '10.244.1.6\n[0]'],
  ]);
});

describe('netshoot', () => {
  rows('nicolaka/netshoot', [
    [
      'nslookup backend',
      'Server:\t\t10.96.0.10\nAddress:\t10.96.0.10#53\n\nName:\tbackend.default.svc.cluster.local\nAddress: 10.96.0.42\n\n[0]',
    ],
    [
      'nslookup nope',
      "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10#53\n\n** server can't find nope: NXDOMAIN\n\n[1]",
    ],
    [
      'nslookup example.com',
      'Server:\t\t10.96.0.10\nAddress:\t10.96.0.10#53\n\nNon-authoritative answer:\nName:\texample.com\nAddress: 203.0.113.80\n\n[0]',
    ],
    ['dig +short backend.default.svc.cluster.local', '10.96.0.42\n[0]'],
    ['dig +search +short backend', '10.96.0.42\n[0]'],
    ['dig +short backend', '[0]'],
    ['dig +short -x 10.96.0.42', 'backend.default.svc.cluster.local.\n[0]'],
    ['dig +noall +answer example.com', 'example.com.\t\t30\tIN\tA\t203.0.113.80\n[0]'],
    [
      'dig +noall +answer shop.example.com',
      'shop.example.com.\t30\tIN\tCNAME\twww.example.com.\nwww.example.com.\t30\tIN\tA\t203.0.113.80\n[0]',
    ],
    [
      'dig @10.99.99.99 +tries=1 +time=1 x',
      /^;; communications error to 10\.99\.99\.99#53: timed out\n[^]*no servers could be reached\n\[9\]$/,
    ],
    [
      'dig backend.default.svc.cluster.local',
      new RegExp(
        [
          '^',
          '; <<>> DiG 9\\.18\\.33 <<>> backend\\.default\\.svc\\.cluster\\.local',
          ';; global options: \\+cmd',
          ';; Got answer:',
          ';; WARNING: \\.local is reserved for Multicast DNS',
          ';; You are currently testing what happens when an mDNS query is leaked to DNS',
          ';; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: \\d+',
          ';; flags: qr aa rd; QUERY: 1, ANSWER: 1, AUTHORITY: 0, ADDITIONAL: 1',
          ';; WARNING: recursion requested but not available',
          '',
          ';; OPT PSEUDOSECTION:',
          '; EDNS: version: 0, flags:; udp: 1232',
          '; COOKIE: [0-9a-f]{16} \\(echoed\\)',
          ';; QUESTION SECTION:',
          ';backend\\.default\\.svc\\.cluster\\.local\\. IN\tA',
          '',
          ';; ANSWER SECTION:',
          'backend\\.default\\.svc\\.cluster\\.local\\. 30 IN A\t10\\.96\\.0\\.42',
          '',
          ';; Query time: 1 msec',
          ';; SERVER: 10\\.96\\.0\\.10#53\\(10\\.96\\.0\\.10\\) \\(UDP\\)',
          ';; WHEN: Thu Jan 01 00:00:02 UTC 2026',
          ';; MSG SIZE  rcvd: \\d+',
          '',
          '\\[0\\]$',
        ].join('\n'),
      ),
    ],
    [
      'ping -c 1 backend',
      /^PING backend \(10\.96\.0\.42\) 56\(84\) bytes of data\.\n\n--- backend ping statistics ---\n1 packets transmitted, 0 received, 100% packet loss, time 0ms\n\n\[1\]$/,
    ],
    [
      'ping -c 1 10.244.1.5',
      'PING 10.244.1.5 (10.244.1.5) 56(84) bytes of data.\n64 bytes from 10.244.1.5: icmp_seq=1 ttl=63 time=1.00 ms\n\n' +
        '--- 10.244.1.5 ping statistics ---\n1 packets transmitted, 1 received, 0% packet loss, time 1ms\nrtt min/avg/max/mdev = 1.000/1.000/1.000/0.000 ms\n[0]',
    ],
    ['nc -zv backend 80', 'Connection to backend (10.96.0.42) 80 port [tcp/http] succeeded!\n[0]'],
    ['nc -zvu -w1 10.96.0.10 53', 'Connection to 10.96.0.10 53 port [udp/domain] succeeded!\n[0]'],
    ['nc -zvu -w1 10.244.1.5 53', '[1]'],
    [
      'nc -zv 10.244.1.5 79-80',
      'nc: connect to 10.244.1.5 port 79 (tcp) failed: Connection refused\nConnection to 10.244.1.5 80 port [tcp/http] succeeded!\n[0]',
    ],
    [
      'nc -zv backend 81',
      'nc: connect to backend (10.96.0.42) port 81 (tcp) failed: Connection refused\n[1]',
    ],
    ['getent hosts backend', '10.96.0.42      backend.default.svc.cluster.local\n[0]'],
    ['getent hosts nope', '[2]'],
    [
      'getent ahosts 10.1.2.3',
      '10.1.2.3        STREAM 10.1.2.3\n10.1.2.3        DGRAM  \n10.1.2.3        RAW    \n[0]',
    ],
    ['curl -s -o /dev/null -w %{http_code}\\n http://backend', '200\n[0]'],
    [
      'curl -sv -o /dev/null http://backend',
      /^\* Host backend:80 was resolved\.\n\* IPv6: \(none\)\n\* IPv4: 10\.96\.0\.42\n\*   Trying 10\.96\.0\.42:80\.\.\.\n\* Connected to backend \(10\.96\.0\.42\) port 80\n\* using HTTP\/1\.x\n> GET \/ HTTP\/1\.1\n> Host: backend\n[^]*< HTTP\/1\.1 200 OK\n[^]*\* Connection #0 to host backend left intact\n\[0\]$/,
    ],
    [
      'curl -s --resolve shop.test:80:10.244.1.5 -o /dev/null -w %{remote_ip} http://shop.test/',
      '10.244.1.5[0]',
    ],
  ]);
});

describe('whoami and agnhost', () => {
  it('whoami tells who it is and who asked', () => {
    shop.start('who', '10.244.1.7', { image: 'traefik/whoami:v1.11' });
    const got = shop.exec(shop.client('curlimages/curl'), 'curl -s http://10.244.1.7/api/x');
    expect(got).toMatch(
      /^Hostname: who\nIP: 127\.0\.0\.1\nIP: ::1\nIP: 10\.244\.1\.7\nRemoteAddr: 10\.244\.1\.6:\d+\nGET \/api\/x HTTP\/1\.1\nHost: 10\.244\.1\.7\nUser-Agent: curl\/8\.14\.1\nAccept: \*\/\*\n\n\[0\]$/,
    );
  });
  it('agnhost netexec answers hostname and clientip', () => {
    const image = 'registry.k8s.io/e2e-test-images/agnhost:2.53';
    shop.start('ag', '10.244.1.8', { image, args: ['netexec', '--http-port=8080'] });
    const client = shop.client('curlimages/curl');
    expect(shop.exec(client, 'curl -s http://10.244.1.8:8080/hostname')).toBe('ag[0]');
    expect(shop.exec(client, 'curl -s http://10.244.1.8:8080/clientip')).toMatch(/^10\.244\.1\.6:\d+\[0\]$/);
  });
  it('http-echo says its text on its port', () => {
    shop.start('echo', '10.244.1.9', {
      image: 'hashicorp/http-echo',
      args: ['-text=hello', '-listen=:5679'],
    });
    const client = shop.client('curlimages/curl');
    expect(shop.exec(client, 'curl -s http://10.244.1.9:5679')).toBe('hello\n[0]');
    expect(shop.exec(client, 'curl -sS http://10.244.1.9:5678')).toMatch(/^curl: \(7\)/);
  });
  it('redis answers PING', () => {
    shop.start('redis', '10.244.1.10', { image: 'redis:8' });
    const client = shop.client('busybox');
    expect(shop.exec(client, "sh -c 'echo PING | nc -w 1 10.244.1.10 6379'")).toMatch(/^\+PONG\r\n/);
  });
});

describe('a Service with very many endpoints', () => {
  it.each(['nicolaka/netshoot', 'registry.k8s.io/e2e-test-images/jessie-dnsutils:1.3'])(
    'is fetched over TCP by %s',
    (image) => {
      const addresses = Array.from({ length: 100 }, (_, i) => `10.244.3.${i}`);
      const endpoints = addresses.map((ip) => ({ addresses: [ip], conditions: { ready: true } }));
      const labels = { 'kubernetes.io/service-name': 'big' };
      shop.objects.push(
        {
          kind: 'Service',
          metadata: { name: 'big', namespace: 'default' },
          spec: { clusterIP: 'None', clusterIPs: ['None'] },
        },
        {
          kind: 'EndpointSlice',
          metadata: { name: 'big-x', namespace: 'default', labels },
          endpoints,
          ports: [],
        },
      );
      const client = shop.client(image);
      const found = shop.exec(client, 'getent ahosts big').match(/10\.244\.3\.\d+ +STREAM/g) ?? [];
      expect(found).toHaveLength(100);
      expect(shop.machine.sent).toContain('SYN 10.96.0.10:53');
      expect(shop.exec(client, 'dig +short big.default.svc.cluster.local')).toMatch(
        /^;; Truncated, retrying in TCP mode\.\n10\./,
      );
    },
  );
});

describe('CoreDNS', () => {
  it('takes up a changed ConfigMap', () => {
    const map = (corefile: string) => ({
      kind: 'ConfigMap',
      metadata: { name: 'coredns', namespace: 'default' },
      data: { Corefile: corefile },
    });
    shop.objects.push(
      map(COREFILE.replace('kubernetes', 'hosts {\n 10.9.9.9 new.example\n fallthrough\n }\n kubernetes')),
    );
    const client = shop.client('nicolaka/netshoot');
    expect(shop.exec(client, 'dig +short new.example')).toBe('[0]');
    shop.run(60 * SECOND);
    expect(shop.exec(client, 'dig +short new.example')).toBe('10.9.9.9\n[0]');
  });
  it('keeps the old configuration when the new one is broken', () => {
    shop.objects.push({
      kind: 'ConfigMap',
      metadata: { name: 'coredns', namespace: 'default' },
      data: { Corefile: '.:53 {' },
    });
    shop.run(60 * SECOND);
    expect(shop.exec(shop.client('nicolaka/netshoot'), 'dig +short backend.default.svc.cluster.local')).toBe(
      '10.96.0.42\n[0]',
    );
  });
});

describe('CoreDNS on its way out', () => {
  it('answers through its lameduck time and exits after it', () => {
    const handle = shop.start('dns2', '10.244.0.3', {
      image: 'registry.k8s.io/coredns/coredns:v1.13.1',
      files: {
        '/etc/coredns/Corefile': '.:53 {\n health {\n lameduck 5s\n }\n kubernetes cluster.local\n}\n',
      },
    });
    shop.run(SECOND);
    shop.processes.signal(handle, 'TERM');
    shop.run(4 * SECOND);
    const client = shop.client('nicolaka/netshoot');
    expect(shop.exec(client, 'dig +short @10.244.0.3 backend.default.svc.cluster.local', 500e6)).toBe(
      '10.96.0.42\n[0]',
    );
    shop.run(SECOND);
    expect(shop.notices).toMatchObject([{ type: 'container-exited', handle, exitCode: 0 }]);
  });
  it('does not start with a Corefile that names an unknown plugin', () => {
    const handle = shop.start('dns3', '10.244.0.4', {
      image: 'coredns/coredns',
      files: { '/etc/coredns/Corefile': '.:53 {\n nonsense\n}\n' },
    });
    shop.run(SECOND);
    expect(shop.notices).toMatchObject([{ type: 'container-exited', handle, exitCode: 1 }]);
    expect(shop.processes.logs(handle)).toEqual([
      "/etc/coredns/Corefile - Error during parsing: Unknown directive 'nonsense'",
    ]);
  });
});
