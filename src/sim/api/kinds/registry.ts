/** Which rules the API server has for which kind; a kind that is missing here is stored as given. */
import type { KindRules } from '../rules';
import { AUTOSCALER_RULES } from './autoscaling-rules';
import {
  CONFIGMAP_RULES,
  NAMESPACE_RULES,
  NODE_RULES,
  PERSISTENTVOLUME_RULES,
  SECRET_RULES,
  STORAGECLASS_RULES,
} from './cluster-rules';
import { ENDPOINTS_RULES, ENDPOINTSLICE_RULES } from './discovery-rules';
import { GATEWAY_RULES, GATEWAYCLASS_RULES, ROUTE_RULES } from './gateway-rules';
import { INGRESS_RULES, INGRESSCLASS_RULES, NETWORKPOLICY_RULES } from './networking-rules';
import { POD_RULES } from './pod-rules';
import { kindKey } from './resources';
import {
  BINDING_RULES,
  CRONJOB_RULES,
  PERSISTENTVOLUMECLAIM_RULES,
  REPLICATIONCONTROLLER_RULES,
} from './stored-rules';
import { SERVICE_RULES } from './service-rules';
import {
  DAEMONSET_RULES,
  DEPLOYMENT_RULES,
  JOB_RULES,
  REPLICASET_RULES,
  STATEFULSET_RULES,
} from './workload-rules';

// Each entry knows its own type; the lookup by kind is what makes it fit.
const RULES: Readonly<Record<string, unknown>> = {
  ConfigMap: CONFIGMAP_RULES,
  ClusterRoleBinding: BINDING_RULES,
  CronJob: CRONJOB_RULES,
  DaemonSet: DAEMONSET_RULES,
  Deployment: DEPLOYMENT_RULES,
  Endpoints: ENDPOINTS_RULES,
  EndpointSlice: ENDPOINTSLICE_RULES,
  Gateway: GATEWAY_RULES,
  GatewayClass: GATEWAYCLASS_RULES,
  GRPCRoute: ROUTE_RULES,
  HorizontalPodAutoscaler: AUTOSCALER_RULES,
  HTTPRoute: ROUTE_RULES,
  Ingress: INGRESS_RULES,
  IngressClass: INGRESSCLASS_RULES,
  Job: JOB_RULES,
  Namespace: NAMESPACE_RULES,
  NetworkPolicy: NETWORKPOLICY_RULES,
  Node: NODE_RULES,
  PersistentVolume: PERSISTENTVOLUME_RULES,
  PersistentVolumeClaim: PERSISTENTVOLUMECLAIM_RULES,
  Pod: POD_RULES,
  ReferenceGrant: ROUTE_RULES,
  ReplicaSet: REPLICASET_RULES,
  ReplicationController: REPLICATIONCONTROLLER_RULES,
  RoleBinding: BINDING_RULES,
  Secret: SECRET_RULES,
  Service: SERVICE_RULES,
  StatefulSet: STATEFULSET_RULES,
  StorageClass: STORAGECLASS_RULES,
  TLSRoute: ROUTE_RULES,
};

const NONE: KindRules = {};

/** The rules of a kind; none for kinds of other groups. */
export function rulesOf(kind: string, apiVersion: string): KindRules {
  return (RULES[kindKey(kind, apiVersion)] as KindRules | undefined) ?? NONE;
}
