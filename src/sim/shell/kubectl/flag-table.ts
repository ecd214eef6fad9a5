/**
 * Which flags each kubectl command takes, as `kubectl CMD --help` lists them: [short/]name:type[=default]; types are
 * b bool, s text, i whole number, l list, d duration. A line that begins with blanks goes on with the one before.
 */

const TABLE = `
annotate: all:b A/all-namespaces:b allow-missing-template-keys:b=true dry-run:s=none
  field-manager:s=kubectl-annotate field-selector:s f/filename:l k/kustomize:s list:b local:b o/output:s
  overwrite:b R/recursive:b resource-version:s l/selector:s show-managed-fields:b template:s
api-resources: api-group:s cached:b categories:l namespaced:b=true no-headers:b o/output:s sort-by:s verbs:l
api-versions:
apply: all:b allow-missing-template-keys:b=true cascade:s=background dry-run:s=none
  field-manager:s=kubectl-client-side-apply f/filename:l force:b force-conflicts:b grace-period:i=-1 k/kustomize:s
  openapi-patch:b=true o/output:s overwrite:b=true prune:b prune-allowlist:l R/recursive:b l/selector:s
  server-side:b show-managed-fields:b subresource:s template:s timeout:d validate:s=strict wait:b
attach: c/container:s pod-running-timeout:d=1m0s q/quiet:b i/stdin:b t/tty:b
auth can-i: A/all-namespaces:b list:b no-headers:b q/quiet:b subresource:s
auth whoami: allow-missing-template-keys:b=true o/output:s show-managed-fields:b template:s
autoscale: allow-missing-template-keys:b=true cpu-percent:i=-1 dry-run:s=none field-manager:s=kubectl-autoscale
  f/filename:l k/kustomize:s max:i=-1 min:i=-1 name:s o/output:s R/recursive:b save-config:b show-managed-fields:b
  template:s
cluster-info:
config current-context:
config get-contexts: no-headers:b o/output:s
config set-context: cluster:s current:b namespace:s user:s
config use-context:
config view: allow-missing-template-keys:b=true flatten:b merge:b=true minify:b o/output:s=yaml raw:b
  show-managed-fields:b template:s
cordon: dry-run:s=none l/selector:s
cp: c/container:s no-preserve:b retries:i
create: allow-missing-template-keys:b=true dry-run:s=none edit:b field-manager:s=kubectl-create f/filename:l
  k/kustomize:s o/output:s raw:s R/recursive:b save-config:b l/selector:s show-managed-fields:b template:s
  validate:s=strict windows-line-endings:b
create configmap: allow-missing-template-keys:b=true append-hash:b dry-run:s=none field-manager:s=kubectl-create
  from-env-file:l from-file:l from-literal:l o/output:s save-config:b show-managed-fields:b template:s
  validate:s=strict
create secret generic: allow-missing-template-keys:b=true append-hash:b dry-run:s=none
  field-manager:s=kubectl-create from-env-file:l from-file:l from-literal:l o/output:s save-config:b
  show-managed-fields:b template:s type:s validate:s=strict
create secret docker-registry: allow-missing-template-keys:b=true append-hash:b docker-email:s docker-password:s
  docker-server:s docker-username:s dry-run:s=none field-manager:s=kubectl-create from-file:l o/output:s
  save-config:b show-managed-fields:b template:s validate:s=strict
create secret tls: allow-missing-template-keys:b=true append-hash:b cert:s dry-run:s=none
  field-manager:s=kubectl-create key:s o/output:s save-config:b show-managed-fields:b template:s validate:s=strict
create deployment: allow-missing-template-keys:b=true dry-run:s=none field-manager:s=kubectl-create image:l
  o/output:s port:i=-1 r/replicas:i=1 save-config:b show-managed-fields:b template:s validate:s=strict
create ingress: allow-missing-template-keys:b=true annotation:l class:s default-backend:s dry-run:s=none
  field-manager:s=kubectl-create o/output:s rule:l save-config:b show-managed-fields:b template:s
  validate:s=strict
create job: allow-missing-template-keys:b=true dry-run:s=none field-manager:s=kubectl-create from:s image:s
  o/output:s save-config:b show-managed-fields:b template:s validate:s=strict
create cronjob: allow-missing-template-keys:b=true dry-run:s=none field-manager:s=kubectl-create image:s
  o/output:s restart:s save-config:b schedule:s show-managed-fields:b template:s validate:s=strict
create namespace: allow-missing-template-keys:b=true dry-run:s=none field-manager:s=kubectl-create o/output:s
  save-config:b show-managed-fields:b template:s validate:s=strict
create quota: allow-missing-template-keys:b=true dry-run:s=none field-manager:s=kubectl-create hard:s o/output:s
  save-config:b scopes:s show-managed-fields:b template:s validate:s=strict
create role: allow-missing-template-keys:b=true dry-run:s=none field-manager:s=kubectl-create o/output:s
  resource:l resource-name:l save-config:b show-managed-fields:b template:s validate:s=strict verb:l
create poddisruptionbudget: allow-missing-template-keys:b=true dry-run:s=none field-manager:s=kubectl-create
  max-unavailable:s min-available:s o/output:s save-config:b selector:s show-managed-fields:b template:s
  validate:s=strict
create service clusterip: allow-missing-template-keys:b=true clusterip:s dry-run:s=none
  field-manager:s=kubectl-create o/output:s save-config:b show-managed-fields:b tcp:l template:s validate:s=strict
create service externalname: allow-missing-template-keys:b=true dry-run:s=none external-name:s
  field-manager:s=kubectl-create o/output:s save-config:b show-managed-fields:b tcp:l template:s validate:s=strict
create service loadbalancer: allow-missing-template-keys:b=true dry-run:s=none field-manager:s=kubectl-create
  o/output:s save-config:b show-managed-fields:b tcp:l template:s validate:s=strict
create service nodeport: allow-missing-template-keys:b=true dry-run:s=none field-manager:s=kubectl-create
  node-port:i o/output:s save-config:b show-managed-fields:b tcp:l template:s validate:s=strict
create serviceaccount: allow-missing-template-keys:b=true dry-run:s=none field-manager:s=kubectl-create
  o/output:s save-config:b show-managed-fields:b template:s validate:s=strict
debug: arguments-only:b attach:b c/container:s copy-to:s custom:s env:l f/filename:l image:s image-pull-policy:s
  keep-annotations:b keep-init-containers:b=true keep-labels:b keep-liveness:b keep-readiness:b keep-startup:b
  profile:s=legacy q/quiet:b replace:b same-node:b set-image:l share-processes:b=true i/stdin:b target:s t/tty:b
delete: all:b A/all-namespaces:b cascade:s=background dry-run:s=none field-selector:s f/filename:l force:b
  grace-period:i=-1 ignore-not-found:b i/interactive:b k/kustomize:s now:b o/output:s raw:s R/recursive:b
  l/selector:s timeout:d wait:b=true
describe: A/all-namespaces:b chunk-size:i=500 f/filename:l k/kustomize:s R/recursive:b l/selector:s
  show-events:b=true
diff: concurrency:i=1 field-manager:s=kubectl-client-side-apply f/filename:l force-conflicts:b k/kustomize:s
  prune:b prune-allowlist:l R/recursive:b l/selector:s server-side:b show-managed-fields:b
drain: chunk-size:i=500 delete-emptydir-data:b disable-eviction:b dry-run:s=none force:b grace-period:i=-1
  ignore-daemonsets:b pod-selector:s l/selector:s skip-wait-for-delete-timeout:i timeout:d
edit: allow-missing-template-keys:b=true field-manager:s=kubectl-edit f/filename:l k/kustomize:s o/output:s
  output-patch:b R/recursive:b save-config:b show-managed-fields:b subresource:s template:s validate:s=strict
  windows-line-endings:b
events: A/all-namespaces:b allow-missing-template-keys:b=true chunk-size:i=500 for:s no-headers:b o/output:s
  show-managed-fields:b template:s types:l w/watch:b
exec: c/container:s f/filename:l pod-running-timeout:d=1m0s q/quiet:b i/stdin:b t/tty:b
explain: api-version:s o/output:s=plaintext recursive:b
expose: allow-missing-template-keys:b=true cluster-ip:s dry-run:s=none external-ip:s
  field-manager:s=kubectl-expose f/filename:l k/kustomize:s l/labels:s load-balancer-ip:s name:s o/output:s
  override-type:s=merge overrides:s port:s protocol:s R/recursive:b save-config:b selector:s session-affinity:s
  show-managed-fields:b target-port:s template:s type:s
get: A/all-namespaces:b allow-missing-template-keys:b=true chunk-size:i=500 field-selector:s f/filename:l
  ignore-not-found:b k/kustomize:s L/label-columns:l no-headers:b o/output:s output-watch-events:b raw:s
  R/recursive:b l/selector:s server-print:b=true show-kind:b show-labels:b show-managed-fields:b sort-by:s
  subresource:s template:s w/watch:b watch-only:b
label: all:b A/all-namespaces:b allow-missing-template-keys:b=true dry-run:s=none field-manager:s=kubectl-label
  field-selector:s f/filename:l k/kustomize:s list:b local:b o/output:s overwrite:b R/recursive:b
  resource-version:s l/selector:s show-managed-fields:b template:s
logs: all-containers:b all-pods:b c/container:s f/follow:b ignore-errors:b insecure-skip-tls-verify-backend:b
  limit-bytes:i max-log-requests:i=5 pod-running-timeout:d=20s prefix:b p/previous:b l/selector:s since:d
  since-time:s tail:i=-1 timestamps:b
patch: allow-missing-template-keys:b=true dry-run:s=none field-manager:s=kubectl-patch f/filename:l
  k/kustomize:s local:b o/output:s p/patch:s patch-file:s R/recursive:b show-managed-fields:b subresource:s
  template:s type:s=strategic
port-forward: address:s=[localhost] pod-running-timeout:d=1m0s
replace: allow-missing-template-keys:b=true cascade:s=background dry-run:s=none field-manager:s=kubectl-replace
  f/filename:l force:b grace-period:i=-1 k/kustomize:s o/output:s raw:s R/recursive:b save-config:b
  show-managed-fields:b subresource:s template:s timeout:d validate:s=strict wait:b
rollout history: allow-missing-template-keys:b=true f/filename:l k/kustomize:s o/output:s R/recursive:b
  revision:i l/selector:s show-managed-fields:b template:s
rollout pause: allow-missing-template-keys:b=true field-manager:s=kubectl-rollout f/filename:l k/kustomize:s
  o/output:s R/recursive:b l/selector:s show-managed-fields:b template:s
rollout restart: allow-missing-template-keys:b=true field-manager:s=kubectl-rollout f/filename:l k/kustomize:s
  o/output:s R/recursive:b l/selector:s show-managed-fields:b template:s
rollout resume: allow-missing-template-keys:b=true field-manager:s=kubectl-rollout f/filename:l k/kustomize:s
  o/output:s R/recursive:b l/selector:s show-managed-fields:b template:s
rollout status: f/filename:l k/kustomize:s R/recursive:b revision:i l/selector:s timeout:d w/watch:b=true
rollout undo: allow-missing-template-keys:b=true dry-run:s=none f/filename:l k/kustomize:s o/output:s
  R/recursive:b l/selector:s show-managed-fields:b template:s to-revision:i
run: allow-missing-template-keys:b=true annotations:l attach:b cascade:s=background command:b dry-run:s=none
  env:l expose:b field-manager:s=kubectl-run f/filename:l force:b grace-period:i=-1 image:s image-pull-policy:s
  k/kustomize:s l/labels:s leave-stdin-open:b o/output:s override-type:s=merge overrides:s
  pod-running-timeout:d=1m0s port:s privileged:b q/quiet:b R/recursive:b restart:s=Always rm:b save-config:b
  show-managed-fields:b i/stdin:b template:s timeout:d t/tty:b wait:b
scale: all:b allow-missing-template-keys:b=true current-replicas:i=-1 dry-run:s=none f/filename:l k/kustomize:s
  o/output:s R/recursive:b replicas:i resource-version:s l/selector:s show-managed-fields:b template:s timeout:d
set env: all:b allow-missing-template-keys:b=true c/containers:s=* dry-run:s=none e/env:l
  field-manager:s=kubectl-set f/filename:l from:s keys:l k/kustomize:s list:b local:b o/output:s overwrite:b=true
  prefix:s R/recursive:b resolve:b l/selector:s show-managed-fields:b template:s
set image: all:b allow-missing-template-keys:b=true dry-run:s=none field-manager:s=kubectl-set f/filename:l
  k/kustomize:s local:b o/output:s R/recursive:b l/selector:s show-managed-fields:b template:s
set selector: all:b allow-missing-template-keys:b=true dry-run:s=none field-manager:s=kubectl-set f/filename:l
  local:b o/output:s R/recursive:b=true resource-version:s show-managed-fields:b template:s
taint: all:b allow-missing-template-keys:b=true dry-run:s=none field-manager:s=kubectl-taint o/output:s
  overwrite:b l/selector:s show-managed-fields:b template:s validate:s=strict
top node: no-headers:b l/selector:s show-capacity:b sort-by:s use-protocol-buffers:b=true
top pod: A/all-namespaces:b containers:b field-selector:s no-headers:b l/selector:s sort-by:s sum:b
  use-protocol-buffers:b=true
uncordon: dry-run:s=none l/selector:s
version: client:b o/output:s
create clusterrole: aggregation-rule:s allow-missing-template-keys:b=true dry-run:s=none
  field-manager:s=kubectl-create non-resource-url:l o/output:s resource:l resource-name:l save-config:b
  show-managed-fields:b template:s validate:s=strict verb:l
create clusterrolebinding: allow-missing-template-keys:b=true clusterrole:s dry-run:s=none
  field-manager:s=kubectl-create group:l o/output:s save-config:b serviceaccount:l show-managed-fields:b
  template:s user:l validate:s=strict
create rolebinding: allow-missing-template-keys:b=true clusterrole:s dry-run:s=none
  field-manager:s=kubectl-create group:l o/output:s role:s save-config:b serviceaccount:l show-managed-fields:b
  template:s user:l validate:s=strict
create priorityclass: allow-missing-template-keys:b=true description:s dry-run:s=none
  field-manager:s=kubectl-create global-default:b o/output:s preemption-policy:s=PreemptLowerPriority
  save-config:b show-managed-fields:b template:s validate:s=strict value:i
create token: allow-missing-template-keys:b=true audience:l bound-object-kind:s bound-object-name:s
  bound-object-uid:s duration:d o/output:s show-managed-fields:b template:s
create secret tls: allow-missing-template-keys:b=true append-hash:b cert:s dry-run:s=none
  field-manager:s=kubectl-create key:s o/output:s save-config:b show-managed-fields:b template:s validate:s=strict
create secret docker-registry: allow-missing-template-keys:b=true append-hash:b docker-email:s docker-password:s
  docker-server:s=https://index.docker.io/v1/ docker-username:s dry-run:s=none field-manager:s=kubectl-create
  from-file:l o/output:s save-config:b show-managed-fields:b template:s validate:s=strict
set resources: all:b allow-missing-template-keys:b=true c/containers:s=* dry-run:s=none
  field-manager:s=kubectl-set f/filename:l k/kustomize:s limits:s local:b o/output:s R/recursive:b requests:s
  l/selector:s show-managed-fields:b template:s
set serviceaccount: all:b allow-missing-template-keys:b=true dry-run:s=none field-manager:s=kubectl-set
  f/filename:l k/kustomize:s local:b o/output:s R/recursive:b show-managed-fields:b template:s
proxy: accept-hosts:s=^localhost$,^127\.0\.0\.1$,^\[::1\]$ accept-paths:s=^.* address:s=127.0.0.1 api-prefix:s=/
  append-server-path:b disable-filter:b keepalive:d p/port:i=8001 reject-methods:s=^$
  reject-paths:s=^/api/.*/pods/.*/exec,^/api/.*/pods/.*/attach u/unix-socket:s w/www:s P/www-prefix:s=/static/
kustomize: as-current-user:b enable-alpha-plugins:b enable-helm:b e/env:l helm-api-versions:l
  helm-command:s=helm helm-debug:b helm-kube-version:s load-restrictor:s=LoadRestrictionsRootOnly mount:l
  network:b network-name:s=bridge o/output:s
certificate:
completion:
plugin:
auth reconcile: allow-missing-template-keys:b=true dry-run:s=none f/filename:l k/kustomize:s o/output:s
  R/recursive:b remove-extra-permissions:b remove-extra-subjects:b show-managed-fields:b template:s
config set: set-raw-bytes:b
config unset:
config get-clusters:
config get-users:
config delete-context:
config rename-context:
wait: all:b A/all-namespaces:b allow-missing-template-keys:b=true field-selector:s f/filename:l for:s local:b
  o/output:s R/recursive:b=true l/selector:s show-managed-fields:b template:s timeout:d=30s
`;

