/**
 * CoreDNS plugins that take no part in answering: they log, measure, or serve HTTP beside it. The program in
 * sim/programs reads their settings.
 */
import type { Directive } from '../corefile';
import type { Plugin } from '../plugin';

function bystander(name: string): Plugin {
  return { name, setup: (directive: Directive) => ({ args: directive.args, block: directive.block }) };
}

export const errors = bystander('errors');
export const log = bystander('log');
/** HTTP on :8080/health; `lameduck` keeps the server answering for a while after SIGTERM. */
export const health = bystander('health');
/** HTTP on :8181/ready. */
export const ready = bystander('ready');
export const prometheus = bystander('prometheus');
export const reload = bystander('reload');
/** Not simulated: the probe that stops CoreDNS when its own queries come back to it. */
export const loop = bystander('loop');
/**
 * A choice of address to listen on, buffer size, traces, certificates: of no consequence here.
 * Not simulated: plugins of CoreDNS that would answer by other means (file, auto, etcd, k8s_external, autopath, acl,
 * dns64); a Corefile with one of them is refused, as a build without them would.
 */
export const settings: readonly Plugin[] = [
  ...[
    'root',
    'metadata',
    'geoip',
    'cancel',
    'tls',
    'quic',
    'timeouts',
    'multisocket',
    'nsid',
    'bufsize',
    'bind',
  ],
  ...['debug', 'trace', 'pprof', 'dnstap', 'tsig', 'header', 'minimal', 'dnssec', 'transfer'],
].map(bystander);
