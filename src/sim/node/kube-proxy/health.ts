/** Health check node ports of LoadBalancer Services with Local policy (pkg/proxy/healthcheck/service_health.go). */
import type { ServicePortState } from './service-ports';

export interface HealthAnswer {
  readonly status: 200 | 503;
  readonly body: {
    readonly service: { readonly namespace: string; readonly name: string };
    readonly localEndpoints: number;
    readonly serviceProxyHealthy: boolean;
  };
  /** X-Load-Balancing-Endpoint-Weight */
  readonly weight: number;
}

/** Ports that the proxy listens on, each with its answer. */
export function healthCheckAnswers(
  ports: readonly ServicePortState[],
  proxyHealthy: boolean,
): ReadonlyMap<number, HealthAnswer> {
  const ips = new Map<number, Set<string>>();
  const names = new Map<number, { namespace: string; name: string }>();
  for (const { info, endpoints } of ports) {
    if (info.healthCheckNodePort === 0) continue;
    const known = ips.get(info.healthCheckNodePort) ?? new Set<string>();
    // Terminating endpoints still get traffic but do not count: the balancer shall look elsewhere.
    for (const endpoint of endpoints) if (endpoint.local && endpoint.ready) known.add(endpoint.ip);
    ips.set(info.healthCheckNodePort, known);
    names.set(info.healthCheckNodePort, { namespace: info.namespace, name: info.service });
  }
  const answers = new Map<number, HealthAnswer>();
  for (const [port, known] of ips) {
    const healthy = known.size > 0 && proxyHealthy;
    const body = { service: names.get(port)!, localEndpoints: known.size, serviceProxyHealthy: proxyHealthy };
    answers.set(port, { status: healthy ? 200 : 503, body, weight: known.size });
  }
  return answers;
}
