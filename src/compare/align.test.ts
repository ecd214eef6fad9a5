import { describe, expect, it } from 'vitest';
import type { Hop } from '../sim/trace/hop';
import type { Packet } from '../sim/trace/packet';
import type { ComparePacket, ModeRun } from '../worker/compare-protocol';
import { alignStages, chaptersOf } from './align';
import { stagesOf, type Stage } from './stage';

const LETTERS: Readonly<Record<string, Stage>> = {
  l: 'leave',
  d: 'decide',
  r: 'route',
  j: 'judge',
  c: 'cross',
  a: 'arrive',
};

/** "ldrjca" for each pane; the rows as one line each, hops of a pane joined by a plus, a dot where it has none. */
function aligned(...sequences: string[]): string[] {
  const rows = alignStages(sequences.map((letters) => [...letters].map((letter) => LETTERS[letter]!)));
  return rows.map(({ stage, cells }) =>
    [stage, ...cells.map((hops) => (hops.length === 0 ? '.' : hops.join('+')))].join(' '),
  );
}

describe('alignStages', () => {
  it.each([
    { name: 'one pane alone', panes: ['ldra'], rows: ['leave 0', 'decide 1', 'route 2', 'arrive 3'] },
    {
      name: 'neighbours of one stage share a row',
      panes: ['lldccca', 'ldca'],
      rows: ['leave 0+1 0', 'decide 2 1', 'cross 3+4+5 2', 'arrive 6 3'],
    },
    {
      name: 'a backend on the same node crosses nothing',
      panes: ['ldrjca', 'ldrja'],
      rows: ['leave 0 0', 'decide 1 1', 'route 2 2', 'judge 3 3', 'cross 4 .', 'arrive 5 4'],
    },
    {
      name: 'a socket decides before it sends, and still stands beside the other decisions',
      panes: ['ldrca', 'dlrca'],
      rows: ['leave 0 .', 'decide 1 0', 'leave . 1', 'route 2 2', 'cross 3 3', 'arrive 4 4'],
    },
    {
      name: 'refused at once here, sent on and lost there',
      panes: ['lrjcr', 'lrd', 'ld'],
      rows: ['leave 0 0 0', 'route 1 1 .', 'decide . 2 1', 'judge 2 . .', 'cross 3 . .', 'route 4 . .'],
    },
    { name: 'a pane without the packet', panes: ['la', ''], rows: ['leave 0 .', 'arrive 1 .'] },
    { name: 'no panes', panes: [], rows: [] },
  ])('$name', ({ panes, rows }) => {
    expect(aligned(...panes)).toEqual(rows);
  });

  it('keeps every hop once and in order, whatever the panes do', () => {
    const panes = ['ldrjcrcdrjca', 'dlrjcra', 'lrd', 'crdrca'];
    const rows = alignStages(panes.map((letters) => [...letters].map((letter) => LETTERS[letter]!)));
    panes.forEach((letters, pane) => {
      expect(rows.flatMap(({ cells }) => cells[pane])).toEqual([...letters].map((_, i) => i));
    });
  });
});

const packet = (dst: string, dstPort: number): Packet => ({
  ip: { version: 4, src: '10.244.1.2', dst, ttl: 64, protocol: 'tcp', df: true },
  l4: { kind: 'tcp', srcPort: 40000, dstPort, seq: 0, ack: 0, flags: ['SYN'] },
});
const vip = packet('10.96.0.42', 80);
const pod = packet('10.244.2.3', 8080);

/** "station action", with an arrow where the destination changes. */
function hops(lines: readonly string[]): Hop[] {
  return lines.map((line, i) => {
    const [station, action, arrow] = line.split(' ');
    return {
      atNs: i,
      durationNs: 1,
      place: { machine: 'node-1', netns: station === 'socket' ? 'cni-1' : station === 'wire' ? '' : 'host' },
      station: station as Hop['station'],
      name: 'x',
      action: action as Hop['action'],
      before: vip,
      after: arrow === '>' ? pod : vip,
    };
  });
}

describe('stagesOf', () => {
  it.each([
    [
      'rules or IPVS, across the wire',
      'socket send,device pass,chain dnat >,route lookup,hook pass,tunnel encapsulate,device send,wire cross,device pass,tunnel decapsulate,route lookup,bridge forward,socket deliver',
      'leave leave decide route judge cross cross cross cross cross route arrive arrive',
    ],
    [
      'a map at the socket',
      'socket translate >,socket send,device pass,route lookup,socket deliver',
      'decide leave leave route arrive',
    ],
    ['a program at the device', 'wire cross,device translate >,route lookup', 'cross decide route'],
    ['a known connection', 'socket send,conntrack dnat >,route lookup', 'leave decide route'],
    ['a refusal', 'socket send,route lookup,chain reject', 'leave route decide'],
    ['a dead end', 'socket send,route drop', 'leave route'],
    ['only masqueraded', 'route lookup,chain masquerade', 'route judge'],
  ])('%s', (_, lines, stages) => {
    expect(stagesOf(hops(lines.split(','))).join(' ')).toBe(stages);
  });
});

describe('chaptersOf', () => {
  const run = (mode: ModeRun['mode'], ...names: string[]): ModeRun => ({
    mode,
    request: null,
    node: '',
    holds: [],
    names: [],
    packets: names.map((name, id) => {
      const [role, label] = name.split(' ');
      return {
        id,
        role,
        label,
        bornNs: id,
        end: null,
        hops: [],
        rulesPassed: 0,
        there: { rulesPassed: 0, hooksNs: 0 },
      } as ComparePacket;
    }),
  });

  it('matches packets by what they are and how often that has been', () => {
    const chapters = chaptersOf([
      run('iptables', 'request SYN', 'reply SYNACK', 'request ACK', 'request GET', 'request ACK'),
      run('ipvs', 'request SYN', 'error ICMP'),
    ]);
    expect(
      chapters.map(({ label, packets }) => `${label} ${packets.map((one) => one?.id ?? '.').join(' ')}`),
    ).toEqual(['SYN 0 0', 'SYNACK 1 .', 'ACK 2 .', 'GET 3 .', 'ACK 4 .', 'ICMP . 1']);
  });
});
