/** Names that kube-proxy derives from service ports and endpoints (pkg/proxy/iptables, pkg/proxy/nftables). */
import { sha256Base32 } from '../../../lib/hash';

/** First 16 letters of base32(sha256(...)): 80 bits, so that chain names stay within iptables' 28 letters. */
const HASH_LETTERS = 16;

/** "default/web:http", or "default/web" for an unnamed port. */
export function servicePortName(namespace: string, name: string, portName: string): string {
  return portName === '' ? `${namespace}/${name}` : `${namespace}/${name}:${portName}`;
}

/** "10.0.0.1:80", "[fd00::1]:80". */
export function hostPort(ip: string, port: number): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

/** The hash of a service port, or of one endpoint of it. */
export function chainHash(name: string, protocol: string, endpoint = ''): string {
  return sha256Base32(name + protocol.toLowerCase() + endpoint).slice(0, HASH_LETTERS);
}

/** What a service port's hash is made of. */
export interface NamedPort {
  /** "default/web:http" */
  readonly name: string;
  readonly protocol: string;
}

export type ServiceChainKind = 'SVC' | 'SVL' | 'EXT' | 'FW';

export function serviceChain(kind: ServiceChainKind, port: NamedPort): string {
  return `KUBE-${kind}-${chainHash(port.name, port.protocol)}`;
}

export function endpointChain(port: NamedPort, endpoint: { readonly text: string }): string {
  return `KUBE-SEP-${chainHash(port.name, port.protocol, endpoint.text)}`;
}

/** True for the chains that come and go with service ports. */
export function isServiceChainName(chain: string): boolean {
  return /^KUBE-(SVC|SVL|EXT|FW|SEP)-/.test(chain);
}

/** Probability of one more of `n` endpoints left, as kube-proxy writes it. */
export function probabilityText(n: number): string {
  return (1 / n).toFixed(10);
}

/** Longest name that nftables mode gives; "endpoint-" and the like come before it. */
const NFT_NAME_LETTERS = 240;

/** "HASH8-namespace/service/protocol/port", with "__ip/port" for an endpoint; cut where nft would refuse the length. */
export function nftName(
  port: {
    readonly namespace: string;
    readonly service: string;
    readonly portName: string;
    readonly protocol: string;
  },
  endpoint?: { readonly ip: string; readonly port: number },
): string {
  const own = `${port.namespace}/${port.service}/${port.protocol.toLowerCase()}/${port.portName}`;
  const name = endpoint ? `${own}__${endpoint.ip.replaceAll(':', '.')}/${endpoint.port}` : own;
  const full = `${sha256Base32(name).slice(0, 8)}-${name}`;
  return full.length > NFT_NAME_LETTERS ? `${full.slice(0, NFT_NAME_LETTERS - 3)}...` : full;
}
