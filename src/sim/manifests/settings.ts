/**
 * Reads the documents of a workspace that configure the cluster's own parts: kube-proxy's configuration file, and our
 * ClusterSettings for what it cannot say. Fields, defaults and complaints of the former as in
 * pkg/proxy/apis/config (v1alpha1 defaults, validation).
 *
 * ClusterSettings is our own (`apiVersion: hopyard.dev/v1, kind: ClusterSettings, spec: {proxyMode: ebpf, loadBalancer:
 * cloud}`): with `ebpf` kube-proxy is replaced as Cilium does it; every other mode is one of kube-proxy's.
 */
import { parsePrefix } from '../../lib/ip';
import { canonicalJson } from '../../lib/plain';
import { MS, SECOND, type Ns } from '../clock/clock';
import type { ApiObject } from '../api/object';
import type { ManifestObject } from './parse';
import type { ApplyRow, Diagnostic } from './result';
import { CLUSTER_API_VERSION, PROXY_API_VERSION, PROXY_KIND } from './settings-kinds';

export type ProxyModeName = 'iptables' | 'ipvs' | 'nftables' | 'ebpf';

/** What of kube-proxy's configuration changes anything here. */
export interface ProxySettings {
  readonly mode: ProxyModeName;
  readonly masqueradeAll: boolean;
  readonly masqueradeBit: number;
  readonly localhostNodePorts: boolean;
  /** Null: the mode's default. */
  readonly minSyncPeriodNs: Ns | null;
  readonly syncPeriodNs: Ns | null;
  readonly ipvsScheduler: string;
  /** CIDRs, or "primary"; null: the mode's default. */
  readonly nodePortAddresses: readonly string[] | null;
  /** Null: what the cluster has. */
  readonly clusterCidrs: readonly string[] | null;
}

export interface WorkspaceSettings {
  readonly proxy: ProxySettings | null;
  readonly loadBalancer: string | null;
}

export const DEFAULT_PROXY: ProxySettings = {
  mode: 'iptables',
  masqueradeAll: false,
  masqueradeBit: 14,
  localhostNodePorts: true,
  minSyncPeriodNs: null,
  syncPeriodNs: null,
  ipvsScheduler: '',
  nodePortAddresses: null,
  clusterCidrs: null,
};

