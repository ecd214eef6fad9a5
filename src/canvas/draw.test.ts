import { describe, expect, it } from 'vitest';
import type { Action, Hop, PacketTrace, Role, Station } from '../sim/trace/hop';
import type { Packet } from '../sim/trace/packet';
import { drawScene } from './draw';
import { journeyOf, type Atlas } from './geometry';
import { Pen, type Context, type Palette, type View } from './ink';
import { layoutOf } from './layout';
import { ratesOf } from './rates';
import { sceneOf, type Scene, type SceneInput } from './scene';
import { wiresOf } from './wires';

/** A context that writes down text, dashes and colours; widths are seven px a letter. */
class Recorder {
  readonly texts: { words: string; x: number; y: number; ink: string; alpha: number }[] = [];
  readonly strokes: { ink: string; width: number; dash: string }[] = [];
  readonly boxes: { x: number; y: number; w: number; h: number }[] = [];
  fillStyle = '';
  strokeStyle = '';
  font = '';
  globalAlpha = 1;
  lineCap = 'butt';
  lineJoin = 'miter';
  lineWidth = 1;
  textAlign = 'left';
  textBaseline = 'alphabetic';
  private dash = '';
  fillText(words: string, x: number, y: number): void {
    this.texts.push({ words, x, y, ink: this.fillStyle, alpha: this.globalAlpha });
  }
  stroke(): void {
    this.strokes.push({ ink: this.strokeStyle, width: this.lineWidth, dash: this.dash });
  }
  setLineDash(dash: number[]): void {
    this.dash = dash.join(' ');
  }
  roundRect(x: number, y: number, w: number, h: number): void {
    this.boxes.push({ x, y, w, h });
  }
  measureText(words: string): { width: number } {
    return { width: words.length * 7 };
  }
  arc(): void {}
  beginPath(): void {}
  clip(): void {}
  closePath(): void {}
  fill(): void {}
  fillRect(): void {}
  lineTo(): void {}
  moveTo(): void {}
  rect(): void {}
  restore(): void {}
  save(): void {}
}

const INKS = new Proxy({}, { get: (_, name) => String(name) }) as Palette;
const VIEW: View = { x: 0, y: 0, zoom: 1, width: 840, height: 716 };
const PODS: Readonly<Record<string, string>> = { f: 'Pod/default/frontend', b: 'Pod/default/backend' };

const layout = layoutOf({
  width: 840,
  height: 716,
  services: ['Service/default/backend'],
  machines: [
    { name: 'node-1', slots: [PODS['f']!], hasBridge: true, hasTunnel: true },
    { name: 'node-2', slots: [PODS['b']!], hasBridge: true, hasTunnel: true },
  ],
  pending: [],
  outside: [],
});
const atlas: Atlas = {
  wires: wiresOf(layout),
  podOf: (netns) => PODS[netns] ?? null,
  machineOf: () => null,
  devices: () => ({ bridge: 'cni0', tunnel: 'flannel.1', nic: 'eth0' }),
};

function tcp(src: string, dst: string, dstPort: number): Packet {
  return {
    ip: { version: 4, src, dst, ttl: 64, protocol: 'tcp', df: true },
    l4: { kind: 'tcp', srcPort: 41532, dstPort, seq: 0, ack: 0, flags: ['SYN'] },
  };
}
const vip = tcp('10.244.1.2', '10.96.0.42', 80);
const pod = tcp('10.244.1.2', '10.244.2.3', 8080);
const outer: Packet = {
  ip: { version: 4, src: '192.168.0.11', dst: '192.168.0.12', ttl: 64, protocol: 'udp', df: false },
  payload: { type: 'vxlan', vni: 1, inner: pod },
};

function hop(
  i: number,
  where: string,
  station: Station,
  name: string,
  action: Action,
  before: Packet,
  after = before,
): Hop {
  const [machine = '', netns = ''] = where.split('/');
  return {
    atNs: i * 1000,
    durationNs: 1000,
    place: { machine, netns },
    station,
    name,
    action,
    before,
    after,
  };
}

