/** The settings of the cluster, each with what is true about it, and what this simulator leaves out. */
import { useId, useState, type ReactNode } from 'react';
import { changeSettings } from '../state/choose';
import { useFacts } from '../state/mirror-hooks';
import { jumpToSource } from '../state/moves';
import { showDialog, useSession } from '../state/session';
import { FAMILIES, familiesOf, SCHEDULERS } from '../state/settings';
import { arriving } from '../ui/arriving';
import { Window } from '../ui/dialog';
import { LinkButton } from '../ui/lists';
import type { ClusterFacts } from '../sim/view';
import { FAMILY_WORDS, MODE_WORDS, PROVIDER_WORDS, SCHEDULER_WORDS } from './settings-words';
import './settings.css';

const Fidelity = arriving(
  () => import('./settings-fidelity').then((m) => m.Fidelity),
  () => <p className="k2">Reading…</p>,
);

const close = (): void => showDialog(null);

export function Settings() {
  const facts = useFacts();
  return (
    <Window
      title="Settings"
      look="settings"
      lead="They belong to the workspace, and change the running cluster as a rollout would."
      onClose={close}
    >
      {facts === null ? <p className="k2">The cluster is being built…</p> : <Groups facts={facts} />}
      <FidelityNotes />
    </Window>
  );
}

function Groups({ facts }: { facts: ClusterFacts }) {
  const written = facts.proxy?.written;
  return (
    <>
      <Group title="Who makes Services work" written={written?.proxy === true}>
        <Radios
          name="proxy-mode"
          options={MODE_WORDS}
          value={facts.proxyMode}
          disabled={written?.proxy === true}
          onChoose={(proxyMode) => changeSettings({ proxyMode })}
        />
        <Progress facts={facts} />
        <ProxyOptions facts={facts} disabled={written?.proxy === true} />
        <p className="small k2">
          A switch restarts it on one node after the other. Until the new one has written its own, what the
          old one wrote works on; connections that conntrack knows, or sockets that are open, go on. New ones
          can fail in the gap, and endpoints that change in it are missed.
        </p>
      </Group>
      {facts.loadBalancer !== undefined && (
        <Group title="Services of type LoadBalancer" written={written?.loadBalancer === true}>
          <Radios
            name="load-balancer"
            options={PROVIDER_WORDS}
            value={facts.loadBalancer}
            disabled={written?.loadBalancer === true}
            onChoose={(loadBalancer) => changeSettings({ loadBalancer })}
          />
          <Check
            label="The router sends externalIPs to the nodes"
            checked={facts.routeExternalIps === true}
            onChange={(routeExternalIps) => changeSettings({ routeExternalIps })}
          />
          <p className="small k2">Kubernetes does not do that; an administrator has to.</p>
        </Group>
      )}
      <Families facts={facts} />
    </>
  );
}

function Group({ title, written, children }: { title: string; written?: boolean; children: ReactNode }) {
  return (
    <fieldset className="setting">
      <legend>{title}</legend>
      {written === true && (
        <p className="small">
          Set by a document among your manifests, which wins.{' '}
          <LinkButton onPress={() => void showDocument()}>Show it</LinkButton>
        </p>
      )}
      {children}
    </fieldset>
  );
}

/** The document that sets it, in the editor. */
async function showDocument(): Promise<void> {
  close();
  const missing = await jumpToSource('KubeProxyConfiguration//kube-proxy', '');
  if (missing !== null) await jumpToSource('ClusterSettings//cluster', '');
}

function Radios<V extends string>(props: {
  name: string;
  options: readonly (readonly [V, string, string])[];
  value: V;
  disabled: boolean;
  onChoose: (value: V) => void;
}) {
  const id = useId();
  // What was pressed stands until the cluster says anything else than before; it may be busy.
  const [asked, setAsked] = useState<{ readonly before: V; readonly value: V } | null>(null);
  const shown = asked?.before === props.value ? asked.value : props.value;
  return (
    <div className="radios">
      {props.options.map(([value, name, line]) => (
        <label key={value} className="radio">
          <input
            type="radio"
            name={props.name}
            value={value}
            checked={shown === value}
            disabled={props.disabled}
            aria-describedby={`${id}-${value}`}
            onChange={() => {
              setAsked({ before: props.value, value });
              props.onChoose(value);
            }}
          />
          <span>
            <b>{name}</b>
            <span className="small k2 about" id={`${id}-${value}`}>
              {line}
            </span>
          </span>
        </label>
      ))}
    </div>
  );
}

/** How far a change has come; it takes virtual time, so a cluster that stands still has none. */
function Progress({ facts }: { facts: ClusterFacts }) {
  const paused = useSession((state) => state.pace.paused);
  const [next, ...later] = facts.proxy?.switching ?? [];
  return (
    <p className="small progress" role="status">
      {next !== undefined &&
        `Switching… ${next}${later.length > 0 ? `, then ${later.join(', ')}` : ''}.${
          paused ? ' Time stands still: it goes on when you press play.' : ''
        }`}
    </p>
  );
}

function ProxyOptions({ facts, disabled }: { facts: ClusterFacts; disabled: boolean }) {
  const { proxyMode, proxy } = facts;
  return (
    <>
      {proxyMode === 'ipvs' && (
        <Select
          label="IPVS scheduler"
          value={proxy?.ipvsScheduler || 'rr'}
          options={SCHEDULERS}
          words={SCHEDULER_WORDS}
          disabled={disabled}
          onChange={(ipvsScheduler) => changeSettings({ ipvsScheduler })}
        />
      )}
      {proxyMode !== 'ebpf' && (
        <Check
          label="Masquerade all traffic to cluster IPs (masqueradeAll)"
          checked={proxy?.masqueradeAll === true}
          disabled={disabled}
          onChange={(masqueradeAll) => changeSettings({ masqueradeAll })}
        />
      )}
    </>
  );
}

function Families({ facts }: { facts: ClusterFacts }) {
  if (facts.ipFamilies === undefined) return null;
  return (
    <Group title="Addresses of pods and Services">
      <Select
        label="IP families"
        value={facts.ipFamilies.join()}
        options={FAMILIES}
        words={FAMILY_WORDS}
        onChange={(text) => changeSettings({ ipFamilies: familiesOf(text) })}
      />
      <p className="small k2">
        Families are fixed when a cluster is made: another choice builds a new one from your manifests, and
        what runs now is gone.
      </p>
    </Group>
  );
}

function Select(props: {
  label: string;
  value: string;
  options: readonly string[];
  words: Readonly<Record<string, string>>;
  disabled?: boolean;
  onChange: (value: string) => void;
}) {
  return (
    <label className="pair">
      <span>{props.label}</span>
      <select
        className="field"
        value={props.value}
        disabled={props.disabled}
        onChange={(event) => props.onChange(event.target.value)}
      >
        {props.options.map((value) => (
          <option key={value} value={value}>
            {props.words[value] ?? value}
          </option>
        ))}
      </select>
    </label>
  );
}

function Check(props: {
  label: string;
  checked: boolean;
  disabled?: boolean;
  onChange: (on: boolean) => void;
}) {
  return (
    <label className="radio">
      <input
        type="checkbox"
        checked={props.checked}
        disabled={props.disabled}
        onChange={(event) => props.onChange(event.target.checked)}
      />
      <span>{props.label}</span>
    </label>
  );
}

function FidelityNotes() {
  const [open, setOpen] = useState(false);
  return (
    <details className="fidelity" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <b>Fidelity notes</b> <span className="k2">what this simulator leaves out</span>
      </summary>
      {open && <Fidelity />}
    </details>
  );
}
