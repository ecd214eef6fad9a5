/**
 * Fields and Go types of the built-in groups that few manifests use. Made by .ci/gen-schema.mjs from kubernetes-models 5.1.0 and @kubernetes-models/gateway-api 2.0.0; do not edit.
 * A line is type|package|fields. Codes: s string, b bool, i int32, l int64, f float, q quantity, t time, y base64, x int or string,
 * * anything, [T list, {T map of string, =Name the named string type in Go. See types.ts for the reader.
 */
export const RARE_TYPES = `
AWSElasticBlockStoreVolumeSource|v1|fsType:s partition:i readOnly:b volumeID:s
Affinity|v1|nodeAffinity:NodeAffinity podAffinity:PodAffinity podAntiAffinity:PodAntiAffinity
AggregationRule|v1|clusterRoleSelectors:[LabelSelector
AppArmorProfile|v1|localhostProfile:s type:s=AppArmorProfileType
AzureDiskVolumeSource|v1|cachingMode:s diskName:s diskURI:s fsType:s kind:s readOnly:b
AzureFileVolumeSource|v1|readOnly:b secretName:s shareName:s
CSIVolumeSource|v1|driver:s fsType:s nodePublishSecretRef:LocalObjectReference readOnly:b volumeAttributes:{s
Capabilities|v1|add:[s=Capability drop:[s=Capability
CephFSVolumeSource|v1|monitors:[s path:s readOnly:b secretFile:s secretRef:LocalObjectReference user:s
CinderVolumeSource|v1|fsType:s readOnly:b secretRef:LocalObjectReference volumeID:s
ClientIPConfig|v1|timeoutSeconds:i
ClusterTrustBundleProjection|v1|labelSelector:LabelSelector name:s optional:b path:s signerName:s
ConfigMapEnvSource|v1|name:s optional:b
ConfigMapKeySelector|v1|key:s name:s optional:b
ConfigMapNodeConfigSource|v1|kubeletConfigKey:s name:s namespace:s resourceVersion:s uid:s
ConfigMapProjection|v1|items:[KeyToPath name:s optional:b
ContainerResizePolicy|v1|resourceName:s=ResourceName restartPolicy:s=ResourceResizeRestartPolicy
ContainerResourceMetricSource|v2|container:s name:s target:MetricTarget
ContainerRestartRuleOnExitCodes|v1|operator:s values:[i
ContainerRestartRule|v1|action:s exitCodes:ContainerRestartRuleOnExitCodes
CronJobSpec|v1|concurrencyPolicy:s=ConcurrencyPolicy failedJobsHistoryLimit:i jobTemplate:JobTemplateSpec schedule:s startingDeadlineSeconds:l successfulJobsHistoryLimit:i suspend:b timeZone:s
CrossVersionObjectReference|v2|apiVersion:s kind:s name:s
DaemonSetSpec|v1|minReadySeconds:i revisionHistoryLimit:i selector:LabelSelector template:PodTemplateSpec updateStrategy:DaemonSetUpdateStrategy
DaemonSetUpdateStrategy|v1|rollingUpdate:RollingUpdateDaemonSet type:s=DaemonSetUpdateStrategyType
DownwardAPIProjection|v1|items:[DownwardAPIVolumeFile
DownwardAPIVolumeFile|v1|fieldRef:ObjectFieldSelector mode:i path:s resourceFieldRef:ResourceFieldSelector
DownwardAPIVolumeSource|v1|defaultMode:i items:[DownwardAPIVolumeFile
EndpointAddress|v1|hostname:s ip:s nodeName:s targetRef:ObjectReference
EndpointHints|v1|forNodes:[ForNode forZones:[ForZone
EndpointPort|v1|appProtocol:s name:s port:i protocol:s=Protocol
EndpointSubset|v1|addresses:[EndpointAddress notReadyAddresses:[EndpointAddress ports:[EndpointPort
EnvFromSource|v1|configMapRef:ConfigMapEnvSource prefix:s secretRef:SecretEnvSource
EphemeralContainer|v1|args:[s command:[s env:[EnvVar envFrom:[EnvFromSource image:s imagePullPolicy:s lifecycle:Lifecycle livenessProbe:Probe name:s ports:[ContainerPort readinessProbe:Probe resizePolicy:[ContainerResizePolicy resources:ResourceRequirements restartPolicy:s restartPolicyRules:[ContainerRestartRule securityContext:SecurityContext startupProbe:Probe stdin:b stdinOnce:b targetContainerName:s terminationMessagePath:s terminationMessagePolicy:s tty:b volumeDevices:[VolumeDevice volumeMounts:[VolumeMount workingDir:s
EphemeralVolumeSource|v1|volumeClaimTemplate:PersistentVolumeClaimTemplate
ExternalMetricSource|v2|metric:MetricIdentifier target:MetricTarget
FCVolumeSource|v1|fsType:s lun:i readOnly:b targetWWNs:[s wwids:[s
FileKeySelector|v1|key:s optional:b path:s volumeName:s
FlexVolumeSource|v1|driver:s fsType:s options:{s readOnly:b secretRef:LocalObjectReference
FlockerVolumeSource|v1|datasetName:s datasetUUID:s
ForNode|v1|name:s
ForZone|v1|name:s
GCEPersistentDiskVolumeSource|v1|fsType:s partition:i pdName:s readOnly:b
GRPCAction|v1|port:i service:s
GitRepoVolumeSource|v1|directory:s repository:s revision:s
GlusterfsVolumeSource|v1|endpoints:s path:s readOnly:b
HPAScalingPolicy|v2|periodSeconds:i type:s value:i
HPAScalingRules|v2|policies:[HPAScalingPolicy selectPolicy:s stabilizationWindowSeconds:i tolerance:q
HTTPIngressPath|v1|backend:IngressBackend path:s pathType:s=PathType
HTTPIngressRuleValue|v1|paths:[HTTPIngressPath
HorizontalPodAutoscalerBehavior|v2|scaleDown:HPAScalingRules scaleUp:HPAScalingRules
HorizontalPodAutoscalerSpec|v2|behavior:HorizontalPodAutoscalerBehavior maxReplicas:i metrics:[MetricSpec minReplicas:i scaleTargetRef:CrossVersionObjectReference
HostAlias|v1|hostnames:[s ip:s
HostPathVolumeSource|v1|path:s type:s=HostPathType
ISCSIVolumeSource|v1|chapAuthDiscovery:b chapAuthSession:b fsType:s initiatorName:s iqn:s iscsiInterface:s lun:i portals:[s readOnly:b secretRef:LocalObjectReference targetPortal:s
ImageVolumeSource|v1|pullPolicy:s reference:s
IngressBackend|v1|resource:TypedLocalObjectReference service:IngressServiceBackend
IngressClassParametersReference|v1|apiGroup:s kind:s name:s namespace:s scope:s
IngressClassSpec|v1|controller:s parameters:IngressClassParametersReference
IngressRule|v1|host:s http:HTTPIngressRuleValue
IngressServiceBackend|v1|name:s port:ServiceBackendPort
IngressSpec|v1|defaultBackend:IngressBackend ingressClassName:s rules:[IngressRule tls:[IngressTLS
IngressTLS|v1|hosts:[s secretName:s
JobSpec|v1|activeDeadlineSeconds:l backoffLimit:i backoffLimitPerIndex:i completionMode:s=CompletionMode completions:i managedBy:s manualSelector:b maxFailedIndexes:i parallelism:i podFailurePolicy:PodFailurePolicy podReplacementPolicy:s=PodReplacementPolicy selector:LabelSelector successPolicy:SuccessPolicy suspend:b template:PodTemplateSpec ttlSecondsAfterFinished:i
LifecycleHandler|v1|exec:ExecAction httpGet:HTTPGetAction sleep:SleepAction tcpSocket:TCPSocketAction
Lifecycle|v1|postStart:LifecycleHandler preStop:LifecycleHandler stopSignal:s
LocalObjectReference|v1|name:s
ManagedFieldsEntry|v1|apiVersion:s fieldsType:s fieldsV1:* manager:s operation:s subresource:s time:t
MetricIdentifier|v2|name:s selector:LabelSelector
MetricSpec|v2|containerResource:ContainerResourceMetricSource external:ExternalMetricSource object:ObjectMetricSource pods:PodsMetricSource resource:ResourceMetricSource type:s
MetricTarget|v2|averageUtilization:i averageValue:q type:s value:q
ModifyVolumeStatus|v1|status:s targetVolumeAttributesClassName:s
NFSVolumeSource|v1|path:s readOnly:b server:s
NamespaceSpec|v1|finalizers:[s=FinalizerName
NodeAffinity|v1|preferredDuringSchedulingIgnoredDuringExecution:[PreferredSchedulingTerm requiredDuringSchedulingIgnoredDuringExecution:NodeSelector
NodeConfigSource|v1|configMap:ConfigMapNodeConfigSource
NodeSelectorRequirement|v1|key:s operator:s=NodeSelectorOperator values:[s
NodeSelectorTerm|v1|matchExpressions:[NodeSelectorRequirement matchFields:[NodeSelectorRequirement
NodeSelector|v1|nodeSelectorTerms:[NodeSelectorTerm
ObjectMetricSource|v2|describedObject:CrossVersionObjectReference metric:MetricIdentifier target:MetricTarget
ObjectReference|v1|apiVersion:s fieldPath:s kind:s name:s namespace:s resourceVersion:s uid:s
PersistentVolumeClaimCondition|v1|lastProbeTime:t lastTransitionTime:t message:s reason:s status:s type:s
PersistentVolumeClaimSpec|v1|accessModes:[s=PersistentVolumeAccessMode dataSource:TypedLocalObjectReference dataSourceRef:TypedObjectReference resources:VolumeResourceRequirements selector:LabelSelector storageClassName:s volumeAttributesClassName:s volumeMode:s=PersistentVolumeMode volumeName:s
PersistentVolumeClaimStatus|v1|accessModes:[s allocatedResourceStatuses:{s allocatedResources:{q capacity:{q conditions:[PersistentVolumeClaimCondition currentVolumeAttributesClassName:s modifyVolumeStatus:ModifyVolumeStatus phase:s
PersistentVolumeClaimVolumeSource|v1|claimName:s readOnly:b
PhotonPersistentDiskVolumeSource|v1|fsType:s pdID:s
PodAffinityTerm|v1|labelSelector:LabelSelector matchLabelKeys:[s mismatchLabelKeys:[s namespaceSelector:LabelSelector namespaces:[s topologyKey:s
PodAffinity|v1|preferredDuringSchedulingIgnoredDuringExecution:[WeightedPodAffinityTerm requiredDuringSchedulingIgnoredDuringExecution:[PodAffinityTerm
PodAntiAffinity|v1|preferredDuringSchedulingIgnoredDuringExecution:[WeightedPodAffinityTerm requiredDuringSchedulingIgnoredDuringExecution:[PodAffinityTerm
PodCertificateProjection|v1|certificateChainPath:s credentialBundlePath:s keyPath:s keyType:s maxExpirationSeconds:i signerName:s userAnnotations:{s
PodDNSConfigOption|v1|name:s value:s
PodDNSConfig|v1|nameservers:[s options:[PodDNSConfigOption searches:[s
PodDisruptionBudgetSpec|v1|maxUnavailable:x minAvailable:x selector:LabelSelector unhealthyPodEvictionPolicy:s
PodFailurePolicyOnExitCodesRequirement|v1|containerName:s operator:s values:[i
PodFailurePolicyOnPodConditionsPattern|v1|status:s type:s
PodFailurePolicyRule|v1|action:s onExitCodes:PodFailurePolicyOnExitCodesRequirement onPodConditions:[PodFailurePolicyOnPodConditionsPattern
PodFailurePolicy|v1|rules:[PodFailurePolicyRule
PodOS|v1|name:s=OSName
PodReadinessGate|v1|conditionType:s=PodConditionType
PodResourceClaim|v1|name:s resourceClaimName:s resourceClaimTemplateName:s
PodSchedulingGate|v1|name:s
PodSchedulingGroup|v1|podGroupName:s
PodsMetricSource|v2|metric:MetricIdentifier target:MetricTarget
PolicyRule|v1|apiGroups:[s nonResourceURLs:[s resourceNames:[s resources:[s verbs:[s
PortworxVolumeSource|v1|fsType:s readOnly:b volumeID:s
PreferredSchedulingTerm|v1|preference:NodeSelectorTerm weight:i
ProjectedVolumeSource|v1|defaultMode:i sources:[VolumeProjection
QuobyteVolumeSource|v1|group:s readOnly:b registry:s tenant:s user:s volume:s
RBDVolumeSource|v1|fsType:s image:s keyring:s monitors:[s pool:s readOnly:b secretRef:LocalObjectReference user:s
ResourceClaim|v1|name:s request:s
ResourceFieldSelector|v1|containerName:s divisor:q resource:s
ResourceMetricSource|v2|name:s target:MetricTarget
RoleRef|v1|apiGroup:s kind:s name:s
RollingUpdateDaemonSet|v1|maxSurge:x maxUnavailable:x
RollingUpdateStatefulSetStrategy|v1|maxUnavailable:x partition:i
SELinuxOptions|v1|level:s role:s type:s user:s
ScaleIOVolumeSource|v1|fsType:s gateway:s protectionDomain:s readOnly:b secretRef:LocalObjectReference sslEnabled:b storageMode:s storagePool:s system:s volumeName:s
SeccompProfile|v1|localhostProfile:s type:s=SeccompProfileType
SecretEnvSource|v1|name:s optional:b
SecretKeySelector|v1|key:s name:s optional:b
SecretProjection|v1|items:[KeyToPath name:s optional:b
SecretVolumeSource|v1|defaultMode:i items:[KeyToPath optional:b secretName:s
ServiceAccountTokenProjection|v1|audience:s expirationSeconds:l path:s
ServiceBackendPort|v1|name:s number:i
SessionAffinityConfig|v1|clientIP:ClientIPConfig
SleepAction|v1|seconds:l
StatefulSetOrdinals|v1|start:i
StatefulSetPersistentVolumeClaimRetentionPolicy|v1|whenDeleted:s whenScaled:s
StatefulSetSpec|v1|minReadySeconds:i ordinals:StatefulSetOrdinals persistentVolumeClaimRetentionPolicy:StatefulSetPersistentVolumeClaimRetentionPolicy podManagementPolicy:s=PodManagementPolicyType replicas:i revisionHistoryLimit:i selector:LabelSelector serviceName:s template:PodTemplateSpec updateStrategy:StatefulSetUpdateStrategy volumeClaimTemplates:[G1
StatefulSetUpdateStrategy|v1|rollingUpdate:RollingUpdateStatefulSetStrategy type:s=StatefulSetUpdateStrategyType
StorageOSVolumeSource|v1|fsType:s readOnly:b secretRef:LocalObjectReference volumeName:s volumeNamespace:s
Subject|v1|apiGroup:s kind:s name:s namespace:s
SuccessPolicyRule|v1|succeededCount:i succeededIndexes:s
SuccessPolicy|v1|rules:[SuccessPolicyRule
Sysctl|v1|name:s value:s
Taint|v1|effect:s=TaintEffect key:s timeAdded:t value:s
TopologySpreadConstraint|v1|labelSelector:LabelSelector matchLabelKeys:[s maxSkew:i minDomains:i nodeAffinityPolicy:s=NodeInclusionPolicy nodeTaintsPolicy:s=NodeInclusionPolicy topologyKey:s whenUnsatisfiable:s=UnsatisfiableConstraintAction
TypedLocalObjectReference|v1|apiGroup:s kind:s name:s
TypedObjectReference|v1|apiGroup:s kind:s name:s namespace:s
VolumeDevice|v1|devicePath:s name:s
VolumeProjection|v1|clusterTrustBundle:ClusterTrustBundleProjection configMap:ConfigMapProjection downwardAPI:DownwardAPIProjection podCertificate:PodCertificateProjection secret:SecretProjection serviceAccountToken:ServiceAccountTokenProjection
VolumeResourceRequirements|v1|limits:{q=ResourceList requests:{q=ResourceList
VsphereVirtualDiskVolumeSource|v1|fsType:s storagePolicyID:s storagePolicyName:s volumePath:s
WeightedPodAffinityTerm|v1|podAffinityTerm:PodAffinityTerm weight:i
WindowsSecurityContextOptions|v1|gmsaCredentialSpec:s gmsaCredentialSpecName:s hostProcess:b runAsUserName:s
`;