const hops: Hop[] = [
  hop(0, 'node-1/f', 'socket', 'curl', 'send', vip),
  hop(1, 'node-1/host', 'device', 'veth', 'pass', vip),
  hop(2, 'node-1/host', 'chain', 'KUBE-SERVICES', 'dnat', vip, pod),
  hop(3, 'node-1/host', 'route', 'main', 'lookup', pod),
  hop(4, 'node-1/host', 'hook', 'FORWARD', 'pass', pod),
  hop(5, 'node-1/host', 'hook', 'POSTROUTING', 'pass', pod),
  hop(6, 'node-1/host', 'tunnel', 'flannel.1', 'encapsulate', pod, outer),
  hop(7, 'node-1/host', 'device', 'eth0', 'send', outer),
  { ...hop(8, 'underlay/', 'wire', 'underlay', 'cross', outer), facts: { from: 'node-1', to: 'node-2' } },
  hop(9, 'node-2/host', 'device', 'eth0', 'pass', outer),
];

function trace(id: number, role: Role, label: string, more: Partial<PacketTrace> = {}): PacketTrace {
  return { id, requestId: 1, role, label, bornNs: 0, hops, end: null, ...more };
}

function scene(traces: readonly PacketTrace[], more: Partial<SceneInput> = {}): Scene {
  return sceneOf({
    traces,
    nowNs: 0,
    journey: (one) => journeyOf(one, atlas),
    watched: null,
    hop: null,
    reducedMotion: false,
    asRates: false,
    ...more,
  });
}

function draw(what: Scene, view: View = VIEW, more: Partial<Parameters<typeof drawScene>[2]> = {}): Recorder {
  const recorder = new Recorder();
  const pen = new Pen(recorder as unknown as Context, INKS, view);
  const none = { tether: [], pills: [], sidings: new Set<string>(), turned: 1, reducedMotion: false };
  drawScene(pen, what, { layout, ...none, ...more });
  return recorder;
}

const words = (recorder: Recorder): string[] => recorder.texts.map((text) => text.words);

describe('a packet that nobody watches', () => {
  it('is a glyph with its letters and the address that matters', () => {
    const shown = draw(scene([trace(1, 'request', 'SYN')]));
    expect(words(shown)).toEqual(['SYN', '10.96.0.42:80']);
    expect(shown.texts[0]!.ink).toBe('on-signal');
    expect(shown.texts[1]!.ink).toBe('request');
  });

  it('is hollow when it is a reply, and says where it comes from', () => {
    const shown = draw(scene([trace(1, 'reply', '200')]));
    expect(shown.texts.map((text) => `${text.words} ${text.ink}`)).toEqual([
      '200 reply',
      'from 10.244.1.2:41532 reply',
    ]);
  });

  it('shows the outer addresses while it wears an outer header', () => {
    expect(words(draw(scene([trace(1, 'request', 'SYN')], { nowNs: 8_500 })))).toEqual([
      'SYN',
      '192.168.0.11 → .12',
    ]);
  });

  it('never shows the VIP after the rules rewrote it', () => {
    for (const nowNs of [2_000, 2_500, 3_000, 5_900]) {
      expect(words(draw(scene([trace(1, 'request', 'SYN')], { nowNs }))).join(' ')).not.toContain(
        '10.96.0.42',
      );
    }
  });

  it('is gone when it was delivered, and is not there before it is born', () => {
    const end = { atNs: 9_500, kind: 'delivered' as const, reason: 'socket', place: hops[9]!.place };
    expect(scene([trace(1, 'request', 'SYN', { end })], { nowNs: 9_500 }).packets).toEqual([]);
    expect(scene([trace(1, 'request', 'SYN', { bornNs: 5 })]).packets).toEqual([]);
  });

  it('leaves a stop mark with its sentence, which stays', () => {
    const rules = [
      {
        table: 'filter',
        chain: 'FORWARD',
        rule: '-A FORWARD -m comment --comment "no endpoints" -j REJECT',
        number: 1,
        passed: 1,
      },
    ];
    const refused = [...hops.slice(0, 4), { ...hops[4]!, action: 'reject' as const, rules }];
    const end = { atNs: 5_000, kind: 'rejected' as const, reason: 'rule', place: hops[4]!.place };
    const later = scene([trace(1, 'request', 'SYN', { hops: refused, end })], { nowNs: 9e9 });
    expect(later.stops.map((stop) => stop.text)).toEqual(['REJECT no endpoints']);
    expect(later.stops[0]!.at).toMatchObject(layout.machines.get('node-1')!.stations.forward);
  });

  it('counts losses of one kind at one place', () => {
    const end = { atNs: 8_100, kind: 'lost' as const, reason: 'wire-cut', place: hops[8]!.place };
    const lost = [1, 2, 3].map((id) => trace(id, 'request', 'SYN', { hops: hops.slice(0, 9), end }));
    const { stops } = scene(lost, { nowNs: 9_000 });
    expect(stops.map(({ id, text }) => `${id} ${text}`)).toEqual(['3 cable is cut ×3']);
  });

  it('makes no mark of a flooded copy that was not for its receiver', () => {
    const end = { atNs: 500, kind: 'dropped' as const, reason: 'not-for-us', place: hops[0]!.place };
    expect(scene([trace(1, 'arp', 'ARP', { end })], { nowNs: 900 }).stops).toEqual([]);
    expect(scene([trace(1, 'request', 'SYN', { end })], { nowNs: 900 }).stops).toHaveLength(1);
  });

  it('shows at most eight plates, replies give way first', () => {
    const spread = (role: Role, from: number): PacketTrace[] =>
      Array.from({ length: 6 }, (_, i) => trace(from + i, role, 'GET', { hops: hops.slice(0, i + 1) }));
    const shown = scene([...spread('reply', 0), ...spread('request', 10)], { nowNs: 9_000 });
    const order = draw(shown);
    expect(order.texts.filter((text) => text.words.includes('.')).length).toBeLessThanOrEqual(8);
    expect(order.texts.find((text) => text.words.includes('.'))!.ink).toBe('request');
  });
});

