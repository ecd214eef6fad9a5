import { describe, expect, it } from 'vitest';
import type { AppPayload, Packet } from '../trace/packet';
import { TwoMachines } from '../testing/two-machines';
import type { HookName, HookResult, Netfilter, NetnsFacts, Skb } from './netfilter/netfilter';

/** A scripted netfilter: writes down each hook it sees ("m1/host forward cni0>flannel.1") and lets a rule decide. */
class Recorder {
  readonly seen: string[] = [];
  rule: (hook: HookName, skb: Skb, label: string) => Partial<HookResult> | Packet | undefined = () =>
    undefined;

  readonly netfilterFor = ({ label }: NetnsFacts): Netfilter => ({
    idle: !label.endsWith('/host'),
    run: (hook, skb) => {
      const { l4, ip } = skb.packet;
      if (!(l4?.kind === 'udp' && l4.dstPort === 8_472) && !(l4?.kind === 'icmp' && l4.quoted))
        this.seen.push(`${label} ${hook} ${skb.inDevice ?? ''}>${skb.outDevice ?? ''} ${ip?.dst}`);
      const decided = this.rule(hook, skb, label);
      if (decided === undefined) return { verdict: 'accept', skb, steps: [] };
      if ('ip' in decided) return { verdict: 'accept', skb: { ...skb, packet: decided }, steps: [] };
      return { verdict: 'accept', skb, steps: [], ...(decided as Partial<HookResult>) };
    },
    keyframe: () => null,
    restore: () => undefined,
  });
}

const VIP = '10.96.0.9';
const ask: AppPayload = { type: 'app', protocol: 'data', summary: 'ask', bytes: 4, body: null };

const toward = (packet: Packet, dst: string): Packet => ({ ...packet, ip: { ...packet.ip!, dst } });

/** Replaces the VIP by an address at one hook of one machine. */
function vipTo(hook: HookName, address: string, label = 'm1/host'): Recorder['rule'] {
  return (at, skb, where) =>
    at === hook && where === label && skb.packet.ip?.dst === VIP ? toward(skb.packet, address) : undefined;
}

/** One datagram from a netns of m1, and the hooks it met. */
function datagram(recorder: Recorder, from: string, to: string, prepare?: (t: TwoMachines) => void) {
  const t = new TwoMachines(1, recorder.netfilterFor);
  for (const [machine, id] of [
    [t.m1, 'a'],
    [t.m1, 'b'],
    [t.m2, 'b'],
    [t.m1, 'host'],
  ] as const) {
    machine.listen(id, 'udp', '0.0.0.0', 99, t.owner(`${machine.name}/${id}`));
  }
  prepare?.(t);
  t.m1.addRoute('host', { prefix: '0.0.0.0/0', via: '192.168.0.12', device: 'eth0' });
  const socket = t.m1.openUdp(from, t.owner('client'), 2) as number;
  const error = t.m1.sendTo(socket, { ip: to, port: 99 }, ask);
  t.run(10e9);
  const end = t.ends(2).find((line) => line.startsWith('ask'));
  return { t, socket, error, end, hooks: recorder.seen };
}

