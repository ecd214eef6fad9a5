import { describe, expect, it } from 'vitest';
import { ApiServer } from '../api/server';
import { Store } from '../api/store';
import { Clock, SECOND } from '../clock/clock';
import { bareShell } from './bare-world';

function shell() {
  const clock = new Clock(1);
  const store = new Store({ clock });
  const server = new ApiServer(store);
  server.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } });
  const made = bareShell(server, clock, { files: [{ name: 'app.yaml', text: 'hello: world\n' }] });
  const run = (line: string, seconds = 30): string => {
    const id = made.type(line);
    const end = clock.nowNs + seconds * SECOND;
    while (made.sessions.isRunning(id) && (clock.peek()?.atNs ?? end) < end) {
      made.sessions.handle(clock.take()!.event);
    }
    const { stdout, stderr, code } = made.transcripts.get(id)!;
    return `${stdout}${stderr}[${code ?? 'runs'}]`;
  };
  return { ...made, clock, store, server, run };
}

describe('a session', () => {
  it.each([
    ['echo a; echo b', 'a\nb\n[0]'],
    ['false && echo no', '[1]'],
    ['false || echo yes', 'yes\n[0]'],
    ['true && echo yes', 'yes\n[0]'],
    ['echo one two | wc -w', '2\n[0]'],
    ['cat app.yaml | grep hello', 'hello: world\n[0]'],
    ['ls', 'app.yaml\n[0]'],
    ['date', 'Thu Jan  1 00:00:00 UTC 2026\n[0]'],
    ['cat nope', 'cat: nope: No such file or directory\n[1]'],
    ['foo', 'sh: foo: command not found\nType help to see what works here.\n[127]'],
    [
      'iptables -L',
      'sh: iptables: command not found\nIt is a tool of the nodes. Try: node node-1 -- iptables\n[127]',
    ],
    ["echo 'a", 'sh: unterminated quoted string\n[2]'],
    [
      'echo a | awk 1',
      'sh: awk: not found behind a pipe (these are: grep, head, tail, wc, sort, uniq, cat, less, more)\n[2]',
    ],
  ])('%s', (line, expected) => expect(shell().run(line)).toBe(expected));

  it('sleeps in virtual time and then goes on', () => {
    const { run, clock } = shell();
    expect(run('sleep 2 && echo awake')).toBe('awake\n[0]');
    expect(clock.nowNs).toBe(2 * SECOND);
  });

  it('ends at Ctrl-C with 130 and forgets the rest of the line', () => {
    const { type, sessions, transcripts } = shell();
    const id = type('sleep 60; echo never');
    sessions.interrupt(id);
    expect(transcripts.get(id)).toEqual({ stdout: '', stderr: '', code: 130 });
    expect(sessions.isRunning(id)).toBe(false);
  });

  it('watches, a row per change, with the widths of the first table', () => {
    const { type, run, transcripts, sessions, clock } = shell();
    const id = type('kubectl get cm -w | grep -v NAME');
    const turn = (line: string) => {
      run(line);
      for (let i = 0; i < 3; i++) sessions.handle(clock.take()!.event);
    };
    turn('kubectl create configmap a --from-literal=x=1');
    turn('kubectl delete cm a');
    expect(transcripts.get(id)).toMatchObject({ stdout: 'a      1      0s\na      1      0s\n', code: null });
    sessions.interrupt(id);
    expect(transcripts.get(id)?.code).toBe(130);
  });

  it('goes on from a keyframe as if nothing had happened', () => {
    const one = shell();
    const id = one.type('sleep 1; echo done');
    const frame = one.sessions.keyframe();
    const clockFrame = one.clock.keyframe();
    one.sessions.interrupt(id);
    one.sessions.restore(frame);
    one.clock.restore(clockFrame);
    one.transcripts.get(id)!.code = null;
    one.sessions.handle(one.clock.take()!.event);
    expect(one.transcripts.get(id)).toEqual({ stdout: 'done\n', stderr: '', code: 0 });
  });

  it('keeps the namespace of the context', () => {
    const { run } = shell();
    run('kubectl create ns shop; kubectl config set-context --current --namespace=shop');
    run('kubectl create cm c');
    expect(run('kubectl get cm -A --no-headers')).toMatch(/^shop +c +0 /);
    expect(run('kubectl get pods')).toBe('No resources found in shop namespace.\n[0]');
  });

  it('completes commands, types, names and namespaces', () => {
    const { sessions, run } = shell();
    run('kubectl create deployment web --image=nginx');
    expect(sessions.complete('kub')).toEqual(['kubectl']);
    expect(sessions.complete('kubectl desc')).toEqual(['describe']);
    expect(sessions.complete('kubectl rollout res')).toEqual(['restart', 'resume']);
    expect(sessions.complete('kubectl get deploym')).toEqual(['deployments']);
    expect(sessions.complete('kubectl describe deployment w')).toEqual(['web']);
    expect(sessions.complete('kubectl scale deploy/')).toEqual(['deploy/web']);
    expect(sessions.complete('kubectl get pods -n def')).toEqual(['default']);
    expect(sessions.complete('kubectl get pods --fie')).toEqual(['--field-selector']);
    expect(sessions.complete('kubectl apply -f a')).toEqual(['app.yaml']);
  });
});
