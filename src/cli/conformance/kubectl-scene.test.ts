/** Captures that do not say what was there: the scene that their words imply, and the real command in it. */
import { describe, expect, it } from 'vitest';
import { formats } from './kubectl';

function status(command: string, stdout: string, stderr = '', exit = stderr === '' ? 0 : 1): string {
  const category = command.split(' ')[1]!;
  const outputs = [{ id: 'one', category, title: '', command, stdout, stderr, exit }];
  const [result] = formats['kubectl.json']!({ outputs });
  return result?.status === 'failed' ? (result.got ?? '') : (result?.status ?? 'none');
}

describe('a capture without objects', () => {
  it.each([
    ['kubectl uncordon n1', 'node/n1 already uncordoned\n'],
    ['kubectl taint nodes n1 k-', 'node/n1 untainted\n'],
    [
      'kubectl taint nodes n1 k=v:NoSchedule',
      '',
      'error: node n1 already has k taint(s) with same effect(s) and --overwrite is false\n',
    ],
    [
      'kubectl annotate pod a note=x',
      '',
      "error: --overwrite is false but found the following declared annotation(s): 'note' already has a value (hi)\n",
    ],
    [`kubectl patch deploy web -p '{"spec":{"replicas":3}}'`, 'deployment.apps/web patched (no change)\n'],
    [
      'kubectl wait --for=condition=Ready pods --all --timeout=1s',
      'pod/a condition met\n',
      'error: timed out waiting for the condition on pods/b\n',
    ],
    ['kubectl wait --for=condition=available deploy/web --timeout=2s', 'deployment.apps/web condition met\n'],
    [
      'kubectl wait --for=delete pod/a --timeout=1s',
      '',
      'error: timed out waiting for the condition on pods/a\n',
    ],
    ['kubectl rollout undo deploy/web', 'deployment.apps/web rolled back\n'],
    [
      'kubectl rollout history deploy/web',
      'deployment.apps/web \nREVISION  CHANGE-CAUSE\n1         <none>\n\n',
    ],
    [
      'kubectl rollout undo deploy/web',
      '',
      "error: cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again\n",
    ],
    [
      'kubectl rollout restart ds/agent sts/db',
      'daemonset.apps/agent restarted\nstatefulset.apps/db restarted\n',
    ],
    ['kubectl set env deploy/web --list', '# Deployment web, container nginx\nA=B\n'],
    ['kubectl config use-context sim', 'Switched to context "sim".\n'],
  ])('%s', (command, stdout, stderr = '') => {
    expect(status(command, stdout, stderr)).toBe('passed');
  });

  it('does not run what only a container could print', () => {
    expect(status('kubectl exec a -- hostname', 'a\n')).toBe('not-run');
  });

  it('fails when kubectl says something else', () => {
    expect(status('kubectl uncordon n1', 'node/n1 was uncordoned\n')).not.toBe('passed');
  });
});
