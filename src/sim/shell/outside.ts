/**
 * Network tools typed without a pod or node: they run where the learner sits, outside of the cluster. From there the nodes'
 * addresses, node ports and load balancers answer; cluster IPs and pod addresses have no route, as in life.
 */
import { awaitForeground, inForeground } from './foreground';
import type { ShellCommand } from './shell';

/** Tools that the learner's own machine has. */
export const OUTSIDE_TOOLS = ['curl', 'wget', 'dig', 'nslookup', 'ping', 'traceroute', 'nc'] as const;

/** The command of one tool. */
export function outside(name: string): ShellCommand {
  return {
    name,
    synopsis: `${name} from outside of the cluster (in a pod: kubectl exec POD -- ${name} …)`,
    run: (world, argv, io) => {
      if (world.outside === undefined) {
        io.err(`${name}: runs in a pod or on a node. Try: kubectl exec POD -- ${argv.join(' ')}\n`);
        return { code: 127 };
      }
      const started = world.processes.execIn(world.outside, argv, io.session);
      if (typeof started === 'number') return inForeground(world.outside.machine);
      io.err(`${started.error}\n`);
      return { code: 127 };
    },
    resume: (world, _argv, io, _settings, state, cause) => awaitForeground(world, io, state, cause, () => ''),
  };
}
