/** What kubectl itself refuses, word by word, before or after it asked the server. Sources: kubectl pkg/cmd and its tests. */
import { describe, expect, it } from 'vitest';
import { ApiServer } from '../../api/server';
import { Store } from '../../api/store';
import { Clock } from '../../clock/clock';
import { bareShell } from '../bare-world';

const meta = (name: string) => ({ name, namespace: 'default', labels: { app: name } });
const template = (app: string) => ({
  metadata: { labels: { app } },
  spec: { containers: [{ name: 'c', image: 'nginx' }] },
});
const workload = (kind: string, name: string) => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: meta(name),
  spec: { selector: { matchLabels: { app: name } }, template: template(name) },
});

const OBJECTS = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } },
  {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n1' },
    spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] },
  },
  workload('Deployment', 'web'),
  workload('Deployment', 'api'),
  workload('StatefulSet', 'db'),
  workload('DaemonSet', 'agent'),
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: meta('web'),
    spec: { ports: [{ port: 80 }], selector: { app: 'web' } },
  },
  { apiVersion: 'v1', kind: 'Pod', metadata: meta('one'), spec: template('one').spec },
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta('conf'), data: { 'log.level': 'x', b: 'y' } },
];

/** Standard output and error of one line, and its exit code. */
function run(line: string): string {
  const clock = new Clock(1);
  const server = new ApiServer(new Store({ clock }));
  for (const object of OBJECTS) server.create(object);
  const shell = bareShell(server, clock);
  const { stdout, stderr, code } = shell.transcripts.get(shell.type(line))!;
  return `${stdout}${stderr}[${code ?? 'runs'}]`;
}

describe('kubectl expose, scale and autoscale', () => {
  it.each([
    ['expose deploy web --port=http --name=q', 'error: strconv.Atoi: parsing "http": invalid syntax\n[1]'],
    ['expose sts db --port=80', 'error: cannot expose a StatefulSet.apps\n[1]'],
    ['expose cm conf --port=80', 'error: cannot expose a ConfigMap\n[1]'],
    ['expose deploy web --name=q', "error: couldn't find port via --port flag or introspection\n[1]"],
    ['expose deploy web --name=q --cluster-ip=None', 'service/q exposed\n[0]'],
    [
      'scale deploy web --replicas=1 --resource-version=77',
      'error: Expected resource version to be 77, was 3\n[1]',
    ],
    [
      'scale deploy --all --replicas=1 --resource-version=77',
      'error: cannot use --resource-version with multiple resources\n[1]',
    ],
    [
      'scale deploy web --replicas=1 --current-replicas=-2',
      'error: The --current-replicas must specify an integer of -1 or greater\n[1]',
    ],
    [
      'autoscale deploy web --max=3 --min=5',
      'error: --max=MAXPODS must be larger or equal to --min=MINPODS, max: 3, min: 5\n[1]',
    ],
    [
      'autoscale pod one --max=3',
      'error: cannot autoscale a Pod: could not find scale subresource for /v1, Resource=pods in discovery information\n[1]',
    ],
  ])('%s', (line, expected) => {
    expect(run(`kubectl ${line}`)).toBe(expected);
  });
});

describe('kubectl delete', () => {
  it.each([
    ['pod one --all', 'error: name cannot be provided when a selector is specified\n[1]'],
    ['pod one -o json', "error: unexpected -o output mode: json. We only support '-o name'\n[1]"],
    ['pods --all -l a=b', 'error: cannot set --all and --selector at the same time\n[1]'],
    ['pods --all --field-selector=a=b', 'error: cannot set --all and --field-selector at the same time\n[1]'],
  ])('%s', (line, expected) => {
    expect(run(`kubectl delete ${line}`)).toBe(expected);
  });
});