describe('the packet that is watched', () => {
  const open = { watched: 1, nowNs: 4_000 };

  it('has its path behind solid and its path ahead dotted', () => {
    const shown = draw(scene([trace(1, 'request', 'SYN')], open));
    expect(shown.strokes).toContainEqual({ ink: 'request', width: 3, dash: '' });
    expect(shown.strokes).toContainEqual({ ink: 'request', width: 1.75, dash: '1.5 5' });
  });

  it('numbers its stations as the lists do, the one it stands on apart', () => {
    const marks = scene([trace(1, 'request', 'SYN')], open).numbers;
    expect(marks.map((mark) => `${mark.number} ${mark.shape} ${mark.state}`)).toEqual([
      '1 bead past',
      '2 bead past',
      '3 diamond past',
      '4 square past',
      '5 circle at',
      '6 circle ahead',
      '7 bead ahead',
      '8 bead ahead',
      '9 bead ahead',
      '10 bead ahead',
    ]);
  });

  it('turns the board: the VIP struck through, the pod address below', () => {
    const { board } = scene([trace(1, 'request', 'SYN')], open);
    expect(board).toMatchObject({ verb: 'to', before: '10.96.0.42:80', after: '10.244.2.3:8080', number: 3 });
    const half = draw(scene([trace(1, 'request', 'SYN')], open), VIEW, { turned: 0.5 });
    expect(half.texts.find((text) => text.words === '10.244.2.3:8080')!.alpha).toBe(0);
    expect(scene([trace(1, 'request', 'SYN')], { watched: 1, nowNs: 9_500 }).board).toBeNull();
  });

  it('dims all that belongs to other conversations', () => {
    const others = [trace(2, 'reply', '200', { requestId: 7 }), trace(3, 'reply', 'ACK')];
    const shown = scene([trace(1, 'request', 'SYN'), ...others], open);
    expect(shown.packets.map((mark) => [mark.id, mark.faint, mark.watched])).toEqual([
      [2, true, false],
      [3, false, false],
      [1, false, true],
    ]);
  });

  it('stands on the hop that the visitor chose, half-way on a wire', () => {
    const shown = scene([trace(1, 'request', 'SYN')], { watched: 1, nowNs: 99_000, hop: 8 });
    const [a, b] = [layout.machines.get('node-1')!.centre, layout.machines.get('node-2')!.centre];
    const { x } = shown.packets[0]!.at;
    expect(x).toBeGreaterThan(a + 20);
    expect(x).toBeLessThan(b - 20);
  });

  it('does not travel under reduced motion', () => {
    const shown = scene([trace(1, 'request', 'SYN')], { watched: 1, nowNs: 4_900, reducedMotion: true });
    expect(shown.packets[0]!.at).toMatchObject(layout.machines.get('node-1')!.stations.forward);
    const drawn = draw(shown, VIEW, { reducedMotion: true });
    expect(drawn.texts.some((text) => text.words === '5' && text.ink === 'on-ink')).toBe(true);
  });
});

