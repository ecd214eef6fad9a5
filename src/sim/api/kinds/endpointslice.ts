/** EndpointSlice and Endpoints: who stands behind a Service. Ruled by discovery/v1 (KEP-752, KEP-1672, KEP-2433). */
import type { ApiObject } from '../object';
import type { ObjectReference, Protocol } from './meta';

export interface EndpointConditions {
  /** Absent means ready. Never true while terminating, except with publishNotReadyAddresses. */
  readonly ready?: boolean;
  readonly serving?: boolean;
  readonly terminating?: boolean;
}

export interface Endpoint {
  readonly addresses: readonly string[];
  readonly conditions?: EndpointConditions;
  readonly hostname?: string;
  readonly targetRef?: ObjectReference;
  readonly nodeName?: string;
  readonly zone?: string;
  readonly hints?: {
    readonly forZones?: readonly { readonly name: string }[];
    readonly forNodes?: readonly { readonly name: string }[];
  };
  readonly deprecatedTopology?: Readonly<Record<string, string>>;
}

export interface EndpointPort {
  readonly name?: string;
  readonly protocol?: Protocol;
  /** Absent means all ports. */
  readonly port?: number | null;
  readonly appProtocol?: string;
}

/** Label by which a slice names its Service. */
export const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';

export interface EndpointSlice extends ApiObject {
  readonly apiVersion: 'discovery.k8s.io/v1';
  readonly kind: 'EndpointSlice';
  readonly addressType: 'IPv4' | 'IPv6' | 'FQDN';
  readonly endpoints: readonly Endpoint[];
  readonly ports?: readonly EndpointPort[];
}

export interface EndpointAddress {
  readonly ip: string;
  readonly hostname?: string;
  readonly nodeName?: string;
  readonly targetRef?: ObjectReference;
}

/** Endpoints (v1), the older form; deprecated since 1.33 and still written for every Service with a selector. */
export interface Endpoints extends ApiObject {
  readonly apiVersion: 'v1';
  readonly kind: 'Endpoints';
  readonly subsets?: readonly {
    readonly addresses?: readonly EndpointAddress[];
    readonly notReadyAddresses?: readonly EndpointAddress[];
    readonly ports?: readonly {
      readonly name?: string;
      readonly port: number;
      readonly protocol?: Protocol;
      readonly appProtocol?: string;
    }[];
  }[];
}