describe('kubectl set', () => {
  const NAME_RULE =
    "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')";
  it.each([
    [
      'image deploy/web deploy/api x=1 y=2',
      'error: unable to find container named "x"\nerror: unable to find container named "y"\n'.repeat(2) +
        '[1]',
    ],
    [
      'image svc/web c=1',
      'error: services/web the object is not a pod or does not have a pod template: *v1.Service\n[1]',
    ],
    ['image deploy/web c=nginx', '[0]'],
    [
      'image deploy/web c=1 deploy',
      'error: all resources must be specified before image changes: deploy\n[1]',
    ],
    [
      'image deploy/web c=1 *=2',
      'error: all containers are already specified by *, but saw more than one container_name=container_image pairs\n[1]',
    ],
    ['env deploy/web 1A=x', `error: "1A" is not a valid key name: ${NAME_RULE}\n[1]`],
    [
      'env deploy/web A=x A-',
      'error: can not both modify and remove the same environment variable in the same command\n[1]',
    ],
    [
      'env deploy/web A=x web',
      'error: all resources must be specified before environment changes: deploy/web A=x web\n[1]',
    ],
    [
      'env deploy/web A=B -c nope',
      'warning: Deployment/web does not have any containers matching "nope"\n[0]',
    ],
    [
      'env deploy/web --from=configmap/nope',
      'Error from server (NotFound): configmaps "nope" not found\n[1]',
    ],
    ['env deploy/web --from=svc/web', 'error: unsupported resource specified in --from\n[1]'],
    [
      'env deploy/web --from=configmap/conf --prefix=P_ --list',
      '# Deployment web, container c\n# P_B from configmap conf, key b\n# P_LOG_LEVEL from configmap conf, key log.level\n[0]',
    ],
    [
      'resources deploy/web --limits=cpu',
      'error: Invalid argument syntax cpu, expected <resource>=<value>\n[1]',
    ],
    ['resources deploy/web --limits=cpu=1 -c x', 'error: unable to find container named x\n[1]'],
    ['selector deploy web app=x', 'error: setting a selector is only supported for Services\n[1]'],
    ['selector svc web "a in (b)"', 'error: match expression [{a In [b]}] not supported on this object\n[1]'],
    ['sa deploy/web builder', 'deployment.apps/web serviceaccount updated\n[0]'],
  ])('%s', (line, expected) => {
    expect(run(`kubectl set ${line}`)).toBe(expected);
  });

  it('tells a refusal of the server with what kubectl was doing', () => {
    expect(run('kubectl set env pod/one A=B')).toMatch(
      /^error: failed to patch env update to pod template: Pod "one" is invalid: spec: Forbidden: pod updates/,
    );
  });
});

describe('label selectors', () => {
  const FAILED = (selector: string, why: string) =>
    `Error from server (BadRequest): Unable to find "/v1, Resource=pods" that match label selector "${selector}", field selector "": ${why}\n[1]`;
  it.each([
    ['a=b,', "found '', expected: identifier after ','"],
    ['a in x', "unable to parse requirement: found 'x' expected: '('"],
    ['a in (x', "unable to parse requirement: found '', expected: ',' or ')'"],
    ['=b', "found '=', expected: !, identifier, or 'end of string'"],
    [
      'a>x',
      "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer",
    ],
    [
      'a in ()',
      "unable to parse requirement: values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty",
    ],
  ])('%s', (selector, why) => {
    expect(run(`kubectl get pods -l '${selector}'`)).toBe(FAILED(selector, why));
  });

  it.each(['app in (one,two)', 'app notin (two)', 'app', '!old', 'app==one,app!=two'])(
    '%s holds',
    (selector) => {
      expect(run(`kubectl get pods -o name -l '${selector}'`)).toBe('pod/one\n[0]');
    },
  );
});