export interface SettingsRead {
  readonly settings: WorkspaceSettings | null;
  readonly rows: readonly ApplyRow[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads them all; a document with a mistake leaves `before` in force. */
export function readSettings(
  items: readonly ManifestObject[],
  before: WorkspaceSettings | null,
): SettingsRead {
  const rows: ApplyRow[] = [];
  const diagnostics: Diagnostic[] = [];
  let settings: WorkspaceSettings = { proxy: null, loadBalancer: null };
  for (const item of items) {
    const reader = new Reader(item);
    const read = item.object.kind === PROXY_KIND ? readProxy(reader) : readCluster(reader, settings.proxy);
    const errors = reader.diagnostics.filter(({ severity }) => severity === 'error');
    diagnostics.push(...reader.diagnostics);
    const name = item.object.kind.toLowerCase();
    const wrong = errors[0];
    if (wrong !== undefined) settings = { ...settings, ...(before ?? {}) };
    else
      settings = {
        proxy: read.proxy ?? settings.proxy,
        loadBalancer: read.loadBalancer ?? settings.loadBalancer,
      };
    const same = before !== null && isIn(read, before);
    const result = wrong !== undefined ? 'invalid' : same ? 'unchanged' : 'configured';
    rows.push({ name, ref: item.ref, result, ...(wrong && { message: wrong.message }) });
  }
  return { settings: items.length === 0 ? null : settings, rows, diagnostics };
}

function isIn(read: WorkspaceSettings, before: WorkspaceSettings): boolean {
  const proxy = read.proxy === null || canonicalJson(read.proxy) === canonicalJson(before.proxy);
  return proxy && (read.loadBalancer === null || read.loadBalancer === before.loadBalancer);
}

const KUBE_PROXY_MODES = ['iptables', 'ipvs', 'nftables'];
const SCHEDULERS = ['', 'rr', 'wrr', 'lc', 'wlc', 'sed', 'nq', 'dh', 'sh'];
const PROXY_FIELDS = new Set(
  (
    'apiVersion kind metadata featureGates clientConnection logging hostnameOverride bindAddress healthzBindAddress ' +
    'metricsBindAddress bindAddressHardFail enableProfiling showHiddenMetricsForVersion mode iptables ipvs nftables ' +
    'winkernel detectLocalMode detectLocal clusterCIDR nodePortAddresses oomScoreAdj conntrack configSyncPeriod portRange ' +
    'windowsRunAsService'
  ).split(' '),
);

function readProxy(reader: Reader): WorkspaceSettings {
  const { object } = reader;
  reader.version(PROXY_API_VERSION);
  for (const field of Object.keys(object))
    if (!PROXY_FIELDS.has(field)) reader.warn(field, `strict decoding error: unknown field "${field}"`);
  const mode = reader.text('mode') || 'iptables';
  if (!KUBE_PROXY_MODES.includes(mode)) {
    const blank = 'blank (blank means the best-available proxy [currently iptables])';
    reader.invalid('mode', 'Mode', mode, `must be ${KUBE_PROXY_MODES.join(',')} or ${blank}`);
  }
  const part = KUBE_PROXY_MODES.includes(mode) ? mode : 'iptables';
  const owner = part === 'nftables' ? 'nftables' : 'iptables';
  const masqueradeBit = reader.number(`${owner}.masqueradeBit`) ?? 14;
  if (masqueradeBit < 0 || masqueradeBit > 31)
    reader.invalid(
      `${owner}.masqueradeBit`,
      `${owner === 'nftables' ? 'NFTables' : 'IPTables'}.MasqueradeBit`,
      masqueradeBit,
      'must be within the range [0, 31]',
    );
  const scheduler = reader.text('ipvs.scheduler');
  if (!SCHEDULERS.includes(scheduler))
    reader.warn('ipvs.scheduler', `IPVS scheduler "${scheduler}" is not simulated; rr is used`);
  const proxy: ProxySettings = {
    mode: part as ProxyModeName,
    masqueradeAll: reader.flag(`${owner}.masqueradeAll`) ?? false,
    masqueradeBit,
    localhostNodePorts: reader.flag('iptables.localhostNodePorts') ?? true,
    minSyncPeriodNs: reader.duration(`${part}.minSyncPeriod`),
    syncPeriodNs: reader.duration(`${part}.syncPeriod`) || null,
    ipvsScheduler: SCHEDULERS.includes(scheduler) ? scheduler : '',
    nodePortAddresses: readNodePortAddresses(reader),
    clusterCidrs: readClusterCidrs(reader),
  };
  return { proxy, loadBalancer: null };
}

function readNodePortAddresses(reader: Reader): readonly string[] | null {
  const given = reader.at('nodePortAddresses');
  if (!Array.isArray(given) || given.length === 0) return null;
  given.forEach((cidr, i) => {
    if (cidr === 'primary' && given.length > 1)
      reader.invalid(
        'nodePortAddresses',
        'NodePortAddresses',
        cidr,
        'when you specify "primary", it should be the only value',
      );
    else if (cidr !== 'primary' && !isCidr(cidr))
      reader.invalid(`nodePortAddresses[${i}]`, `NodePortAddresses[${i}]`, cidr, 'must be a valid CIDR');
  });
  return given.map(String);
}

function readClusterCidrs(reader: Reader): readonly string[] | null {
  const text = reader.text('clusterCIDR');
  if (text === '') return null;
  const cidrs = text.split(',');
  if (!cidrs.every(isCidr))
    reader.invalid(
      'clusterCIDR',
      'ClusterCIDR',
      text,
      'must be a valid CIDR block (e.g. 10.100.0.0/16 or fde4:8dba:82e1::/48)',
    );
  return cidrs;
}

function isCidr(text: unknown): boolean {
  return typeof text === 'string' && text.includes('/') && parsePrefix(text) !== null;
}

const LOAD_BALANCERS = ['none', 'cloud', 'metallb-l2', 'metallb-bgp'];

function readCluster(reader: Reader, given: ProxySettings | null): WorkspaceSettings {
  reader.version(CLUSTER_API_VERSION);
  const mode = reader.text('spec.proxyMode');
  const modes = [...KUBE_PROXY_MODES, 'ebpf'];
  if (mode !== '' && !modes.includes(mode)) reader.unsupported('spec.proxyMode', mode, modes);
  const loadBalancer = reader.text('spec.loadBalancer');
  if (loadBalancer !== '' && !LOAD_BALANCERS.includes(loadBalancer))
    reader.unsupported('spec.loadBalancer', loadBalancer, LOAD_BALANCERS);
  return {
    proxy: mode === '' ? null : { ...(given ?? DEFAULT_PROXY), mode: mode as ProxyModeName },
    loadBalancer: loadBalancer === '' ? null : loadBalancer,
  };
}

/** Fields of one document by path, with complaints at their places. */
class Reader {
  readonly diagnostics: Diagnostic[] = [];

  constructor(private readonly item: ManifestObject) {}

  get object(): ApiObject {
    return this.item.object;
  }

  at(path: string): unknown {
    let value: unknown = this.object;
    for (const step of path.split('.'))
      value =
        typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[step] : undefined;
    return value ?? undefined;
  }

  text(path: string): string {
    const value = this.at(path);
    if (value !== undefined && typeof value !== 'string') this.wrongType(path, value, 'string');
    return typeof value === 'string' ? value : '';
  }

  flag(path: string): boolean | null {
    const value = this.at(path);
    if (value !== undefined && typeof value !== 'boolean') this.wrongType(path, value, 'bool');
    return typeof value === 'boolean' ? value : null;
  }

  number(path: string): number | null {
    const value = this.at(path);
    if (value !== undefined && typeof value !== 'number') this.wrongType(path, value, 'int32');
    return typeof value === 'number' ? value : null;
  }

  /** Go's notation: "1s", "500ms", "1m30s". */
  duration(path: string): Ns | null {
    const value = this.text(path);
    if (value === '') return null;
    if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$|^0$/.test(value)) {
      this.error(path, `time: invalid duration "${value}"`);
      return null;
    }
    const units: Readonly<Record<string, Ns>> = { ms: MS, s: SECOND, m: 60 * SECOND, h: 3600 * SECOND };
    const parts = [...value.matchAll(/([\d.]+)(ms|s|m|h)/g)];
    return Math.round(parts.reduce((sum, [, count, unit]) => sum + Number(count) * units[unit!]!, 0));
  }

  version(wanted: string): void {
    const { apiVersion, kind } = this.object;
    if (apiVersion !== wanted)
      this.error('apiVersion', `no kind "${kind}" is registered for version "${apiVersion}"`);
  }

  invalid(path: string, field: string, value: unknown, why: string): void {
    this.error(path, `KubeProxyConfiguration.${field}: Invalid value: ${JSON.stringify(value)}: ${why}`);
  }

  unsupported(path: string, value: string, known: readonly string[]): void {
    const list = known.map((word) => `"${word}"`).join(', ');
    this.error(path, `${path}: Unsupported value: "${value}": supported values: ${list}`);
  }

  warn(path: string, message: string): void {
    this.add('warning', path, message);
  }

  private wrongType(path: string, value: unknown, wanted: string): void {
    const is = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
    this.error(
      path,
      `json: cannot unmarshal ${is} into Go struct field ${this.object.kind}.${path} of type ${wanted}`,
    );
  }

  private error(path: string, message: string): void {
    this.add('error', path, message);
  }

  private add(severity: 'error' | 'warning', path: string, message: string): void {
    const { ref } = this.item;
    this.diagnostics.push({ severity, range: this.item.rangeOf(path), message, ref });
  }
}