const GLOBAL =
  'as:s as-group:l as-uid:s cache-dir:s=$HOME/.kube/cache certificate-authority:s client-certificate:s ' +
  'client-key:s cluster:s context:s disable-compression:b insecure-skip-tls-verify:b kubeconfig:s ' +
  'log-flush-frequency:d=5s match-server-version:b n/namespace:s password:s profile:s=none ' +
  'profile-output:s=profile.pprof request-timeout:s=0 s/server:s tls-server-name:s token:s user:s ' +
  'username:s v/v:i vmodule:s warnings-as-errors:b';

/** A flag as a command declares it. */
export interface FlagSpec {
  readonly name: string;
  readonly short: string;
  readonly type: 'b' | 's' | 'i' | 'l' | 'd';
  readonly default: string;
}

function readSpec(text: string): FlagSpec {
  const m = /^(?:(.)\/)?([^:]+):([bsild])(?:=(.*))?$/.exec(text)!;
  return { name: m[2]!, short: m[1] ?? '', type: m[3] as FlagSpec['type'], default: m[4] ?? '' };
}

const specs = (text: string) => text.trim().split(/\s+/).filter(Boolean).map(readSpec);

/** Flags that every command takes. */
export const GLOBAL_FLAGS: readonly FlagSpec[] = specs(GLOBAL);

const byCommand: ReadonlyMap<string, readonly FlagSpec[]> = new Map(
  TABLE.trim()
    .split(/\n(?! )/)
    .map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), specs(line.slice(colon + 1))];
    }),
);

/** The flags of a command ("rollout status"), the global ones last. */
export function flagsOf(command: string): readonly FlagSpec[] {
  return [...(byCommand.get(command) ?? []), ...GLOBAL_FLAGS];
}