describe('kubectl label, annotate and taint', () => {
  const NAME_RULE =
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
  const HELP = "\nSee 'kubectl taint -h' for help and examples\n[1]";
  it.each([
    ['label pod one a=b=c', 'error: invalid label spec: a=b=c\n[1]'],
    ['label pod one a=b c', 'error: all resources must be specified before label changes: c\n[1]'],
    ['label pods --all -l a=b a=b', 'error: cannot set --all and --selector at the same time\n[1]'],
    [
      'label deploy --all app=x',
      "'app' already has a value (api), and --overwrite is false\n'app' already has a value (web), and --overwrite is false\n[1]",
    ],
    ['annotate pod one =x', 'error: invalid annotation format: =x\n[1]'],
    [
      'annotate pod one a=b a-',
      'error: can not both modify and remove the following annotation(s) in the same command: a\n[1]',
    ],
    ['taint node n1 a=b', `error: invalid taint spec: a=b, ${NAME_RULE}${HELP}`],
    ['taint node n1 a', 'error: at least one taint update is required\n[1]'],
    ['taint node n1 a:b:c', `error: invalid taint spec: a:b:c${HELP}`],
    [
      'taint node n1 k:NoExecute k=1:NoExecute',
      `error: duplicated taints with the same key and effect: {k 1 NoExecute <nil>}${HELP}`,
    ],
    [
      'taint node n1 a:NoSchedule',
      'error: node n1 already has a taint(s) with same effect(s) and --overwrite is false\n[1]',
    ],
    ['taint node n1 a:NoSchedule --overwrite', 'node/n1 modified\n[0]'],
    ['taint node n1 a:NoSchedule- b:NoExecute', 'node/n1 modified\n[0]'],
    ['taint node n1 a-', 'node/n1 untainted\n[0]'],
    ['taint node n1 b-', 'error: taint "b" not found\n[1]'],
    [
      'taint node n1 b:NoExecute b-',
      'error: can not both modify and remove the following taint(s) in the same command: {"b":""}\n[1]',
    ],
    [
      'taint node a:NoExecute',
      "error: at least one resource name must be specified since 'all' parameter is not set\n[1]",
    ],
    [
      'taint node --all a:NoExecute -l x=y',
      "error: setting 'all' parameter with a non empty selector is prohibited\n[1]",
    ],
  ])('%s', (line, expected) => {
    expect(run(`kubectl ${line}`)).toBe(expected);
  });
});

describe('kubectl patch', () => {
  const REJECTED =
    'The request is invalid: the server rejected our request due to an error in our request\n[1]';
  it.each([
    [`-p '{'`, 'error: unable to parse "{": yaml: did not find expected node content\n[1]'],
    [
      `-p 'a: b: c'`,
      'error: unable to parse "a: b: c": yaml: mapping values are not allowed in this context\n[1]',
    ],
    [
      `-p '[]'`,
      'Error from server (BadRequest): json: cannot unmarshal array into Go value of type map[string]interface {}\n[1]',
    ],
    ['--patch-file=x.yaml', 'error: unable to read patch file: open x.yaml: no such file or directory\n[1]'],
    [
      `-p '{"spec":{"nope":1}}'`,
      'deployment.apps/web patched (no change)\nWarning: unknown field "spec.nope"\n[0]',
    ],
    [
      `-p '{"spec":{"replicas":"x"}}'`,
      'The request is invalid: patch: Invalid value: "map[spec:map[replicas:x]]": unrecognized type: int32\n[1]',
    ],
    [
      `-p '{"metadata":{"labels":{"a":1}}}'`,
      'The request is invalid: patch: Invalid value: "map[metadata:map[labels:map[a:1]]]": cannot convert int64 to string\n[1]',
    ],
    [
      `-p '{"spec":{"template":{"spec":{"containers":{"name":"c"}}}}}'`,
      'The request is invalid: patch: Invalid value: "map[spec:map[template:map[spec:map[containers:map[name:c]]]]]": cannot restore slice from map\n[1]',
    ],
    [`--type=json -p '[{"op":"replace","path":"/spec/nope/x","value":1}]'`, REJECTED],
    [`--type=json -p '[{"op":"remove","path":"/spec/nope"}]'`, REJECTED],
    [`--type=json -p '[{"op":"test","path":"/spec/replicas","value":77}]'`, REJECTED],
    [`--type=json -p '[{"op":"add","path":"/spec/template/spec/containers/9","value":{}}]'`, REJECTED],
    [
      `--type=json -p '[{"op":"test","path":"/spec/replicas","value":1},{"op":"copy","from":"/metadata/labels/app","path":"/metadata/labels/b"}]'`,
      'deployment.apps/web patched\n[0]',
    ],
    [
      `--type=json -p '[{"op":"move","from":"/metadata/labels/app","path":"/metadata/labels/b"}]'`,
      'deployment.apps/web patched\n[0]',
    ],
  ])('%s', (words, expected) => {
    expect(run(`kubectl patch deploy web ${words}`)).toBe(expected);
  });
});

