/** What the rules of a netns may ask about it: its addresses and settings as they are at that moment. */
import type { NetnsFacts } from './netfilter/netfilter';
import { sysctl } from './netns';
import { lookup, lookupLocal, selectSource } from './route';
import type { Kernel } from './walk';

/** Answers are looked up anew each time, so that they hold across keyframes, too. */
export function factsOf({ name, netns }: Kernel, id: string): NetnsFacts {
  return {
    label: `${name}/${id}`,
    isLocalAddress: (ip) => {
      const own = netns.get(id);
      return own !== undefined && lookupLocal(own, ip) !== null;
    },
    masqueradeAddress: (device, dst) => {
      const own = netns.get(id);
      return own === undefined ? null : selectSource(own, device, lookup(own, dst)?.route.via ?? dst);
    },
    sysctl: (setting) => {
      const own = netns.get(id);
      return own === undefined ? 0 : sysctl(own, setting);
    },
  };
}
