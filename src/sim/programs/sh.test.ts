import { beforeEach, describe, expect, it } from 'vitest';
import { MS, SECOND } from '../clock/clock';
import { Shop } from '../testing/shop';

let shop: Shop;
let client: string;

beforeEach(() => {
  shop = new Shop();
  client = shop.client('busybox');
  shop.run(SECOND);
});

describe('sh -c', () => {
  it.each([
    ['echo a; echo b', 'a\nb\n[0]'],
    ['true && echo yes || echo no', 'yes\n[0]'],
    ['false && echo yes || echo no', 'no\n[0]'],
    ['false; echo $?', '1\n[0]'],
    ['for i in 1 2 3; do echo $i; done', '1\n2\n3\n[0]'],
    ['for i in $(seq 3); do echo -n $i,; done', '1,2,3,[0]'],
    ['x=1; while [ $x -le 3 ]; do echo $x; x=$((x+1)); done', '1\n2\n3\n[0]'],
    ['until false; do echo once; break; done; echo end', 'once\nend\n[0]'],
    ['for i in 1 2 3; do if [ $i = 2 ]; then continue; fi; echo $i; done', '1\n3\n[0]'],
    ['if [ -f /none ]; then echo a; elif true; then echo b; else echo c; fi', 'b\n[0]'],
    ['echo "${NAME:-nobody} is $HOSTNAME"', 'nobody is client\n[0]'],
    ['nope', 'sh: nope: not found\n[127]'],
    ['nope 2>/dev/null || echo gone', 'gone\n[0]'],
    ['seq 5 | head -n 2', '1\n2\n[0]'],
    ['seq 12 | grep 1 | wc -l', '4\n[0]'],
    [
      'echo hi > /tmp/f; cat /tmp/f; rm /tmp/f; cat /tmp/f',
      'hi\ncat: /tmp/f: No such file or directory\n[1]',
    ],
    ['echo a >> /tmp/g; echo b >> /tmp/g; cat /tmp/g', 'a\nb\n[0]'],
    ['seq 2 > /tmp/h && wc -l < /dev/null; cat /tmp/h', '0\n1\n2\n[0]'],
    ['echo out >/dev/null; echo "err" >&2', 'err\n[0]'],
    ['cat /nope > /dev/null 2>&1; echo $?', '1\n[0]'],
    ['exit 7', '[7]'],
    ['(echo sub; exit 3); echo $?', 'sub\n3\n[0]'],
    ['echo "$(echo "a  b")" $(echo "a  b")', 'a  b a b\n[0]'],
    ['set -e; false; echo never', '[1]'],
    ['sleep 1 & sleep 2 & wait; echo done', 'done\n[0]'],
    ['! true; echo $?', '1\n[0]'],
    ['export A=1; env | grep ^A=', 'A=1\n[0]'],
    ['B=2 env | grep ^B=', 'B=2\n[0]'],
    ['exec echo replaced', 'replaced\n[0]'],
    ['while true; do', 'sh: syntax error: unexpected end of file (expecting "done")\n[2]'],
    ['echo $((2*(3+4)%5))', '4\n[0]'],
    ['echo a # comment', 'a\n[0]'],
    ['echo x | while true; do echo in; break; done', 'in\n[0]'],
    ['cat <<EOF\nhello "$HOSTNAME"\nEOF\necho end', 'hello "client"\nend\n[0]'],
    ['cat <<-"X" > /tmp/y\n\t$HOME\nX\ncat /tmp/y', '$HOME\n[0]'],
    ['echo a\r', 'a\n[0]'],
    ['cat /var/run/secrets/kubernetes.io/serviceaccount/namespace', 'default[0]'],
  ])('%s', (script, expected) => {
    expect(shop.exec(client, `sh -c '${script}'`)).toBe(expected);
  });

  it('a loop without children lets time pass', () => {
    const session = shop.type(client, "sh -c 'while true; do :; done'");
    shop.run(100 * MS);
    expect(shop.shown(session)).toBe('[running]');
    shop.processes.interrupt(session);
    expect(shop.shown(session)).toBe('[130]');
  });

  it('Ctrl-C ends the loop and what it runs, once', () => {
    const session = shop.type(client, "sh -c 'while true; do sleep 1; echo tick; done'");
    shop.run(2500 * MS);
    shop.processes.interrupt(session);
    shop.run(SECOND);
    expect(shop.shown(session)).toBe('tick\ntick\n[130]');
  });
});

