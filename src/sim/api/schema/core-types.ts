/**
 * Fields and Go types of the built-in groups. Made by .ci/gen-schema.mjs from kubernetes-models 5.1.0 and @kubernetes-models/gateway-api 2.0.0; do not edit.
 * A line is type|package|fields. Codes: s string, b bool, i int32, l int64, f float, q quantity, t time, y base64, x int or string,
 * * anything, [T list, {T map of string, =Name the named string type in Go. See types.ts for the reader.
 */
export const CORE_TYPES = `
ClusterRoleBinding|v1|metadata:ObjectMeta roleRef:RoleRef subjects:[Subject
ClusterRole|v1|aggregationRule:AggregationRule metadata:ObjectMeta rules:[PolicyRule
ConfigMapVolumeSource|v1|defaultMode:i items:[KeyToPath name:s optional:b
ConfigMap|v1|binaryData:{y data:{s immutable:b metadata:ObjectMeta
ContainerPort|v1|containerPort:i hostIP:s hostPort:i name:s protocol:s=Protocol
Container|v1|args:[s command:[s env:[EnvVar envFrom:[EnvFromSource image:s imagePullPolicy:s=PullPolicy lifecycle:Lifecycle livenessProbe:Probe name:s ports:[ContainerPort readinessProbe:Probe resizePolicy:[ContainerResizePolicy resources:ResourceRequirements restartPolicy:s=ContainerRestartPolicy restartPolicyRules:[ContainerRestartRule securityContext:SecurityContext startupProbe:Probe stdin:b stdinOnce:b terminationMessagePath:s terminationMessagePolicy:s=TerminationMessagePolicy tty:b volumeDevices:[VolumeDevice volumeMounts:[VolumeMount workingDir:s
CronJob|v1|metadata:ObjectMeta spec:CronJobSpec
DaemonSet|v1|metadata:ObjectMeta spec:DaemonSetSpec
DeploymentSpec|v1|minReadySeconds:i paused:b progressDeadlineSeconds:i replicas:i revisionHistoryLimit:i selector:LabelSelector strategy:DeploymentStrategy template:PodTemplateSpec
DeploymentStrategy|v1|rollingUpdate:RollingUpdateDeployment type:s=DeploymentStrategyType
Deployment|v1|metadata:ObjectMeta spec:DeploymentSpec
EmptyDirVolumeSource|v1|medium:s=StorageMedium sizeLimit:q
EndpointConditions|v1|ready:b serving:b terminating:b
EndpointPort_|v1|appProtocol:s name:s port:i protocol:s=Protocol
EndpointSlice|v1|addressType:s=AddressType endpoints:[Endpoint metadata:ObjectMeta ports:[EndpointPort_
Endpoints|v1|metadata:ObjectMeta subsets:[EndpointSubset
Endpoint|v1|addresses:[s conditions:EndpointConditions deprecatedTopology:{s hints:EndpointHints hostname:s nodeName:s targetRef:ObjectReference zone:s
EnvVarSource|v1|configMapKeyRef:ConfigMapKeySelector fieldRef:ObjectFieldSelector fileKeyRef:FileKeySelector resourceFieldRef:ResourceFieldSelector secretKeyRef:SecretKeySelector
EnvVar|v1|name:s value:s valueFrom:EnvVarSource
ExecAction|v1|command:[s
G1||apiVersion:s kind:s metadata:ObjectMeta spec:PersistentVolumeClaimSpec status:PersistentVolumeClaimStatus
HTTPGetAction|v1|host:s httpHeaders:[HTTPHeader path:s port:x scheme:s=URIScheme
HTTPHeader|v1|name:s value:s
HorizontalPodAutoscaler|v2|metadata:ObjectMeta spec:HorizontalPodAutoscalerSpec
IPBlock|v1|cidr:s except:[s
IngressClass|v1|metadata:ObjectMeta spec:IngressClassSpec
Ingress|v1|metadata:ObjectMeta spec:IngressSpec
JobTemplateSpec|v1|metadata:ObjectMeta spec:JobSpec
Job|v1|metadata:ObjectMeta spec:JobSpec
KeyToPath|v1|key:s mode:i path:s
LabelSelectorRequirement|v1|key:s operator:s=LabelSelectorOperator values:[s
LabelSelector|v1|matchExpressions:[LabelSelectorRequirement matchLabels:{s
Namespace|v1|metadata:ObjectMeta spec:NamespaceSpec
NetworkPolicyEgressRule|v1|ports:[NetworkPolicyPort to:[NetworkPolicyPeer
NetworkPolicyIngressRule|v1|from:[NetworkPolicyPeer ports:[NetworkPolicyPort
NetworkPolicyPeer|v1|ipBlock:IPBlock namespaceSelector:LabelSelector podSelector:LabelSelector
NetworkPolicyPort|v1|endPort:i port:x protocol:s=Protocol
NetworkPolicySpec|v1|egress:[NetworkPolicyEgressRule ingress:[NetworkPolicyIngressRule podSelector:LabelSelector policyTypes:[s=PolicyType
NetworkPolicy|v1|metadata:ObjectMeta spec:NetworkPolicySpec
NodeSpec|v1|configSource:NodeConfigSource externalID:s podCIDR:s podCIDRs:[s providerID:s taints:[Taint unschedulable:b
Node|v1|metadata:ObjectMeta spec:NodeSpec
ObjectFieldSelector|v1|apiVersion:s fieldPath:s
ObjectMeta|v1|annotations:{s creationTimestamp:t deletionGracePeriodSeconds:l deletionTimestamp:t finalizers:[s generateName:s generation:l labels:{s managedFields:[ManagedFieldsEntry name:s namespace:s ownerReferences:[OwnerReference resourceVersion:s selfLink:s uid:s=types.UID
OwnerReference|v1|apiVersion:s blockOwnerDeletion:b controller:b kind:s name:s uid:s=types.UID
PersistentVolumeClaimTemplate|v1|metadata:ObjectMeta spec:PersistentVolumeClaimSpec
PersistentVolumeClaim|v1|metadata:ObjectMeta spec:PersistentVolumeClaimSpec
PodDisruptionBudget|v1|metadata:ObjectMeta spec:PodDisruptionBudgetSpec
PodSecurityContext|v1|appArmorProfile:AppArmorProfile fsGroup:l fsGroupChangePolicy:s=PodFSGroupChangePolicy runAsGroup:l runAsNonRoot:b runAsUser:l seLinuxChangePolicy:s seLinuxOptions:SELinuxOptions seccompProfile:SeccompProfile supplementalGroups:[i supplementalGroupsPolicy:s sysctls:[Sysctl windowsOptions:WindowsSecurityContextOptions
PodSpec|v1|activeDeadlineSeconds:l affinity:Affinity automountServiceAccountToken:b containers:[Container dnsConfig:PodDNSConfig dnsPolicy:s=DNSPolicy enableServiceLinks:b ephemeralContainers:[EphemeralContainer hostAliases:[HostAlias hostIPC:b hostNetwork:b hostPID:b hostUsers:b hostname:s hostnameOverride:s imagePullSecrets:[LocalObjectReference initContainers:[Container nodeName:s nodeSelector:{s os:PodOS overhead:{q=ResourceList preemptionPolicy:s=PreemptionPolicy priority:i priorityClassName:s readinessGates:[PodReadinessGate resourceClaims:[PodResourceClaim resources:ResourceRequirements restartPolicy:s=RestartPolicy runtimeClassName:s schedulerName:s schedulingGates:[PodSchedulingGate schedulingGroup:PodSchedulingGroup securityContext:PodSecurityContext serviceAccount:s serviceAccountName:s setHostnameAsFQDN:b shareProcessNamespace:b subdomain:s terminationGracePeriodSeconds:l tolerations:[Toleration topologySpreadConstraints:[TopologySpreadConstraint volumes:[Volume
PodTemplateSpec|v1|metadata:ObjectMeta spec:PodSpec
PodTemplate|v1|metadata:ObjectMeta template:PodTemplateSpec
Pod|v1|metadata:ObjectMeta spec:PodSpec
Probe|v1|exec:ExecAction failureThreshold:i grpc:GRPCAction httpGet:HTTPGetAction initialDelaySeconds:i periodSeconds:i successThreshold:i tcpSocket:TCPSocketAction terminationGracePeriodSeconds:l timeoutSeconds:i
ReplicaSetSpec|v1|minReadySeconds:i replicas:i selector:LabelSelector template:PodTemplateSpec
ReplicaSet|v1|metadata:ObjectMeta spec:ReplicaSetSpec
ResourceRequirements|v1|claims:[ResourceClaim limits:{q=ResourceList requests:{q=ResourceList
RoleBinding|v1|metadata:ObjectMeta roleRef:RoleRef subjects:[Subject
Role|v1|metadata:ObjectMeta rules:[PolicyRule
RollingUpdateDeployment|v1|maxSurge:x maxUnavailable:x
Secret|v1|data:{y immutable:b metadata:ObjectMeta stringData:{s type:s=SecretType
SecurityContext|v1|allowPrivilegeEscalation:b appArmorProfile:AppArmorProfile capabilities:Capabilities privileged:b procMount:s=ProcMountType readOnlyRootFilesystem:b runAsGroup:l runAsNonRoot:b runAsUser:l seLinuxOptions:SELinuxOptions seccompProfile:SeccompProfile windowsOptions:WindowsSecurityContextOptions
ServiceAccount|v1|automountServiceAccountToken:b imagePullSecrets:[LocalObjectReference metadata:ObjectMeta secrets:[ObjectReference
ServicePort|v1|appProtocol:s name:s nodePort:i port:i protocol:s=Protocol targetPort:x
ServiceSpec|v1|allocateLoadBalancerNodePorts:b clusterIP:s clusterIPs:[s externalIPs:[s externalName:s externalTrafficPolicy:s=ServiceExternalTrafficPolicy healthCheckNodePort:i internalTrafficPolicy:s=ServiceInternalTrafficPolicy ipFamilies:[s=IPFamily ipFamilyPolicy:s=IPFamilyPolicy loadBalancerClass:s loadBalancerIP:s loadBalancerSourceRanges:[s ports:[ServicePort publishNotReadyAddresses:b selector:{s sessionAffinity:s=ServiceAffinity sessionAffinityConfig:SessionAffinityConfig trafficDistribution:s type:s=ServiceType
Service|v1|metadata:ObjectMeta spec:ServiceSpec
StatefulSet|v1|metadata:ObjectMeta spec:StatefulSetSpec
TCPSocketAction|v1|host:s port:x
Toleration|v1|effect:s=TaintEffect key:s operator:s=TolerationOperator tolerationSeconds:l value:s
VolumeMount|v1|mountPath:s mountPropagation:s=MountPropagationMode name:s readOnly:b recursiveReadOnly:s=RecursiveReadOnlyMode subPath:s subPathExpr:s
Volume|v1|awsElasticBlockStore:AWSElasticBlockStoreVolumeSource azureDisk:AzureDiskVolumeSource azureFile:AzureFileVolumeSource cephfs:CephFSVolumeSource cinder:CinderVolumeSource configMap:ConfigMapVolumeSource csi:CSIVolumeSource downwardAPI:DownwardAPIVolumeSource emptyDir:EmptyDirVolumeSource ephemeral:EphemeralVolumeSource fc:FCVolumeSource flexVolume:FlexVolumeSource flocker:FlockerVolumeSource gcePersistentDisk:GCEPersistentDiskVolumeSource gitRepo:GitRepoVolumeSource glusterfs:GlusterfsVolumeSource hostPath:HostPathVolumeSource image:ImageVolumeSource iscsi:ISCSIVolumeSource name:s nfs:NFSVolumeSource persistentVolumeClaim:PersistentVolumeClaimVolumeSource photonPersistentDisk:PhotonPersistentDiskVolumeSource portworxVolume:PortworxVolumeSource projected:ProjectedVolumeSource quobyte:QuobyteVolumeSource rbd:RBDVolumeSource scaleIO:ScaleIOVolumeSource secret:SecretVolumeSource storageos:StorageOSVolumeSource vsphereVolume:VsphereVirtualDiskVolumeSource
`;
