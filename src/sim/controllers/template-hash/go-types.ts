/**
 * The Go types below a PodTemplateSpec, as far as a dump of them shows: field names in declaration order, with their types.
 * The revision hash of Deployments and DaemonSets covers such a dump, so that every new field of a release changes it.
 * Names are those of the public API (k8s.io/api/core/v1, apimachinery meta/v1).
 *
 * These are the types that most templates hold; rare-go-types.ts has the others.
 *
 * One type a line. `Field/json type`: the JSON name follows a slash where it is not the field's own name with a small
 * first letter; `^` marks an embedded struct. `>=1.34` and `<=1.35` bound the releases that have the field.
 */
export const GO_TYPES = `
core.ConfigMapVolumeSource { LocalObjectReference^ core.LocalObjectReference; Items []core.KeyToPath; DefaultMode *int32; Optional *bool }
core.Container { Name string; Image string; Command []string; Args []string; WorkingDir string; Ports []core.ContainerPort; EnvFrom []core.EnvFromSource; Env []core.EnvVar; Resources core.ResourceRequirements; ResizePolicy []core.ContainerResizePolicy; RestartPolicy *core.ContainerRestartPolicy; RestartPolicyRules []core.ContainerRestartRule >=1.34; VolumeMounts []core.VolumeMount; VolumeDevices []core.VolumeDevice; LivenessProbe *core.Probe; ReadinessProbe *core.Probe; StartupProbe *core.Probe; Lifecycle *core.Lifecycle; TerminationMessagePath string; TerminationMessagePolicy core.TerminationMessagePolicy; ImagePullPolicy core.PullPolicy; SecurityContext *core.SecurityContext; Stdin bool; StdinOnce bool; TTY/tty bool }
core.ContainerPort { Name string; HostPort int32; ContainerPort int32; Protocol core.Protocol; HostIP string }
core.DNSPolicy = string
core.EmptyDirVolumeSource { Medium core.StorageMedium; SizeLimit *resource.Quantity }
core.EnvVar { Name string; Value string; ValueFrom *core.EnvVarSource }
core.EnvVarSource { FieldRef *core.ObjectFieldSelector; ResourceFieldRef *core.ResourceFieldSelector; ConfigMapKeyRef *core.ConfigMapKeySelector; SecretKeyRef *core.SecretKeySelector; FileKeyRef *core.FileKeySelector >=1.34 }
core.ExecAction { Command []string }
core.HTTPGetAction { Path string; Port intstr.IntOrString; Host string; Scheme core.URIScheme; HTTPHeaders/httpHeaders []core.HTTPHeader }
core.HTTPHeader { Name string; Value string }
core.KeyToPath { Key string; Path string; Mode *int32 }
core.LocalObjectReference { Name string }
core.ObjectFieldSelector { APIVersion/apiVersion string; FieldPath string }
core.PodSecurityContext { SELinuxOptions/seLinuxOptions *core.SELinuxOptions; WindowsOptions *core.WindowsSecurityContextOptions; RunAsUser *int64; RunAsGroup *int64; RunAsNonRoot *bool; SupplementalGroups []int64; SupplementalGroupsPolicy *core.SupplementalGroupsPolicy; FSGroup/fsGroup *int64; Sysctls []core.Sysctl; FSGroupChangePolicy/fsGroupChangePolicy *core.PodFSGroupChangePolicy; SeccompProfile *core.SeccompProfile; AppArmorProfile *core.AppArmorProfile; SELinuxChangePolicy/seLinuxChangePolicy *core.PodSELinuxChangePolicy }
core.PodSpec { Volumes []core.Volume; InitContainers []core.Container; Containers []core.Container; EphemeralContainers []core.EphemeralContainer; RestartPolicy core.RestartPolicy; TerminationGracePeriodSeconds *int64; ActiveDeadlineSeconds *int64; DNSPolicy/dnsPolicy core.DNSPolicy; NodeSelector map[string]string; ServiceAccountName string; DeprecatedServiceAccount/serviceAccount string; AutomountServiceAccountToken *bool; NodeName string; HostNetwork bool; HostPID bool; HostIPC bool; ShareProcessNamespace *bool; SecurityContext *core.PodSecurityContext; ImagePullSecrets []core.LocalObjectReference; Hostname string; Subdomain string; Affinity *core.Affinity; SchedulerName string; Tolerations []core.Toleration; HostAliases []core.HostAlias; PriorityClassName string; Priority *int32; DNSConfig/dnsConfig *core.PodDNSConfig; ReadinessGates []core.PodReadinessGate; RuntimeClassName *string; EnableServiceLinks *bool; PreemptionPolicy *core.PreemptionPolicy; Overhead core.ResourceList; TopologySpreadConstraints []core.TopologySpreadConstraint; SetHostnameAsFQDN *bool; OS/os *core.PodOS; HostUsers *bool; SchedulingGates []core.PodSchedulingGate; ResourceClaims []core.PodResourceClaim; Resources *core.ResourceRequirements; HostnameOverride *string >=1.34; SchedulingGroup *core.PodSchedulingGroup >=1.36; WorkloadRef *core.WorkloadReference >=1.35<=1.35 }
core.PodTemplateSpec { ObjectMeta/metadata meta.ObjectMeta; Spec core.PodSpec }
core.Probe { ProbeHandler^ core.ProbeHandler; InitialDelaySeconds int32; TimeoutSeconds int32; PeriodSeconds int32; SuccessThreshold int32; FailureThreshold int32; TerminationGracePeriodSeconds *int64 }
core.ProbeHandler { Exec *core.ExecAction; HTTPGet/httpGet *core.HTTPGetAction; TCPSocket/tcpSocket *core.TCPSocketAction; GRPC/grpc *core.GRPCAction }
core.Protocol = string
core.PullPolicy = string
core.ResourceList = map[core.ResourceName]resource.Quantity
core.ResourceName = string
core.ResourceRequirements { Limits core.ResourceList; Requests core.ResourceList; Claims []core.ResourceClaim }
core.RestartPolicy = string
core.SecurityContext { Capabilities *core.Capabilities; Privileged *bool; SELinuxOptions/seLinuxOptions *core.SELinuxOptions; WindowsOptions *core.WindowsSecurityContextOptions; RunAsUser *int64; RunAsGroup *int64; RunAsNonRoot *bool; ReadOnlyRootFilesystem *bool; AllowPrivilegeEscalation *bool; ProcMount *core.ProcMountType; SeccompProfile *core.SeccompProfile; AppArmorProfile *core.AppArmorProfile }
core.StorageMedium = string
core.TCPSocketAction { Port intstr.IntOrString; Host string }
core.TerminationMessagePolicy = string
core.Toleration { Key string; Operator core.TolerationOperator; Value string; Effect core.TaintEffect; TolerationSeconds *int64 }
core.URIScheme = string
core.Volume { Name string; VolumeSource^ core.VolumeSource }
core.VolumeMount { Name string; ReadOnly bool; RecursiveReadOnly *core.RecursiveReadOnlyMode; MountPath string; SubPath string; MountPropagation *core.MountPropagationMode; SubPathExpr string }
core.VolumeSource { HostPath *core.HostPathVolumeSource; EmptyDir *core.EmptyDirVolumeSource; GCEPersistentDisk/gcePersistentDisk *core.GCEPersistentDiskVolumeSource; AWSElasticBlockStore/awsElasticBlockStore *core.AWSElasticBlockStoreVolumeSource; GitRepo *core.GitRepoVolumeSource; Secret *core.SecretVolumeSource; NFS/nfs *core.NFSVolumeSource; ISCSI/iscsi *core.ISCSIVolumeSource; Glusterfs *core.GlusterfsVolumeSource; PersistentVolumeClaim *core.PersistentVolumeClaimVolumeSource; RBD/rbd *core.RBDVolumeSource; FlexVolume *core.FlexVolumeSource; Cinder *core.CinderVolumeSource; CephFS/cephfs *core.CephFSVolumeSource; Flocker *core.FlockerVolumeSource; DownwardAPI *core.DownwardAPIVolumeSource; FC/fc *core.FCVolumeSource; AzureFile *core.AzureFileVolumeSource; ConfigMap *core.ConfigMapVolumeSource; VsphereVolume *core.VsphereVirtualDiskVolumeSource; Quobyte *core.QuobyteVolumeSource; AzureDisk *core.AzureDiskVolumeSource; PhotonPersistentDisk *core.PhotonPersistentDiskVolumeSource; Projected *core.ProjectedVolumeSource; PortworxVolume *core.PortworxVolumeSource; ScaleIO *core.ScaleIOVolumeSource; StorageOS/storageos *core.StorageOSVolumeSource; CSI/csi *core.CSIVolumeSource; Ephemeral *core.EphemeralVolumeSource; Image *core.ImageVolumeSource }
meta.ObjectMeta { Name string; GenerateName string; Namespace string; SelfLink string; UID/uid types.UID; ResourceVersion string; Generation int64; CreationTimestamp meta.Time; DeletionTimestamp *meta.Time; DeletionGracePeriodSeconds *int64; Labels map[string]string; Annotations map[string]string; OwnerReferences []meta.OwnerReference; Finalizers []string; ManagedFields []meta.ManagedFieldsEntry }
types.UID = string
`;
