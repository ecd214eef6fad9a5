/** What the coredns program reads of its plugins' settings, and how it logs. */
import { ipFamily } from '../../lib/ip';
import type { Ns } from '../clock/clock';
import { SECOND } from '../clock/clock';
import type { DnsMessage } from '../dns/message';
import type { ServerConfig } from '../dns/server';
import { messageBytes } from '../dns/wire-size';
import type { PeerAddress } from '../kernel/machine-api';

interface Settings {
  readonly args?: readonly string[];
  readonly block?: readonly { readonly name: string; readonly args: readonly string[] }[];
}

/** Settings of a plugin that some server block has, or null. */
export function pluginSettings(config: ServerConfig, plugin: string): Settings | null {
  const link = config.blocks.flatMap((block) => block.chain).find((entry) => entry.plugin === plugin);
  return link === undefined ? null : (link.config as Settings);
}

/** Port that a plugin serves HTTP on; null when it is not there. */
export function portOf(config: ServerConfig, plugin: string, otherwise: number): number | null {
  const settings = pluginSettings(config, plugin);
  if (settings === null) return null;
  return Number(settings.args?.[0]?.split(':').pop() ?? otherwise) || otherwise;
}

/** "192.0.2.53" or "192.0.2.53:5353" as address and port. */
export function splitPort(server: string): [string, number] {
  const match = /^\[(.+)\]:(\d+)$|^([\d.]+):(\d+)$/.exec(server);
  if (match === null) return [server.replace(/^\[|\]$/g, ''), 53];
  return [match[1] ?? match[3]!, Number(match[2] ?? match[4])];
}

/** A line of the log plugin in its common format. */
export function logLine(
  peer: PeerAddress,
  transport: 'udp' | 'tcp',
  query: DnsMessage,
  message: DnsMessage,
  tookNs: Ns,
): string {
  const { name, type } = query.question;
  const ip = ipFamily(peer.ip) === 6 ? `[${peer.ip}]` : peer.ip;
  const flags = [
    'qr',
    message.aa ? 'aa' : '',
    message.tc ? 'tc' : '',
    message.rd ? 'rd' : '',
    message.ra ? 'ra' : '',
  ];
  const took = (tookNs / SECOND).toFixed(9);
  const asked = `"${type} IN ${name} ${transport} ${messageBytes(query)} false ${query.ednsBytes ?? 512}"`;
  const said = `${message.rcode} ${flags.filter((flag) => flag !== '').join(',')} ${messageBytes(message)} ${took}s`;
  return `[INFO] ${ip}:${peer.port} - ${query.id} ${asked} ${said}`;
}
