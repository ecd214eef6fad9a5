/** Virtual servers as `ipvsadm -Ln` lists them (ipvsadm 1.31). */
import type { RealServer, VirtualServer } from './ipvs';
import type { Load } from './schedulers';

function hostPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** `load` counts the connections of a real server. */
export function printIpvs(
  servers: readonly VirtualServer[],
  load: (server: VirtualServer, real: RealServer) => Load = () => ({ active: 0, inactive: 0 }),
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
      const { active, inactive } = load(server, real);
      lines.push(
        `  -> ${to.padEnd(28)} Masq    ${String(real.weight).padEnd(6)} ${String(active).padEnd(10)} ${inactive}`,
      );
    }
  }
  return lines;
}
