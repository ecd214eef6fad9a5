/** Virtual servers as `ipvsadm -Ln` lists them (ipvsadm 1.31). */
import type { VirtualServer } from './ipvs';

function hostPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** `connections` counts active ones by virtual server and real server. */
export function printIpvs(
  servers: readonly VirtualServer[],
  connections: (server: VirtualServer, real: string) => number = () => 0,
): string[] {
  const lines = [
    'IP Virtual Server version 1.2.1 (size=4096)',
    'Prot LocalAddress:Port Scheduler Flags',
    '  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn',
  ];
  for (const server of servers) {
    const flags = server.persistentSeconds === undefined ? '' : ` persistent ${server.persistentSeconds}`;
    const at = hostPort(server.address, server.port);
    lines.push(`${server.protocol.toUpperCase().padEnd(4)} ${at} ${server.scheduler}${flags}`);
    for (const real of server.realServers) {
      const to = hostPort(real.address, real.port);
      const active = String(connections(server, to)).padEnd(10);
      lines.push(`  -> ${to.padEnd(28)} Masq    ${String(real.weight).padEnd(6)} ${active} 0`);
    }
  }
  return lines;
}
