import { beforeEach, describe, expect, it } from 'vitest';
import { SECOND } from '../clock/clock';
import { Shop } from '../testing/shop';

let shop: Shop;

beforeEach(() => {
  shop = new Shop();
  shop.boot();
  shop.service('backend', '10.96.0.42', '10.244.1.5');
});

describe('a small shop', () => {
  it('resolves through CoreDNS and calls the backend', () => {
    shop.start('backend', '10.244.1.5', { ports: [{ containerPort: 80, protocol: 'TCP' }] });
    const client = shop.client('curlimages/curl');
    expect(shop.exec(client, 'curl -s http://backend')).toBe('backend\n[0]');
    expect([...shop.trace.requests.values()].map((r) => [r.what, r.outcome?.text])).toEqual([
      ['GET http://backend/', '200 OK from backend'],
    ]);
  });
  it('asks the outside for what is not in the cluster, and walks the search list on the way', () => {
    shop.start('web', '203.0.113.80', { image: 'x', command: ['outside-http'] });
    const client = shop.client('nicolaka/netshoot');
    expect(shop.exec(client, 'curl -s -o /dev/null -w %{http_code} http://example.com')).toBe('200[0]');
    const asked = shop.machine.sent.filter((line) => line.startsWith('A? '));
    expect(asked.slice(0, 5)).toEqual([
      'A? example.com.default.svc.cluster.local.',
      'A? example.com.svc.cluster.local.',
      'A? example.com.cluster.local.',
      'A? example.com.',
      'A? example.com.',
    ]);
  });
  it('calls again and again by annotation', () => {
    shop.start('backend', '10.244.1.5', { ports: [{ containerPort: 80, protocol: 'TCP' }] });
    const handle = shop.start('frontend', '10.244.1.7', {
      annotations: { 'hopyard.dev/call': 'http://backend:80', 'hopyard.dev/call-every': '1s' },
    });
    shop.run(5 * SECOND);
    const calls = shop.processes.logs(handle).filter((line) => line.startsWith('GET '));
    expect(calls.length).toBeGreaterThanOrEqual(4);
    expect(calls[0]).toMatch(/^GET http:\/\/backend:80 200 OK from backend \(\d+\.\d ms\)$/);
  });
});

describe('curl', () => {
  it.each([
    ['curl http://nope', 'curl: (6) Could not resolve host: nope\n[6]'],
    [
      'curl http://10.244.9.9:81',
      'curl: (7) Failed to connect to 10.244.9.9 port 81 after 1 ms: Could not connect to server\n[7]',
    ],
    ['curl -m 5 http://10.99.99.99', 'curl: (28) Connection timed out after 5001 milliseconds\n[28]'],
    ['curl -s --connect-timeout 2 http://10.99.99.99', '[28]'],
    [
      'curl',
      "curl: (2) no URL specified\ncurl: try 'curl --help' or 'curl --manual' for more information\n[2]",
    ],
    ['curl -f -s -S http://10.244.1.5/missing', 'curl: (22) The requested URL returned error: 404\n[22]'],
    ['curl -s -I http://10.244.1.5', /^HTTP\/1\.1 200 OK\nServer: nginx\/1\.27\.4\n[^]*\n\n\[0\]$/],
    ['curl -s -w %{http_code}:%{time_total} -o /dev/null http://10.244.1.5', /^200:0\.00\d{4}\[0\]$/],
  ])('%s', (line, expected) => {
    shop.machine.blackholes.add('10.99.99.99');
    shop.start('web', '10.244.1.5', { image: 'nginx:1.27.4' });
    const client = shop.client('curlimages/curl');
    shop.run(SECOND);
    const got = shop.exec(client, line);
    if (typeof expected === 'string') expect(got).toBe(expected);
    else expect(got).toMatch(expected);
  });
});

describe('containers', () => {
  it('ends with the exit of its first process and tells the kubelet', () => {
    const handle = shop.start('once', '10.244.1.8', { image: 'busybox' });
    shop.run(SECOND);
    expect(shop.notices).toEqual([{ type: 'container-exited', handle, exitCode: 0, reason: 'Completed' }]);
    expect(shop.processes.isRunning(handle)).toBe(false);
  });
  it("refuses a command that the image does not have, in runc's words", () => {
    const result = shop.processes.start(
      shop.spec('bad', '10.244.1.9', { image: 'busybox', command: ['/app'] }),
    );
    expect(result).toMatchObject({
      error: expect.stringContaining('exec: "/app": stat /app: no such file or directory'),
    });
    const client = shop.start('who', '10.244.1.9', { image: 'traefik/whoami' });
    expect(shop.exec(client, 'sh')).toBe('exec: "sh": executable file not found in $PATH[running]');
  });
  it('sleep as first process ignores TERM and dies of KILL', () => {
    const handle = shop.start('sleeper', '10.244.1.8', { image: 'busybox', command: ['sleep', '3600'] });
    shop.run(SECOND);
    shop.processes.signal(handle, 'TERM');
    shop.run(SECOND);
    expect(shop.processes.isRunning(handle)).toBe(true);
    shop.processes.signal(handle, 'KILL');
    shop.run(SECOND);
    expect(shop.notices).toMatchObject([{ type: 'container-exited', exitCode: 137, reason: 'Error' }]);
  });
  it('a process whose netns was taken away is gone without a word', () => {
    const handle = shop.start('frontend', '10.244.1.7', {
      annotations: { 'hopyard.dev/call': 'http://backend' },
    });
    shop.run(1500e6);
    shop.machine.deleteNetns('frontend');
    shop.run(5 * SECOND);
    expect(shop.notices).toEqual([]);
    const open = [...shop.trace.requests.values()].filter((request) => request.endNs === null);
    expect(open).toEqual([]);
    shop.processes.killMachine('node-1');
    expect(shop.processes.isRunning(handle)).toBe(false);
    expect(shop.processes.keyframe().entries.size).toBe(0);
  });
  it('restores from a keyframe', () => {
    shop.start('backend', '10.244.1.5', { ports: [{ containerPort: 80, protocol: 'TCP' }] });
    shop.run(SECOND);
    const frame = shop.processes.keyframe();
    const before = shop.processes.isRunning('x');
    shop.processes.restore(frame);
    expect(shop.processes.isRunning('x')).toBe(before);
    expect(shop.processes.keyframe()).toEqual(frame);
  });
});