describe('sh as a container', () => {
  const loop = (script: string) =>
    shop.start('p', '10.244.1.9', { image: 'busybox', command: ['sh', '-c', script] });

  it('ignores TERM as first process', () => {
    const handle = loop('while true; do sleep 1; done');
    shop.run(SECOND);
    shop.processes.signal(handle, 'TERM');
    shop.run(3 * SECOND);
    expect(shop.processes.isRunning(handle)).toBe(true);
  });
  it('obeys a trap, after the running child has ended', () => {
    const handle = loop('trap "echo bye; exit 0" TERM; while true; do sleep 2; done');
    shop.run(SECOND);
    shop.processes.signal(handle, 'TERM');
    shop.run(500 * MS);
    expect(shop.processes.isRunning(handle)).toBe(true);
    shop.run(2 * SECOND);
    expect(shop.notices).toMatchObject([{ type: 'container-exited', exitCode: 0 }]);
    expect(shop.processes.logs(handle)).toEqual(['bye']);
  });
  it('exec hands the signal to the server that took its place', () => {
    const handle = shop.start('w', '10.244.1.9', {
      image: 'nginx',
      command: ['sh', '-c', "exec nginx -g 'daemon off;'"],
    });
    shop.run(SECOND);
    shop.processes.signal(handle, 'TERM');
    shop.run(SECOND);
    expect(shop.notices).toMatchObject([{ type: 'container-exited', exitCode: 0 }]);
  });
  it('kill 1 reaches a server that handles it, and nobody else', () => {
    const web = shop.start('web', '10.244.1.9', { image: 'nginx' });
    shop.run(SECOND);
    expect(shop.exec(client, "sh -c 'kill 1; kill -9 1; kill 77'", SECOND)).toBe(
      "kill: can't kill pid 77: No such process\n[1]",
    );
    expect(shop.exec(client, 'ps', SECOND)).toMatch(
      /^PID +USER +TIME +COMMAND\n +1 root +0:00 sleep infinity\n +3 root +0:00 ps\n\[0\]$/,
    );
    expect(shop.processes.isRunning(client)).toBe(true);
    shop.exec(web, "sh -c 'kill 1'", SECOND);
    expect(shop.notices).toMatchObject([{ type: 'container-exited', handle: web, exitCode: 0 }]);
  });
  it('an init container waits until a name resolves', () => {
    shop.boot();
    const namespace = '$(cat /var/run/secrets/kubernetes.io/serviceaccount/namespace)';
    const handle = loop(
      `until nslookup -type=a db.${namespace}.svc.cluster.local; do echo waiting; sleep 2; done`,
    );
    shop.run(5 * SECOND);
    expect(shop.processes.logs(handle)).toContain('waiting');
    shop.service('db', '10.96.0.77', '10.244.1.77');
    shop.run(35 * SECOND);
    expect(shop.notices).toMatchObject([{ type: 'container-exited', handle, exitCode: 0 }]);
  });
  it('one-liners of an interpreter end, servers do not', () => {
    const start = (name: string, command: string[]) =>
      shop.start(name, '10.244.1.30', { image: 'perl:5.34', command });
    const sum = start('pi', ['perl', '-Mbignum=bpi', '-wle', 'print bpi(2000)']);
    const server = start('app', ['perl', 'app.pl']);
    shop.run(5 * SECOND);
    expect(shop.notices).toMatchObject([{ type: 'container-exited', handle: sum, exitCode: 0 }]);
    expect(shop.processes.isRunning(server)).toBe(true);
  });
  it('a preStop hook can ask nginx to quit', () => {
    const handle = shop.start('w', '10.244.1.9', { image: 'nginx' });
    shop.run(SECOND);
    shop.processes.exec(handle, ['nginx', '-s', 'quit'], 'kubelet', 'hook');
    shop.run(SECOND);
    expect(shop.notices).toMatchObject([
      { type: 'exec-done', token: 'hook', exitCode: 0 },
      { type: 'container-exited', handle, exitCode: 0 },
    ]);
  });
  it('the liveness example of the documentation fails after its file is gone', () => {
    const handle = loop('touch /tmp/healthy; sleep 30; rm -f /tmp/healthy; sleep 600');
    shop.run(5 * SECOND);
    const probe = () => {
      shop.notices.length = 0;
      shop.processes.exec(handle, ['cat', '/tmp/healthy'], 'kubelet', 'probe');
      shop.run(SECOND);
      return shop.notices;
    };
    expect(probe()).toEqual([{ type: 'exec-done', token: 'probe', exitCode: 0 }]);
    shop.run(30 * SECOND);
    expect(probe()).toMatchObject([{ type: 'exec-done', exitCode: 1 }]);
  });
});