describe('kubectl rollout', () => {
  it.each([
    ['history pod one', 'error: no history viewer has been implemented for "Pod"\n[1]'],
    [
      'history svc web',
      'error: error retrieving history for "Service", no visitor method exists for { Service}\n[1]',
    ],
    ['history deploy web', 'deployment.apps/web \nNo rollout history found.\n[0]'],
    ['undo pod one', 'error: no rollbacker has been implemented for "Pod"\n[1]'],
    ['undo deploy web', 'error: no rollout history found for deployment "web"\n[1]'],
    ['undo sts db', 'error: no last revision to roll back to\n[1]'],
    ['undo ds agent --to-revision=9', 'error: unable to find specified revision 9 in history\n[1]'],
    ['restart pod one', 'error: pods "one" restarting is not supported\n[1]'],
    ['resume sts db', 'error: statefulsets.apps "db" resuming is not supported\n[1]'],
  ])('%s', (line, expected) => {
    expect(run(`kubectl rollout ${line}`)).toBe(expected);
  });
});

describe('other commands', () => {
  it.each([
    ['apply -f x.yaml -f y.yaml', 'the path "x.yaml" does not exist\nthe path "y.yaml" does not exist\n[1]'],
    ['apply -f x.yaml', 'error: the path "x.yaml" does not exist\n[1]'],
    [
      'config get-contexts nope',
      'CURRENT   NAME   CLUSTER   AUTHINFO   NAMESPACE\nerror: context nope not found\n[1]',
    ],
    ['auth can-i get /healthz', 'yes\n[0]'],
    ['version -o foo', "error: --output must be 'yaml' or 'json'\n[1]"],
    [
      'api-resources foo',
      "error: unexpected arguments: [foo]\nSee 'kubectl api-resources -h' for help and examples\n[1]",
    ],
    ['api-resources --sort-by=foo', 'error: --sort-by accepts only name or kind\n[1]'],
    ['logs one --tail=-5', 'error: --tail must be greater than or equal to -1\n[1]'],
    [
      'logs one --all-containers -c x',
      'error: --all-containers=true should not be specified with container name x\n[1]',
    ],
    [
      'logs one -l app=one',
      "error: only a selector (-l) or a POD name is allowed\nSee 'kubectl logs -h' for help and examples\n[1]",
    ],
    ['explain svc.spec.nope', 'error: field "nope" does not exist\n[1]'],
    ['explain pod.spec.containers.imagee', 'error: field "imagee" does not exist\n[1]'],
    [
      "wait pod one --for=jsonpath='{.status.phase}'= --timeout=1s",
      "error: jsonpath wait has to have a value after equal sign, like --for=jsonpath='{.status.readyReplicas}'=3\n[1]",
    ],
    [
      'wait deploy web api --for=condition=Gone --timeout=0',
      'timed out waiting for the condition on deployments/web\ntimed out waiting for the condition on deployments/api\n[1]',
    ],
  ])('%s', (line, expected) => {
    expect(run(`kubectl ${line}`)).toBe(expected);
  });
});