describe('the hooks a packet passes', () => {
  it('forwarded to another machine and there to a netns', () => {
    const { hooks, end } = datagram(new Recorder(), 'a', '10.244.2.3');
    expect(hooks).toEqual([
      'm1/host prerouting cni0> 10.244.2.3',
      'm1/host forward cni0>flannel.1 10.244.2.3',
      'm1/host postrouting >flannel.1 10.244.2.3',
      'm2/host prerouting flannel.1> 10.244.2.3',
      'm2/host forward flannel.1>cni0 10.244.2.3',
      'm2/host postrouting >cni0 10.244.2.3',
    ]);
    expect(end).toBe('ask request: delivered socket');
  });

  it('bridged between two ports, because of bridge-nf-call-iptables', () => {
    const { hooks } = datagram(new Recorder(), 'a', '10.244.1.3');
    expect(hooks).toEqual([
      'm1/host prerouting cni0> 10.244.1.3',
      'm1/host forward cni0>cni0 10.244.1.3',
      'm1/host postrouting >cni0 10.244.1.3',
    ]);
  });

  it('none when bridged without it', () => {
    const off = (t: TwoMachines) => t.m1.setSysctl('host', 'net.bridge.bridge-nf-call-iptables', 0);
    const { hooks, end } = datagram(new Recorder(), 'a', '10.244.1.3', off);
    expect(hooks).toEqual([]);
    expect(end).toBe('ask request: delivered socket');
  });

  it('born here, and for this host', () => {
    const { hooks } = datagram(new Recorder(), 'host', '10.244.1.1');
    expect(hooks).toEqual([
      'm1/host output >lo 10.244.1.1',
      'm1/host postrouting >lo 10.244.1.1',
      'm1/host prerouting lo> 10.244.1.1',
      'm1/host input lo> 10.244.1.1',
    ]);
  });

  it('from a netns to its host', () => {
    const { hooks, end } = datagram(new Recorder(), 'a', '192.168.0.11');
    expect(hooks).toEqual(['m1/host prerouting cni0> 192.168.0.11', 'm1/host input cni0> 192.168.0.11']);
    expect(end).toBe('ask request: delivered socket');
  });
});

describe('a virtual IP', () => {
  it('becomes an address on another machine in PREROUTING, before the route is chosen', () => {
    const recorder = new Recorder();
    recorder.rule = vipTo('prerouting', '10.244.2.3');
    const { hooks, end } = datagram(recorder, 'a', VIP);
    expect(hooks.slice(0, 2)).toEqual([
      `m1/host prerouting cni0> ${VIP}`,
      'm1/host forward cni0>flannel.1 10.244.2.3',
    ]);
    expect(end).toBe('ask request: delivered socket');
  });

  it('stays a bridged frame when the address is behind the same bridge: its TTL is not touched', () => {
    const recorder = new Recorder();
    recorder.rule = vipTo('prerouting', '10.244.1.3');
    const { t, hooks, end } = datagram(recorder, 'a', VIP);
    expect(hooks).toEqual([
      `m1/host prerouting cni0> ${VIP}`,
      'm1/host forward cni0>cni0 10.244.1.3',
      'm1/host postrouting >cni0 10.244.1.3',
    ]);
    expect(end).toBe('ask request: delivered socket');
    const packet = [...t.trace.packets.values()].find(({ label }) => label === 'ask')!;
    expect(packet.hops.at(-1)!.after.ip).toMatchObject({ ttl: 64, dst: '10.244.1.3' });
  });

  it.each([
    [false, 'ask request: dropped no-hairpin'],
    [true, 'ask request: delivered socket'],
  ])('comes back to its own sender only by a port in hairpin mode (%s)', (hairpin, expected) => {
    const recorder = new Recorder();
    recorder.rule = (hook, skb, label) => {
      const { ip } = skb.packet;
      if (hook === 'prerouting' && ip?.dst === VIP) return toward(skb.packet, '10.244.1.2');
      // Masqueraded, as it must be: the sender would take its own address for a martian.
      const masquerade = hook === 'postrouting' && label === 'm1/host' && ip?.dst === '10.244.1.2';
      return masquerade && skb.packet.l4?.kind === 'udp'
        ? { ...skb.packet, ip: { ...ip, src: '10.244.1.1' } }
        : undefined;
    };
    const { end } = datagram(recorder, 'a', VIP, (t) => t.m1.setMaster('host', 'veth-a', 'cni0', hairpin));
    expect(end).toBe(expected);
  });

  it('is routed anew when OUTPUT rewrites it', () => {
    const recorder = new Recorder();
    recorder.rule = vipTo('output', '10.244.2.3');
    const { hooks, end } = datagram(recorder, 'host', VIP);
    expect(hooks.slice(0, 2)).toEqual([
      `m1/host output >eth0 ${VIP}`,
      'm1/host postrouting >flannel.1 10.244.2.3',
    ]);
    expect(end).toBe('ask request: delivered socket');
  });

  it('may be a local address that INPUT sends elsewhere, as IPVS does', () => {
    const recorder = new Recorder();
    recorder.rule = vipTo('input', '10.244.2.3');
    const { t, hooks, end } = datagram(recorder, 'a', VIP, ({ m1 }) => {
      m1.addDummy('host', 'ipvs0');
      m1.addAddress('host', 'ipvs0', `${VIP}/32`);
    });
    expect(hooks.slice(0, 4)).toEqual([
      `m1/host prerouting cni0> ${VIP}`,
      `m1/host input cni0> ${VIP}`,
      'm1/host output >flannel.1 10.244.2.3',
      'm1/host postrouting >flannel.1 10.244.2.3',
    ]);
    expect(end).toBe('ask request: delivered socket');
    const packet = [...t.trace.packets.values()].find(({ label }) => label === 'ask')!;
    expect(packet.hops.at(-1)!.after.ip).toMatchObject({ ttl: 62 });
  });
});

