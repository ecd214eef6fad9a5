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
/** A choice of address to listen on, buffer size, debug output: of no consequence here. */
export const settings: readonly Plugin[] = ['bind', 'bufsize', 'debug', 'nsid', 'pprof', 'metadata'].map(
  bystander,
);
