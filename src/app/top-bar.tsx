/** The bar on top: what is open, how time runs, and how the cluster is built. */
import { useFacts } from '../state/mirror-hooks';
import { useSession } from '../state/session';
import { IconButton } from '../ui/controls';
import { Logo } from '../ui/icons';
import { command, run } from './commands';
import { PROVIDER_NAMES } from './settings-words';
import { ThemeMenu, WorkspaceMenu } from './menus';
import { NarrowMenu } from './narrow-menu';
import { SpeedDial } from './speed-dial';
import { AutoSwitch, Transport, VirtualTime } from './transport';

export function TopBar() {
  const narrow = useSession((state) => state.narrow);
  return narrow ? <NarrowBar /> : <WideBar />;
}

function WideBar() {
  return (
    <header className="bar">
      <h1 className="brand">
        <Logo />
        Hopyard
      </h1>
      <WorkspaceMenu />
      <span className="sp" />
      <Transport />
      <SpeedDial />
      <AutoSwitch />
      <VirtualTime />
      <span className="sp" />
      <ClusterChips />
      <IconButton
        icon="search"
        name="Find a command or an object"
        keyHint={command('palette').key}
        onPress={() => run('palette')}
      />
      <ThemeMenu />
    </header>
  );
}

/** How this cluster is built, read from the cluster itself; a press opens the settings. */
function ClusterChips() {
  const facts = useFacts();
  if (facts === null) return null;
  const [next] = facts.proxy?.switching ?? [];
  return (
    <>
      <button type="button" className="chip press" title="Settings (S)" onClick={() => run('settings')}>
        {next === undefined && (
          <span className="k2">{facts.proxyMode === 'ebpf' ? 'no kube-proxy:' : 'kube-proxy'}</span>
        )}
        <b>{facts.proxyMode === 'ebpf' ? 'eBPF' : facts.proxyMode}</b>
        {next !== undefined && <span className="k2">switching… {next}</span>}
      </button>
      <button
        type="button"
        className="chip press"
        title={`${facts.cni}; settings (S)`}
        onClick={() => run('settings')}
      >
        <span className="k2">CNI</span>
        <b>{facts.cni.split(' ')[0]}</b>
      </button>
      {facts.loadBalancer !== undefined && (
        <button type="button" className="chip press lb" title="Settings (S)" onClick={() => run('settings')}>
          <span className="k2">LB</span>
          <b>{PROVIDER_NAMES[facts.loadBalancer]}</b>
        </button>
      )}
    </>
  );
}

function NarrowBar() {
  return (
    <header className="bar">
      <h1 className="brand" aria-label="Hopyard">
        <Logo />
      </h1>
      <WorkspaceMenu />
      <span className="sp" />
      <NarrowMenu />
    </header>
  );
}