describe('a verdict', () => {
  it('to drop ends the packet, and a local sender is told EPERM', () => {
    const recorder = new Recorder();
    recorder.rule = (hook) => (hook === 'output' ? { verdict: 'drop', reason: 'rule' } : undefined);
    const { error, end } = datagram(recorder, 'host', '10.244.2.3');
    expect([error, end]).toEqual(['EPERM', 'ask request: dropped rule']);
  });

  it.each([
    ['icmp-port-unreachable', 'ECONNREFUSED'],
    ['icmp-admin-prohibited', 'EHOSTUNREACH'],
    ['icmp-host-prohibited', 'EHOSTUNREACH'],
  ] as const)('to reject with %s tells the sender %s', (rejectWith, errno) => {
    const recorder = new Recorder();
    recorder.rule = (hook, { packet }) =>
      hook === 'forward' && packet.l4?.kind === 'udp' ? { verdict: 'reject', rejectWith } : undefined;
    const { t, end, socket } = datagram(recorder, 'a', '10.244.2.3');
    expect(end).toBe('ask request: rejected rule');
    expect(t.news).toMatchObject([{ kind: 'error', socket, errno }]);
  });

  it('to reject with tcp-reset refuses the connection', () => {
    const recorder = new Recorder();
    recorder.rule = (hook, { packet }) =>
      hook === 'forward' && packet.l4?.kind === 'tcp' && packet.ip?.dst === '10.244.2.3'
        ? { verdict: 'reject', rejectWith: 'tcp-reset' }
        : undefined;
    const t = new TwoMachines(1, recorder.netfilterFor);
    const socket = t.m1.connect('a', 'tcp', { ip: '10.244.2.3', port: 80 }, t.owner('c'), 2);
    t.run();
    expect(t.news).toEqual([{ kind: 'error', socket, errno: 'ECONNREFUSED' }]);
  });

  it('keeps mark and connection over lo, and nowhere else', () => {
    const recorder = new Recorder();
    const marks: string[] = [];
    recorder.rule = (hook, skb, label) => {
      if (skb.packet.l4?.kind !== 'udp') return undefined;
      marks.push(`${label} ${hook} ${skb.mark} ${skb.connection?.id ?? '-'}`);
      const connection = { id: 5, state: 'NEW', direction: 'original' } as const;
      return hook === 'output' ? { skb: { ...skb, mark: 7, connection } } : undefined;
    };
    datagram(recorder, 'host', '10.244.1.1');
    datagram(recorder, 'host', '10.244.1.3');
    expect(marks).toEqual([
      'm1/host output 0 -',
      'm1/host postrouting 7 5',
      'm1/host prerouting 7 5',
      'm1/host input 7 5',
      'm1/host output 0 -',
      'm1/host postrouting 7 5',
    ]);
  });
});
