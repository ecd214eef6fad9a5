/**
 * Fields and Go types of the built-in groups. Made by .ci/gen-schema.mjs from kubernetes-models 5.1.0 and @kubernetes-models/gateway-api 2.0.0; do not edit.
 * A line is type|package|fields. Codes: s string, b bool, i int32, l int64, f float, q quantity, t time, y base64, x int or string,
 * * anything, [T list, {T map of string, =Name the named string type in Go. See types.ts for the reader.
 */
export const CORE_TYPES = `
AWSElasticBlockStoreVolumeSource|v1|fsType:s partition:i readOnly:b volumeID:s
Affinity|v1|nodeAffinity:NodeAffinity podAffinity:PodAffinity podAntiAffinity:PodAntiAffinity
AggregationRule|v1|clusterRoleSelectors:[LabelSelector
AppArmorProfile|v1|localhostProfile:s type:s
AzureDiskVolumeSource|v1|cachingMode:s diskName:s diskURI:s fsType:s kind:s readOnly:b
AzureFileVolumeSource|v1|readOnly:b secretName:s shareName:s
CSIVolumeSource|v1|driver:s fsType:s nodePublishSecretRef:LocalObjectReference readOnly:b volumeAttributes:{s
Capabilities|v1|add:[s drop:[s
CephFSVolumeSource|v1|monitors:[s path:s readOnly:b secretFile:s secretRef:LocalObjectReference user:s
CinderVolumeSource|v1|fsType:s readOnly:b secretRef:LocalObjectReference volumeID:s
ClientIPConfig|v1|timeoutSeconds:i
ClusterRoleBinding|v1|metadata:ObjectMeta roleRef:RoleRef subjects:[Subject
ClusterRole|v1|aggregationRule:AggregationRule metadata:ObjectMeta rules:[PolicyRule
ClusterTrustBundleProjection|v1|labelSelector:LabelSelector name:s optional:b path:s signerName:s
ConfigMapEnvSource|v1|name:s optional:b
ConfigMapKeySelector|v1|key:s name:s optional:b
ConfigMapNodeConfigSource|v1|kubeletConfigKey:s name:s namespace:s resourceVersion:s uid:s
ConfigMapProjection|v1|items:[KeyToPath name:s optional:b
ConfigMapVolumeSource|v1|defaultMode:i items:[KeyToPath name:s optional:b
ConfigMap|v1|binaryData:{y data:{s immutable:b metadata:ObjectMeta
ContainerPort|v1|containerPort:i hostIP:s hostPort:i name:s protocol:s=Protocol
ContainerResizePolicy|v1|resourceName:s restartPolicy:s
ContainerResourceMetricSource|v2|container:s name:s target:MetricTarget
ContainerRestartRuleOnExitCodes|v1|operator:s values:[i
ContainerRestartRule|v1|action:s exitCodes:ContainerRestartRuleOnExitCodes
Container|v1|args:[s command:[s env:[EnvVar envFrom:[EnvFromSource image:s imagePullPolicy:s=PullPolicy lifecycle:Lifecycle livenessProbe:Probe name:s ports:[ContainerPort readinessProbe:Probe resizePolicy:[ContainerResizePolicy resources:ResourceRequirements restartPolicy:s restartPolicyRules:[ContainerRestartRule securityContext:SecurityContext startupProbe:Probe stdin:b stdinOnce:b terminationMessagePath:s terminationMessagePolicy:s=TerminationMessagePolicy tty:b volumeDevices:[VolumeDevice volumeMounts:[VolumeMount workingDir:s
CronJobSpec|v1|concurrencyPolicy:s failedJobsHistoryLimit:i jobTemplate:JobTemplateSpec schedule:s startingDeadlineSeconds:l successfulJobsHistoryLimit:i suspend:b timeZone:s
CronJob|v1|metadata:ObjectMeta spec:CronJobSpec
CrossVersionObjectReference|v2|apiVersion:s kind:s name:s
DaemonSetSpec|v1|minReadySeconds:i revisionHistoryLimit:i selector:LabelSelector template:PodTemplateSpec updateStrategy:DaemonSetUpdateStrategy
DaemonSetUpdateStrategy|v1|rollingUpdate:RollingUpdateDaemonSet type:s=DaemonSetUpdateStrategyType
DaemonSet|v1|metadata:ObjectMeta spec:DaemonSetSpec
DeploymentSpec|v1|minReadySeconds:i paused:b progressDeadlineSeconds:i replicas:i revisionHistoryLimit:i selector:LabelSelector strategy:DeploymentStrategy template:PodTemplateSpec
DeploymentStrategy|v1|rollingUpdate:RollingUpdateDeployment type:s=DeploymentStrategyType
Deployment|v1|metadata:ObjectMeta spec:DeploymentSpec
DownwardAPIProjection|v1|items:[DownwardAPIVolumeFile
DownwardAPIVolumeFile|v1|fieldRef:ObjectFieldSelector mode:i path:s resourceFieldRef:ResourceFieldSelector
DownwardAPIVolumeSource|v1|defaultMode:i items:[DownwardAPIVolumeFile
EmptyDirVolumeSource|v1|medium:s sizeLimit:q
EndpointAddress|v1|hostname:s ip:s nodeName:s targetRef:ObjectReference
EndpointConditions|v1|ready:b serving:b terminating:b
EndpointHints|v1|forNodes:[ForNode forZones:[ForZone
EndpointPort_|v1|appProtocol:s name:s port:i protocol:s=Protocol
EndpointPort|v1|appProtocol:s name:s port:i protocol:s=Protocol
EndpointSlice|v1|addressType:s=AddressType endpoints:[Endpoint metadata:ObjectMeta ports:[EndpointPort_
EndpointSubset|v1|addresses:[EndpointAddress notReadyAddresses:[EndpointAddress ports:[EndpointPort
Endpoints|v1|metadata:ObjectMeta subsets:[EndpointSubset
Endpoint|v1|addresses:[s conditions:EndpointConditions deprecatedTopology:{s hints:EndpointHints hostname:s nodeName:s targetRef:ObjectReference zone:s
EnvFromSource|v1|configMapRef:ConfigMapEnvSource prefix:s secretRef:SecretEnvSource
EnvVarSource|v1|configMapKeyRef:ConfigMapKeySelector fieldRef:ObjectFieldSelector fileKeyRef:FileKeySelector resourceFieldRef:ResourceFieldSelector secretKeyRef:SecretKeySelector
EnvVar|v1|name:s value:s valueFrom:EnvVarSource
EphemeralContainer|v1|args:[s command:[s env:[EnvVar envFrom:[EnvFromSource image:s imagePullPolicy:s lifecycle:Lifecycle livenessProbe:Probe name:s ports:[ContainerPort readinessProbe:Probe resizePolicy:[ContainerResizePolicy resources:ResourceRequirements restartPolicy:s restartPolicyRules:[ContainerRestartRule securityContext:SecurityContext startupProbe:Probe stdin:b stdinOnce:b targetContainerName:s terminationMessagePath:s terminationMessagePolicy:s tty:b volumeDevices:[VolumeDevice volumeMounts:[VolumeMount workingDir:s
EphemeralVolumeSource|v1|volumeClaimTemplate:PersistentVolumeClaimTemplate
ExecAction|v1|command:[s
ExternalMetricSource|v2|metric:MetricIdentifier target:MetricTarget
FCVolumeSource|v1|fsType:s lun:i readOnly:b targetWWNs:[s wwids:[s
FileKeySelector|v1|key:s optional:b path:s volumeName:s
FlexVolumeSource|v1|driver:s fsType:s options:{s readOnly:b secretRef:LocalObjectReference
FlockerVolumeSource|v1|datasetName:s datasetUUID:s
ForNode|v1|name:s
ForZone|v1|name:s
G1||apiVersion:s kind:s metadata:ObjectMeta spec:PersistentVolumeClaimSpec status:PersistentVolumeClaimStatus
GCEPersistentDiskVolumeSource|v1|fsType:s partition:i pdName:s readOnly:b
GRPCAction|v1|port:i service:s
GitRepoVolumeSource|v1|directory:s repository:s revision:s
GlusterfsVolumeSource|v1|endpoints:s path:s readOnly:b
HPAScalingPolicy|v2|periodSeconds:i type:s value:i
HPAScalingRules|v2|policies:[HPAScalingPolicy selectPolicy:s stabilizationWindowSeconds:i tolerance:q
HTTPGetAction|v1|host:s httpHeaders:[HTTPHeader path:s port:x scheme:s=URIScheme
HTTPHeader|v1|name:s value:s
HTTPIngressPath|v1|backend:IngressBackend path:s pathType:s=PathType
HTTPIngressRuleValue|v1|paths:[HTTPIngressPath
HorizontalPodAutoscalerBehavior|v2|scaleDown:HPAScalingRules scaleUp:HPAScalingRules
HorizontalPodAutoscalerSpec|v2|behavior:HorizontalPodAutoscalerBehavior maxReplicas:i metrics:[MetricSpec minReplicas:i scaleTargetRef:CrossVersionObjectReference
HorizontalPodAutoscaler|v2|metadata:ObjectMeta spec:HorizontalPodAutoscalerSpec
HostAlias|v1|hostnames:[s ip:s
HostPathVolumeSource|v1|path:s type:s
IPBlock|v1|cidr:s except:[s
ISCSIVolumeSource|v1|chapAuthDiscovery:b chapAuthSession:b fsType:s initiatorName:s iqn:s iscsiInterface:s lun:i portals:[s readOnly:b secretRef:LocalObjectReference targetPortal:s
ImageVolumeSource|v1|pullPolicy:s reference:s
IngressBackend|v1|resource:TypedLocalObjectReference service:IngressServiceBackend
IngressClassParametersReference|v1|apiGroup:s kind:s name:s namespace:s scope:s
IngressClassSpec|v1|controller:s parameters:IngressClassParametersReference
IngressClass|v1|metadata:ObjectMeta spec:IngressClassSpec
IngressRule|v1|host:s http:HTTPIngressRuleValue
IngressServiceBackend|v1|name:s port:ServiceBackendPort
IngressSpec|v1|defaultBackend:IngressBackend ingressClassName:s rules:[IngressRule tls:[IngressTLS
IngressTLS|v1|hosts:[s secretName:s
Ingress|v1|metadata:ObjectMeta spec:IngressSpec
JobSpec|v1|activeDeadlineSeconds:l backoffLimit:i backoffLimitPerIndex:i completionMode:s completions:i managedBy:s manualSelector:b maxFailedIndexes:i parallelism:i podFailurePolicy:PodFailurePolicy podReplacementPolicy:s selector:LabelSelector successPolicy:SuccessPolicy suspend:b template:PodTemplateSpec ttlSecondsAfterFinished:i
JobTemplateSpec|v1|metadata:ObjectMeta spec:JobSpec
Job|v1|metadata:ObjectMeta spec:JobSpec
KeyToPath|v1|key:s mode:i path:s
LabelSelectorRequirement|v1|key:s operator:s=LabelSelectorOperator values:[s
LabelSelector|v1|matchExpressions:[LabelSelectorRequirement matchLabels:{s
LifecycleHandler|v1|exec:ExecAction httpGet:HTTPGetAction sleep:SleepAction tcpSocket:TCPSocketAction
Lifecycle|v1|postStart:LifecycleHandler preStop:LifecycleHandler stopSignal:s
LocalObjectReference|v1|name:s
ManagedFieldsEntry|v1|apiVersion:s fieldsType:s fieldsV1:* manager:s operation:s subresource:s time:t
MetricIdentifier|v2|name:s selector:LabelSelector
MetricSpec|v2|containerResource:ContainerResourceMetricSource external:ExternalMetricSource object:ObjectMetricSource pods:PodsMetricSource resource:ResourceMetricSource type:s
MetricTarget|v2|averageUtilization:i averageValue:q type:s value:q
ModifyVolumeStatus|v1|status:s targetVolumeAttributesClassName:s
NFSVolumeSource|v1|path:s readOnly:b server:s
NamespaceSpec|v1|finalizers:[s
Namespace|v1|metadata:ObjectMeta spec:NamespaceSpec
NetworkPolicyEgressRule|v1|ports:[NetworkPolicyPort to:[NetworkPolicyPeer
NetworkPolicyIngressRule|v1|from:[NetworkPolicyPeer ports:[NetworkPolicyPort
NetworkPolicyPeer|v1|ipBlock:IPBlock namespaceSelector:LabelSelector podSelector:LabelSelector
NetworkPolicyPort|v1|endPort:i port:x protocol:s=Protocol
NetworkPolicySpec|v1|egress:[NetworkPolicyEgressRule ingress:[NetworkPolicyIngressRule podSelector:LabelSelector policyTypes:[s
NetworkPolicy|v1|metadata:ObjectMeta spec:NetworkPolicySpec
NodeAffinity|v1|preferredDuringSchedulingIgnoredDuringExecution:[PreferredSchedulingTerm requiredDuringSchedulingIgnoredDuringExecution:NodeSelector
NodeConfigSource|v1|configMap:ConfigMapNodeConfigSource
NodeSelectorRequirement|v1|key:s operator:s=NodeSelectorOperator values:[s
NodeSelectorTerm|v1|matchExpressions:[NodeSelectorRequirement matchFields:[NodeSelectorRequirement
NodeSelector|v1|nodeSelectorTerms:[NodeSelectorTerm
NodeSpec|v1|configSource:NodeConfigSource externalID:s podCIDR:s podCIDRs:[s providerID:s taints:[Taint unschedulable:b
Node|v1|metadata:ObjectMeta spec:NodeSpec
ObjectFieldSelector|v1|apiVersion:s fieldPath:s
ObjectMeta|v1|annotations:{s creationTimestamp:t deletionGracePeriodSeconds:l deletionTimestamp:t finalizers:[s generateName:s generation:l labels:{s managedFields:[ManagedFieldsEntry name:s namespace:s ownerReferences:[OwnerReference resourceVersion:s selfLink:s uid:s
ObjectMetricSource|v2|describedObject:CrossVersionObjectReference metric:MetricIdentifier target:MetricTarget
ObjectReference|v1|apiVersion:s fieldPath:s kind:s name:s namespace:s resourceVersion:s uid:s
OwnerReference|v1|apiVersion:s blockOwnerDeletion:b controller:b kind:s name:s uid:s
PersistentVolumeClaimCondition|v1|lastProbeTime:t lastTransitionTime:t message:s reason:s status:s type:s
PersistentVolumeClaimSpec|v1|accessModes:[s dataSource:TypedLocalObjectReference dataSourceRef:TypedObjectReference resources:VolumeResourceRequirements selector:LabelSelector storageClassName:s volumeAttributesClassName:s volumeMode:s volumeName:s
PersistentVolumeClaimStatus|v1|accessModes:[s allocatedResourceStatuses:{s allocatedResources:{q capacity:{q conditions:[PersistentVolumeClaimCondition currentVolumeAttributesClassName:s modifyVolumeStatus:ModifyVolumeStatus phase:s
PersistentVolumeClaimTemplate|v1|metadata:ObjectMeta spec:PersistentVolumeClaimSpec
PersistentVolumeClaimVolumeSource|v1|claimName:s readOnly:b
PersistentVolumeClaim|v1|metadata:ObjectMeta spec:PersistentVolumeClaimSpec
PhotonPersistentDiskVolumeSource|v1|fsType:s pdID:s
PodAffinityTerm|v1|labelSelector:LabelSelector matchLabelKeys:[s mismatchLabelKeys:[s namespaceSelector:LabelSelector namespaces:[s topologyKey:s
PodAffinity|v1|preferredDuringSchedulingIgnoredDuringExecution:[WeightedPodAffinityTerm requiredDuringSchedulingIgnoredDuringExecution:[PodAffinityTerm
PodAntiAffinity|v1|preferredDuringSchedulingIgnoredDuringExecution:[WeightedPodAffinityTerm requiredDuringSchedulingIgnoredDuringExecution:[PodAffinityTerm
PodCertificateProjection|v1|certificateChainPath:s credentialBundlePath:s keyPath:s keyType:s maxExpirationSeconds:i signerName:s userAnnotations:{s
PodDNSConfigOption|v1|name:s value:s
PodDNSConfig|v1|nameservers:[s options:[PodDNSConfigOption searches:[s
PodDisruptionBudgetSpec|v1|maxUnavailable:x minAvailable:x selector:LabelSelector unhealthyPodEvictionPolicy:s
PodDisruptionBudget|v1|metadata:ObjectMeta spec:PodDisruptionBudgetSpec
PodFailurePolicyOnExitCodesRequirement|v1|containerName:s operator:s values:[i
PodFailurePolicyOnPodConditionsPattern|v1|status:s type:s
PodFailurePolicyRule|v1|action:s onExitCodes:PodFailurePolicyOnExitCodesRequirement onPodConditions:[PodFailurePolicyOnPodConditionsPattern
PodFailurePolicy|v1|rules:[PodFailurePolicyRule
PodOS|v1|name:s
PodReadinessGate|v1|conditionType:s
PodResourceClaim|v1|name:s resourceClaimName:s resourceClaimTemplateName:s
PodSchedulingGate|v1|name:s
PodSchedulingGroup|v1|podGroupName:s
PodSecurityContext|v1|appArmorProfile:AppArmorProfile fsGroup:l fsGroupChangePolicy:s runAsGroup:l runAsNonRoot:b runAsUser:l seLinuxChangePolicy:s seLinuxOptions:SELinuxOptions seccompProfile:SeccompProfile supplementalGroups:[i supplementalGroupsPolicy:s sysctls:[Sysctl windowsOptions:WindowsSecurityContextOptions
PodSpec|v1|activeDeadlineSeconds:l affinity:Affinity automountServiceAccountToken:b containers:[Container dnsConfig:PodDNSConfig dnsPolicy:s=DNSPolicy enableServiceLinks:b ephemeralContainers:[EphemeralContainer hostAliases:[HostAlias hostIPC:b hostNetwork:b hostPID:b hostUsers:b hostname:s hostnameOverride:s imagePullSecrets:[LocalObjectReference initContainers:[Container nodeName:s nodeSelector:{s os:PodOS overhead:{q preemptionPolicy:s priority:i priorityClassName:s readinessGates:[PodReadinessGate resourceClaims:[PodResourceClaim resources:ResourceRequirements restartPolicy:s=RestartPolicy runtimeClassName:s schedulerName:s schedulingGates:[PodSchedulingGate schedulingGroup:PodSchedulingGroup securityContext:PodSecurityContext serviceAccount:s serviceAccountName:s setHostnameAsFQDN:b shareProcessNamespace:b subdomain:s terminationGracePeriodSeconds:l tolerations:[Toleration topologySpreadConstraints:[TopologySpreadConstraint volumes:[Volume
PodTemplateSpec|v1|metadata:ObjectMeta spec:PodSpec
PodTemplate|v1|metadata:ObjectMeta template:PodTemplateSpec
PodsMetricSource|v2|metric:MetricIdentifier target:MetricTarget
Pod|v1|metadata:ObjectMeta spec:PodSpec
PolicyRule|v1|apiGroups:[s nonResourceURLs:[s resourceNames:[s resources:[s verbs:[s
PortworxVolumeSource|v1|fsType:s readOnly:b volumeID:s
PreferredSchedulingTerm|v1|preference:NodeSelectorTerm weight:i
Probe|v1|exec:ExecAction failureThreshold:i grpc:GRPCAction httpGet:HTTPGetAction initialDelaySeconds:i periodSeconds:i successThreshold:i tcpSocket:TCPSocketAction terminationGracePeriodSeconds:l timeoutSeconds:i
ProjectedVolumeSource|v1|defaultMode:i sources:[VolumeProjection
QuobyteVolumeSource|v1|group:s readOnly:b registry:s tenant:s user:s volume:s
RBDVolumeSource|v1|fsType:s image:s keyring:s monitors:[s pool:s readOnly:b secretRef:LocalObjectReference user:s
ReplicaSetSpec|v1|minReadySeconds:i replicas:i selector:LabelSelector template:PodTemplateSpec
ReplicaSet|v1|metadata:ObjectMeta spec:ReplicaSetSpec
ResourceClaim|v1|name:s request:s
ResourceFieldSelector|v1|containerName:s divisor:q resource:s
ResourceMetricSource|v2|name:s target:MetricTarget
ResourceRequirements|v1|claims:[ResourceClaim limits:{q requests:{q
RoleBinding|v1|metadata:ObjectMeta roleRef:RoleRef subjects:[Subject
RoleRef|v1|apiGroup:s kind:s name:s
Role|v1|metadata:ObjectMeta rules:[PolicyRule
RollingUpdateDaemonSet|v1|maxSurge:x maxUnavailable:x
RollingUpdateDeployment|v1|maxSurge:x maxUnavailable:x
RollingUpdateStatefulSetStrategy|v1|maxUnavailable:x partition:i
SELinuxOptions|v1|level:s role:s type:s user:s
ScaleIOVolumeSource|v1|fsType:s gateway:s protectionDomain:s readOnly:b secretRef:LocalObjectReference sslEnabled:b storageMode:s storagePool:s system:s volumeName:s
SeccompProfile|v1|localhostProfile:s type:s
SecretEnvSource|v1|name:s optional:b
SecretKeySelector|v1|key:s name:s optional:b
SecretProjection|v1|items:[KeyToPath name:s optional:b
SecretVolumeSource|v1|defaultMode:i items:[KeyToPath optional:b secretName:s
Secret|v1|data:{y immutable:b metadata:ObjectMeta stringData:{s type:s=SecretType
SecurityContext|v1|allowPrivilegeEscalation:b appArmorProfile:AppArmorProfile capabilities:Capabilities privileged:b procMount:s readOnlyRootFilesystem:b runAsGroup:l runAsNonRoot:b runAsUser:l seLinuxOptions:SELinuxOptions seccompProfile:SeccompProfile windowsOptions:WindowsSecurityContextOptions
ServiceAccountTokenProjection|v1|audience:s expirationSeconds:l path:s
ServiceAccount|v1|automountServiceAccountToken:b imagePullSecrets:[LocalObjectReference metadata:ObjectMeta secrets:[ObjectReference
ServiceBackendPort|v1|name:s number:i
ServicePort|v1|appProtocol:s name:s nodePort:i port:i protocol:s=Protocol targetPort:x
ServiceSpec|v1|allocateLoadBalancerNodePorts:b clusterIP:s clusterIPs:[s externalIPs:[s externalName:s externalTrafficPolicy:s=ServiceExternalTrafficPolicy healthCheckNodePort:i internalTrafficPolicy:s=ServiceInternalTrafficPolicy ipFamilies:[s ipFamilyPolicy:s=IPFamilyPolicy loadBalancerClass:s loadBalancerIP:s loadBalancerSourceRanges:[s ports:[ServicePort publishNotReadyAddresses:b selector:{s sessionAffinity:s=ServiceAffinity sessionAffinityConfig:SessionAffinityConfig trafficDistribution:s type:s=ServiceType
Service|v1|metadata:ObjectMeta spec:ServiceSpec
SessionAffinityConfig|v1|clientIP:ClientIPConfig
SleepAction|v1|seconds:l
StatefulSetOrdinals|v1|start:i
StatefulSetPersistentVolumeClaimRetentionPolicy|v1|whenDeleted:s whenScaled:s
StatefulSetSpec|v1|minReadySeconds:i ordinals:StatefulSetOrdinals persistentVolumeClaimRetentionPolicy:StatefulSetPersistentVolumeClaimRetentionPolicy podManagementPolicy:s=PodManagementPolicyType replicas:i revisionHistoryLimit:i selector:LabelSelector serviceName:s template:PodTemplateSpec updateStrategy:StatefulSetUpdateStrategy volumeClaimTemplates:[G1
StatefulSetUpdateStrategy|v1|rollingUpdate:RollingUpdateStatefulSetStrategy type:s=StatefulSetUpdateStrategyType
StatefulSet|v1|metadata:ObjectMeta spec:StatefulSetSpec
StorageOSVolumeSource|v1|fsType:s readOnly:b secretRef:LocalObjectReference volumeName:s volumeNamespace:s
Subject|v1|apiGroup:s kind:s name:s namespace:s
SuccessPolicyRule|v1|succeededCount:i succeededIndexes:s
SuccessPolicy|v1|rules:[SuccessPolicyRule
Sysctl|v1|name:s value:s
TCPSocketAction|v1|host:s port:x
Taint|v1|effect:s=TaintEffect key:s timeAdded:t value:s
Toleration|v1|effect:s=TaintEffect key:s operator:s=TolerationOperator tolerationSeconds:l value:s
TopologySpreadConstraint|v1|labelSelector:LabelSelector matchLabelKeys:[s maxSkew:i minDomains:i nodeAffinityPolicy:s nodeTaintsPolicy:s topologyKey:s whenUnsatisfiable:s
TypedLocalObjectReference|v1|apiGroup:s kind:s name:s
TypedObjectReference|v1|apiGroup:s kind:s name:s namespace:s
VolumeDevice|v1|devicePath:s name:s
VolumeMount|v1|mountPath:s mountPropagation:s name:s readOnly:b recursiveReadOnly:s subPath:s subPathExpr:s
VolumeProjection|v1|clusterTrustBundle:ClusterTrustBundleProjection configMap:ConfigMapProjection downwardAPI:DownwardAPIProjection podCertificate:PodCertificateProjection secret:SecretProjection serviceAccountToken:ServiceAccountTokenProjection
VolumeResourceRequirements|v1|limits:{q requests:{q
Volume|v1|awsElasticBlockStore:AWSElasticBlockStoreVolumeSource azureDisk:AzureDiskVolumeSource azureFile:AzureFileVolumeSource cephfs:CephFSVolumeSource cinder:CinderVolumeSource configMap:ConfigMapVolumeSource csi:CSIVolumeSource downwardAPI:DownwardAPIVolumeSource emptyDir:EmptyDirVolumeSource ephemeral:EphemeralVolumeSource fc:FCVolumeSource flexVolume:FlexVolumeSource flocker:FlockerVolumeSource gcePersistentDisk:GCEPersistentDiskVolumeSource gitRepo:GitRepoVolumeSource glusterfs:GlusterfsVolumeSource hostPath:HostPathVolumeSource image:ImageVolumeSource iscsi:ISCSIVolumeSource name:s nfs:NFSVolumeSource persistentVolumeClaim:PersistentVolumeClaimVolumeSource photonPersistentDisk:PhotonPersistentDiskVolumeSource portworxVolume:PortworxVolumeSource projected:ProjectedVolumeSource quobyte:QuobyteVolumeSource rbd:RBDVolumeSource scaleIO:ScaleIOVolumeSource secret:SecretVolumeSource storageos:StorageOSVolumeSource vsphereVolume:VsphereVirtualDiskVolumeSource
VsphereVirtualDiskVolumeSource|v1|fsType:s storagePolicyID:s storagePolicyName:s volumePath:s
WeightedPodAffinityTerm|v1|podAffinityTerm:PodAffinityTerm weight:i
WindowsSecurityContextOptions|v1|gmsaCredentialSpec:s gmsaCredentialSpecName:s hostProcess:b runAsUserName:s
`;
