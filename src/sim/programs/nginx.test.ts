import { beforeEach, describe, expect, it } from 'vitest';
import { SECOND } from '../clock/clock';
import { Shop } from '../testing/shop';
import { chooseLocation, parseNginxConf } from './nginx-conf';

let shop: Shop;

beforeEach(() => {
  shop = new Shop();
  shop.boot();
  shop.service('backend', '10.96.0.42', '10.244.1.5');
  shop.start('backend', '10.244.1.5', { image: 'traefik/whoami' });
  shop.run(SECOND);
});

function front(conf: string): string {
  return shop.start('front', '10.244.1.20', {
    image: 'nginx:1.27.4',
    files: { '/etc/nginx/conf.d/default.conf': conf },
  });
}

describe('nginx with a configuration of its own', () => {
  it('passes requests on and the answer back', () => {
    front(
      'server {\n listen 8080;\n location /api/ {\n proxy_pass http://backend/;\n proxy_set_header X-Real-IP $remote_addr;\n }\n}\n',
    );
    shop.run(SECOND);
    const got = shop.exec(shop.client('curlimages/curl'), 'curl -si http://10.244.1.20:8080/api/items');
    expect(got).toMatch(/^HTTP\/1\.1 200 OK\nServer: nginx\/1\.27\.4\n[^]*Hostname: backend\n/);
    expect(got).toMatch(/RemoteAddr: 10\.244\.1\.20:\d+\nGET \/items HTTP\/1\.1\nHost: backend\n/);
    expect(got).toContain('X-Real-IP: 10.244.1.6\n');
  });
  it('does not start when an upstream does not resolve', () => {
    const handle = front(
      'upstream app { server nope:80; }\nserver { location / { proxy_pass http://app; } }',
    );
    shop.run(SECOND);
    expect(shop.notices).toMatchObject([{ type: 'container-exited', handle, exitCode: 1 }]);
    expect(shop.processes.logs(handle)).toEqual([
      'nginx: [emerg] host not found in upstream "nope" in /etc/nginx/conf.d/default.conf',
    ]);
  });
  it('answers 502 when the upstream refuses and 504 when it is silent', () => {
    front(
      'server { location / { proxy_pass http://10.244.1.5:81; } location /slow { proxy_pass http://10.99.99.99; } }',
    );
    shop.machine.blackholes.add('10.99.99.99');
    shop.run(SECOND);
    const client = shop.client('curlimages/curl');
    expect(shop.exec(client, 'curl -s -o /dev/null -w %{http_code} http://10.244.1.20/')).toBe('502[0]');
    expect(
      shop.exec(client, 'curl -s -o /dev/null -w %{http_code} http://10.244.1.20/slow', 70 * SECOND),
    ).toBe('504[0]');
  });
  it('returns what it is told to', () => {
    front('server { listen 80; return 200 "pod $hostname\\n"; }');
    shop.run(SECOND);
    expect(shop.exec(shop.client('curlimages/curl'), 'curl -s http://10.244.1.20/x')).toBe('pod front\n[0]');
  });
  it('serves mounted pages', () => {
    shop.start('page', '10.244.1.21', {
      image: 'nginx',
      files: { '/usr/share/nginx/html/index.html': '<h1>mine</h1>\n' },
    });
    shop.run(SECOND);
    expect(shop.exec(shop.client('curlimages/curl'), 'curl -s http://10.244.1.21')).toBe(
      '<h1>mine</h1>\n[0]',
    );
  });
});

describe('locations', () => {
  const conf = parseNginxConf(
    'server { location = /a { return 201; } location /a { return 202; } location /a/b { return 203; } ' +
      'location ~ \\.php$ { return 204; } location ^~ /static/ { return 205; } }',
  )!;
  it.each([
    ['/a', 201],
    ['/ab', 202],
    ['/a/b/c', 203],
    ['/a/b/x.php', 204],
    ['/static/x.php', 205],
    ['/other', undefined],
  ])('%s', (path, status) => {
    const request = { kind: 'request', method: 'GET', path, host: 'x', headers: {}, body: '' } as const;
    expect(chooseLocation(conf.servers[0]!, request)?.returns?.status).toBe(status);
  });
  it.each(['server { listen 80;', 'listen 80; }', 'server { listen 80 }'])('%j is refused', (text) => {
    expect(parseNginxConf(text)).toBeNull();
  });
});
