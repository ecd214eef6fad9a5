/** What kubectl itself refuses when it makes objects from flags, and what it makes. Sources: kubectl pkg/cmd/create, run. */
import { describe, expect, it } from 'vitest';
import { ApiServer } from '../../api/server';
import { Store } from '../../api/store';
import { Clock } from '../../clock/clock';
import { bareShell } from '../bare-world';

function run(line: string): string {
  const clock = new Clock(1);
  const store = new Store({ clock });
  const server = new ApiServer(store);
  server.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } });
  server.create({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'tick', namespace: 'default' },
    spec: {
      schedule: '* * * * *',
      jobTemplate: {
        metadata: { labels: { a: 'b' } },
        spec: { template: { spec: { containers: [{ name: 'c', image: 'i' }], restartPolicy: 'Never' } } },
      },
    },
  });
  const shell = bareShell(server, clock, { files: [{ name: 'vars.env', text: '# no\nA=1\nB=x=y\n' }] });
  const { stdout, stderr, code } = shell.transcripts.get(shell.type(line))!;
  return `${stdout}${stderr}[${code ?? 'runs'}]`;
}

describe('kubectl run', () => {
  const HELP = "\nSee 'kubectl run -h' for help and examples\n[1]";
  it.each([
    ['--port=abc', 'error: strconv.Atoi: parsing "abc": invalid syntax\n[1]'],
    ['--labels=a', 'error: unexpected label spec: a\n[1]'],
    ['--labels==a', 'error: unexpected empty label key\n[1]'],
    ['--env=A', 'error: invalid env: A\n[1]'],
    ['--env=1A=b', 'error: invalid env: 1A=b\n[1]'],
    ['--image-pull-policy=Sometimes', `error: invalid image pull policy: Sometimes${HELP}`],
    ['-t', `error: -i/--stdin is required for containers with -t/--tty=true${HELP}`],
    [
      '-i --dry-run=client',
      `error: --dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)${HELP}`,
    ],
  ])('%s', (flags, expected) => {
    expect(run(`kubectl run web --image=nginx ${flags}`)).toBe(expected);
  });
});

describe('kubectl create', () => {
  it.each([
    ['deployment', 'error: required flag(s) "image" not set\n[1]'],
    ['cronjob c', 'error: required flag(s) "image", "schedule" not set\n[1]'],
    ['clusterrolebinding r', 'error: required flag(s) "clusterrole" not set\n[1]'],
    ['job j', 'error: either --image or --from must be specified\n[1]'],
    ['job j --image=i --from=cronjob/tick', 'error: either --image or --from must be specified\n[1]'],
    ['job j --from=cronjob/nope', 'Error from server (NotFound): cronjobs.batch "nope" not found\n[1]'],
    ['job j --from=namespace/default', 'error: unknown object type *v1.Namespace\n[1]'],
    ['job j --from=cronjob/tick', 'job.batch/j created\n[0]'],
    [
      'secret generic s --from-literal=a=b --from-literal=a=c',
      'error: cannot add key a, another key by that name already exists\n[1]',
    ],
    [
      'configmap m --from-literal=a=b --from-literal=a=c',
      'error: cannot add key "a", another key by that name already exists in Data for ConfigMap "m"\n[1]',
    ],
    [
      'configmap m --from-env-file=vars.env --dry-run=client -o yaml',
      'apiVersion: v1\ndata:\n  A: "1"\n  B: x=y\nkind: ConfigMap\nmetadata:\n  name: m\n[0]',
    ],
    ['secret tls t', 'error: key and cert must be specified\n[1]'],
    ['secret tls t --cert=c --key=k', 'error: open c: no such file or directory\n[1]'],
    [
      'secret docker-registry r',
      'error: either --from-file or the combination of --docker-username, --docker-password and --docker-server is required\n[1]',
    ],
    ['service clusterip s --tcp=99999', 'error: strconv.ParseUint: parsing "99999": value out of range\n[1]'],
    [
      'service clusterip s --tcp=80:HTTP',
      'error: must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-),must contain at least one letter (a-z)\n[1]',
    ],
    [
      'role r --verb=fetch --resource=pods',
      "role.rbac.authorization.k8s.io/r created\nWarning: 'fetch' is not a standard resource verb\n[0]",
    ],
    ['quota q --hard=pods', 'error: invalid argument syntax pods, expected <resource>=<value>\n[1]'],
    [
      'pdb p --selector=a=b --min-available=1 --max-unavailable=1',
      'error: min-available and max-unavailable cannot be both specified\n[1]',
    ],
    ['pdb p --selector=a=b --min-available=x', 'error: invalid format specified for min-available\n[1]'],
  ])('%s', (rest, expected) => {
    expect(run(`kubectl create ${rest}`)).toBe(expected);
  });

  it('makes a Job as its CronJob would, and says who asked', () => {
    const text = run('kubectl create job j --from=cronjob/tick -o yaml');
    expect(text).toContain('cronjob.kubernetes.io/instantiate: manual');
    expect(text).toContain('labels:\n    a: b\n');
    expect(text).toContain('kind: CronJob\n    name: tick');
  });
});

it('tells what Go cannot read in a template', () => {
  expect(run("kubectl get ns -o go-template='{{.x'")).toBe(
    'error: error parsing template {{.x, template: output:1: unclosed action\n[1]',
  );
  expect(run('kubectl get ns -o go-template')).toBe(
    'error: template format specified but no template given\n[1]',
  );
});