describe('distance and speed', () => {
  it('draws signs no smaller when the view shrinks, and no plates', () => {
    const far = draw(scene([trace(1, 'request', 'SYN')]), { ...VIEW, zoom: 0.4 });
    expect(words(far)).toEqual(['SYN']);
    expect(far.boxes[0]).toMatchObject({ w: 38, h: 18 });
  });

  it('draws rates instead of packets when the clock runs too fast, drops stay single', () => {
    const many = Array.from({ length: 40 }, (_, i) => trace(i, 'request', 'GET', { bornNs: i * 1e7 }));
    expect(scene(many, { nowNs: 5e8, asRates: true }).packets).toEqual([]);
    const pills = ratesOf(many, (one) => journeyOf(one, atlas), layout, 5e8);
    expect(pills.map((pill) => `${pill.signal} ${pill.perSecond}/s ${pill.wrapped}`)).toEqual([
      'request 40/s false',
      'request 40/s true',
    ]);
  });

  it('counts packets whose hops were left out by where they began, crossed and ended', () => {
    const leftOut = {
      from: { machine: 'node-1', netns: 'f' },
      to: { machine: 'node-2', netns: 'b' },
      crossed: [['node-1', 'node-2'] as const],
    };
    const many = Array.from({ length: 25 }, (_, i) =>
      trace(i, 'request', 'GET', { hops: [], leftOut, bornNs: i }),
    );
    const pills = ratesOf(many, (one) => journeyOf(one, atlas), layout, 100);
    const { railL } = layout.machines.get('node-1')!;
    const { railR } = layout.machines.get('node-2')!;
    expect(pills.map((pill) => pill.perSecond)).toEqual([25, 25, 25]);
    expect(pills.map((pill) => pill.at.x).filter((x) => x === railL || x === railR)).toEqual([railL, railR]);
  });
});

describe('a crowd', () => {
  const at = (count: number, role: Role = 'request'): PacketTrace[] =>
    Array.from({ length: count }, (_, i) => trace(i + 1, role, 'GET', { hops: hops.slice(0, 9) }));

  it('on one wire is dots and their number', () => {
    const shown = scene(at(20), { nowNs: 8_400 });
    expect(shown.packets).toEqual([]);
    expect(shown.dots.map(({ id, wrapped }) => `${id} ${wrapped}`)).toHaveLength(20);
    expect(words(draw(shown))).toEqual(['×20']);
  });

  it('keeps the letters of those elsewhere, of errors, and of the open conversation', () => {
    const crowd = at(20).map((one) => ({ ...one, requestId: 2 }));
    const few = [
      trace(90, 'request', 'SYN', { hops: hops.slice(0, 3), requestId: 2 }),
      trace(91, 'error', 'RST', { hops: hops.slice(0, 9), requestId: 2 }),
      trace(92, 'reply', 'ACK', { hops: hops.slice(0, 9) }),
      trace(93, 'request', 'GET', { hops: hops.slice(0, 9) }),
    ];
    const shown = scene([...crowd, ...few], { nowNs: 8_400, watched: 93 });
    expect(shown.packets.map(({ label }) => label)).toEqual(['SYN', 'RST', 'ACK', 'GET']);
    expect(shown.dots).toHaveLength(20);
  });

  it('says how many are too many to be drawn', () => {
    const shown = scene(at(5_003), { nowNs: 8_400 });
    expect([shown.moving, shown.dots.length, shown.left]).toEqual([5_003, 5_000, 3]);
  });
});
