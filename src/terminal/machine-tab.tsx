/** A machine's own tables in the drawer: its rules, or the connections that it tracks. */
import { ConntrackTab } from './conntrack-tab';
import { RulesTab } from './rules-tab';

export function MachineTab({ only }: { only?: 'conntrack' }) {
  return only === 'conntrack' ? <ConntrackTab /> : <RulesTab />;
}
