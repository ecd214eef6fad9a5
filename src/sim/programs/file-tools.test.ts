/** Commands that move and change files and text, and volumes that containers share. */
import { beforeEach, describe, expect, it } from 'vitest';
import { SECOND } from '../clock/clock';
import { Shop } from '../testing/shop';

let shop: Shop;

beforeEach(() => {
  shop = new Shop();
  shop.boot();
});

const FILES = { '/etc/conf/app.conf': 'listen=80\nname=old\n', '/etc/conf/extra.conf': 'x\n' };

function start(image = 'busybox', more: object = {}): string {
  const command = { image, command: ['sleep'], args: ['infinity'] };
  return shop.start('box', '10.244.1.7', { ...command, files: FILES, ...more });
}

describe('files', () => {
  it.each([
    ['chown -R 999:999 /data && chmod 700 /data && sync', '[0]'],
    ['cp /etc/conf/app.conf /tmp/ && cat /tmp/app.conf', 'listen=80\nname=old\n[0]'],
    ['cp /etc/conf/* /work/ && ls /work', 'app.conf\nextra.conf\n[0]'],
    ['cp -r /etc/conf /work/ && ls /work/conf/extra.conf', '/work/conf/extra.conf\n[0]'],
    ['cp -a /etc/conf/. /work/ && ls /work', 'app.conf\nextra.conf\n[0]'],
    [
      'mkdir -p /a/b && [ -d /a/b ] && [ ! -e /a/c ] && cp /etc/conf/extra.conf /a/b && cat /a/b/extra.conf',
      'x\n[0]',
    ],
    ['cp /none /tmp/', "cp: can't stat '/none': No such file or directory\n[1]"],
    [
      'echo hi | tee /tmp/x && echo ho | tee -a /tmp/x && mv /tmp/x /tmp/y && cat /tmp/y; ls /tmp/x',
      'hi\nho\nhi\nho\nls: /tmp/x: No such file or directory\n[1]',
    ],
    ['ln -s /etc/conf/extra.conf /tmp/l && cat /tmp/l', 'x\n[0]'],
    ['mkdir /q; touch /q/1 /q/2; rm -rf /q; ls /q', 'ls: /q: No such file or directory\n[1]'],
    ['touch /q/1 /q/2; rm -f /q/*; find /q -type f | wc -l', '0\n[0]'],
    ['basename /a/b.tar.gz .gz; dirname /a/b/c', 'b.tar\n/a/b\n[0]'],
    ['which wget && which nothing', '/usr/bin/wget\n[1]'],
    ['sysctl -w vm.max_map_count=262144', 'vm.max_map_count = 262144\n[0]'],
  ])('%s', (script, expected) => {
    expect(shop.exec(start(), `sh -c '${script}'`)).toBe(expected);
  });

  it('may be anything in images that nobody knows', () => {
    const script = `sh -c 'cp -r /app/plugins/. /plugins && cp /app/x /plugins/'`;
    expect(shop.exec(start('example.com/acme/app'), script)).toBe('[0]');
  });
});

describe('text', () => {
  it.each([
    ['sed s/old/new/ /etc/conf/app.conf', 'listen=80\nname=new\n[0]'],
    [
      'sed -i -e "s|listen=.*|listen=8080|" /etc/conf/app.conf && cat /etc/conf/app.conf',
      'listen=8080\nname=old\n[0]',
    ],
    ['sed -n "/name/p" /etc/conf/app.conf', 'name=old\n[0]'],
    ['sed -n 2p /etc/conf/app.conf', 'name=old\n[0]'],
    ['sed "/listen/d;s/\\(na\\)me/\\1&/" /etc/conf/app.conf', 'naname=old\n[0]'],
    ['sed -E "s/([a-z]+)=([a-z]+)/\\2=\\1/g" /etc/conf/app.conf', 'listen=80\nold=name\n[0]'],
    ['sed "1,/name/d" /etc/conf/app.conf', '[0]'],
    ['sed "$ a last" /etc/conf/app.conf', 'listen=80\nname=old\nlast\n[0]'],
    ['sed k /etc/conf/app.conf', 'sed: unknown command: k\n[1]'],
    ['awk -F= "{print \\$2}" /etc/conf/app.conf', '80\nold\n[0]'],
    ['awk -F= "/name/ {print NR\\":\\"\\$NF, \\$1}" /etc/conf/app.conf', '2:old name\n[0]'],
    ['awk "END {print NR}" /etc/conf/app.conf', '2\n[0]'],
    ['hostname | awk -F- "{print \\$NF}"', 'box\n[0]'],
    ['cut -d= -f2 /etc/conf/app.conf', '80\nold\n[0]'],
    ['echo abc | tr a-c A-C | tr -d B', 'AC\n[0]'],
    ['echo "a  b" | tr -s " "', 'a b\n[0]'],
  ])('%s', (script, expected) => {
    expect(shop.exec(start(), `sh -c '${script}'`)).toBe(expected);
  });
});

describe('timeout', () => {
  it.each([
    ['busybox', "timeout 2 sh -c 'until nc -z 10.244.1.99 81; do sleep 1; done'", '[143]'],
    ['nicolaka/netshoot', 'timeout 2s sleep 10', '[124]'],
    ['busybox', 'timeout 5 sleep 1', '[0]'],
    ['busybox', 'timeout 5 false', '[1]'],
    ['busybox', 'timeout x true', "timeout: invalid time interval 'x'\n[125]"],
  ])('in %s: %s', (image, line, expected) => {
    const text = shop.exec(start(image), line, 30 * SECOND);
    expect(text.replace(/^nc: .*\n/gm, '')).toBe(expected);
  });
});

it('follows a file, also one that comes later, and idles on /dev/null', () => {
  const handle = start();
  const late = shop.type(handle, 'tail -F /tmp/late');
  const idle = shop.type(handle, 'tail -f /dev/null');
  const none = shop.type(handle, 'tail -f /none');
  shop.run(3 * SECOND);
  shop.exec(handle, "sh -c 'echo one > /tmp/late; sleep 2; echo two >> /tmp/late'");
  expect(shop.shown(late)).toMatch(/No such file or directory\none\ntwo\n\[running\]$/);
  expect(shop.shown(idle)).toBe('[running]');
  expect(shop.shown(none)).toMatch(/No such file or directory\n\[1\]$/);
});

it('shares what is in a volume, by its inner path, and keeps it when one who wrote it has ended', () => {
  const mounts = [{ path: '/out', volume: 'pod/u1/work', inner: '' }];
  const writer = start('busybox', { mounts });
  expect(
    shop.exec(writer, "sh -c 'mkdir -p /out/www; echo hello > /out/www/index.html; echo own > /tmp/x'"),
  ).toBe('[0]');
  shop.processes.signal(writer, 'KILL');
  const inner = [{ path: '/usr/share/nginx/html', volume: 'pod/u1/work', inner: '/www' }];
  shop.start('web', '10.244.1.8', { image: 'nginx:1.27.4', mounts: inner });
  shop.run(SECOND);
  const client = shop.client('curlimages/curl');
  expect(shop.exec(client, 'curl -s http://10.244.1.8')).toBe('hello\n[0]');
  const keyframe = shop.processes.keyframe();
  shop.processes.restore(keyframe);
  expect([...keyframe.volumes.keys()]).toEqual(['pod/u1/work']);
});
