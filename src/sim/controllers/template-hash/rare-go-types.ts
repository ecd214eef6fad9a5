/** The Go types of a PodTemplateSpec that few templates hold. See go-types.ts for what a line says. */
export const RARE_GO_TYPES = `
core.AWSElasticBlockStoreVolumeSource { VolumeID string; FSType/fsType string; Partition int32; ReadOnly bool }
core.Affinity { NodeAffinity *core.NodeAffinity; PodAffinity *core.PodAffinity; PodAntiAffinity *core.PodAntiAffinity }
core.AppArmorProfile { Type core.AppArmorProfileType; LocalhostProfile *string }
core.AppArmorProfileType = string
core.AzureDataDiskCachingMode = string
core.AzureDataDiskKind = string
core.AzureDiskVolumeSource { DiskName string; DataDiskURI/diskURI string; CachingMode *core.AzureDataDiskCachingMode; FSType/fsType *string; ReadOnly *bool; Kind *core.AzureDataDiskKind }
core.AzureFileVolumeSource { SecretName string; ShareName string; ReadOnly bool }
core.CSIVolumeSource { Driver string; ReadOnly *bool; FSType/fsType *string; VolumeAttributes map[string]string; NodePublishSecretRef *core.LocalObjectReference }
core.Capabilities { Add []core.Capability; Drop []core.Capability }
core.Capability = string
core.CephFSVolumeSource { Monitors []string; Path string; User string; SecretFile string; SecretRef *core.LocalObjectReference; ReadOnly bool }
core.CinderVolumeSource { VolumeID string; FSType/fsType string; ReadOnly bool; SecretRef *core.LocalObjectReference }
core.ClusterTrustBundleProjection { Name *string; SignerName *string; LabelSelector *meta.LabelSelector; Optional *bool; Path string }
core.ConfigMapEnvSource { LocalObjectReference^ core.LocalObjectReference; Optional *bool }
core.ConfigMapKeySelector { LocalObjectReference^ core.LocalObjectReference; Key string; Optional *bool }
core.ConfigMapProjection { LocalObjectReference^ core.LocalObjectReference; Items []core.KeyToPath; Optional *bool }
core.ContainerResizePolicy { ResourceName core.ResourceName; RestartPolicy core.ResourceResizeRestartPolicy }
core.ContainerRestartPolicy = string
core.ContainerRestartRule { Action core.ContainerRestartRuleAction; ExitCodes *core.ContainerRestartRuleOnExitCodes }
core.ContainerRestartRuleAction = string
core.ContainerRestartRuleOnExitCodes { Operator core.ContainerRestartRuleOnExitCodesOperator; Values []int32 }
core.ContainerRestartRuleOnExitCodesOperator = string
core.DownwardAPIProjection { Items []core.DownwardAPIVolumeFile }
core.DownwardAPIVolumeFile { Path string; FieldRef *core.ObjectFieldSelector; ResourceFieldRef *core.ResourceFieldSelector; Mode *int32 }
core.DownwardAPIVolumeSource { Items []core.DownwardAPIVolumeFile; DefaultMode *int32 }
core.EnvFromSource { Prefix string; ConfigMapRef *core.ConfigMapEnvSource; SecretRef *core.SecretEnvSource }
core.EphemeralContainer { EphemeralContainerCommon^ core.EphemeralContainerCommon; TargetContainerName string }
core.EphemeralContainerCommon { Name string; Image string; Command []string; Args []string; WorkingDir string; Ports []core.ContainerPort; EnvFrom []core.EnvFromSource; Env []core.EnvVar; Resources core.ResourceRequirements; ResizePolicy []core.ContainerResizePolicy; RestartPolicy *core.ContainerRestartPolicy; RestartPolicyRules []core.ContainerRestartRule >=1.34; VolumeMounts []core.VolumeMount; VolumeDevices []core.VolumeDevice; LivenessProbe *core.Probe; ReadinessProbe *core.Probe; StartupProbe *core.Probe; Lifecycle *core.Lifecycle; TerminationMessagePath string; TerminationMessagePolicy core.TerminationMessagePolicy; ImagePullPolicy core.PullPolicy; SecurityContext *core.SecurityContext; Stdin bool; StdinOnce bool; TTY/tty bool }
core.EphemeralVolumeSource { VolumeClaimTemplate *core.PersistentVolumeClaimTemplate }
core.FCVolumeSource { TargetWWNs []string; Lun *int32; FSType/fsType string; ReadOnly bool; WWIDs/wwids []string }
core.FileKeySelector { VolumeName string; Path string; Key string; Optional *bool }
core.FlexVolumeSource { Driver string; FSType/fsType string; SecretRef *core.LocalObjectReference; ReadOnly bool; Options map[string]string }
core.FlockerVolumeSource { DatasetName string; DatasetUUID string }
core.GCEPersistentDiskVolumeSource { PDName/pdName string; FSType/fsType string; Partition int32; ReadOnly bool }
core.GRPCAction { Port int32; Service *string }
core.GitRepoVolumeSource { Repository string; Revision string; Directory string }
core.GlusterfsVolumeSource { EndpointsName/endpoints string; Path string; ReadOnly bool }
core.HostAlias { IP/ip string; Hostnames []string }
core.HostPathType = string
core.HostPathVolumeSource { Path string; Type *core.HostPathType }
core.ISCSIVolumeSource { TargetPortal string; IQN/iqn string; Lun int32; ISCSIInterface/iscsiInterface string; FSType/fsType string; ReadOnly bool; Portals []string; DiscoveryCHAPAuth/chapAuthDiscovery bool; SessionCHAPAuth/chapAuthSession bool; SecretRef *core.LocalObjectReference; InitiatorName *string }
core.ImageVolumeSource { Reference string; PullPolicy core.PullPolicy }
core.Lifecycle { PostStart *core.LifecycleHandler; PreStop *core.LifecycleHandler; StopSignal *core.Signal >=1.33 }
core.LifecycleHandler { Exec *core.ExecAction; HTTPGet/httpGet *core.HTTPGetAction; TCPSocket/tcpSocket *core.TCPSocketAction; Sleep *core.SleepAction }
core.MountPropagationMode = string
core.NFSVolumeSource { Server string; Path string; ReadOnly bool }
core.NodeAffinity { RequiredDuringSchedulingIgnoredDuringExecution *core.NodeSelector; PreferredDuringSchedulingIgnoredDuringExecution []core.PreferredSchedulingTerm }
core.NodeInclusionPolicy = string
core.NodeSelector { NodeSelectorTerms []core.NodeSelectorTerm }
core.NodeSelectorOperator = string
core.NodeSelectorRequirement { Key string; Operator core.NodeSelectorOperator; Values []string }
core.NodeSelectorTerm { MatchExpressions []core.NodeSelectorRequirement; MatchFields []core.NodeSelectorRequirement }
core.OSName = string
core.PersistentVolumeAccessMode = string
core.PersistentVolumeClaimSpec { AccessModes []core.PersistentVolumeAccessMode; Selector *meta.LabelSelector; Resources core.VolumeResourceRequirements; VolumeName string; StorageClassName *string; VolumeMode *core.PersistentVolumeMode; DataSource *core.TypedLocalObjectReference; DataSourceRef *core.TypedObjectReference; VolumeAttributesClassName *string }
core.PersistentVolumeClaimTemplate { ObjectMeta/metadata meta.ObjectMeta; Spec core.PersistentVolumeClaimSpec }
core.PersistentVolumeClaimVolumeSource { ClaimName string; ReadOnly bool }
core.PersistentVolumeMode = string
core.PhotonPersistentDiskVolumeSource { PdID string; FSType/fsType string }
core.PodAffinity { RequiredDuringSchedulingIgnoredDuringExecution []core.PodAffinityTerm; PreferredDuringSchedulingIgnoredDuringExecution []core.WeightedPodAffinityTerm }
core.PodAffinityTerm { LabelSelector *meta.LabelSelector; Namespaces []string; TopologyKey string; NamespaceSelector *meta.LabelSelector; MatchLabelKeys []string; MismatchLabelKeys []string }
core.PodAntiAffinity { RequiredDuringSchedulingIgnoredDuringExecution []core.PodAffinityTerm; PreferredDuringSchedulingIgnoredDuringExecution []core.WeightedPodAffinityTerm }
core.PodCertificateProjection { SignerName string; KeyType string; MaxExpirationSeconds *int32; CredentialBundlePath string; KeyPath string; CertificateChainPath string; UserAnnotations map[string]string >=1.35 }
core.PodConditionType = string
core.PodDNSConfig { Nameservers []string; Searches []string; Options []core.PodDNSConfigOption }
core.PodDNSConfigOption { Name string; Value *string }
core.PodFSGroupChangePolicy = string
core.PodOS { Name core.OSName }
core.PodReadinessGate { ConditionType core.PodConditionType }
core.PodResourceClaim { Name string; ResourceClaimName *string; ResourceClaimTemplateName *string }
core.PodSELinuxChangePolicy = string
core.PodSchedulingGate { Name string }
core.PodSchedulingGroup { PodGroupName *string }
core.PortworxVolumeSource { VolumeID string; FSType/fsType string; ReadOnly bool }
core.PreemptionPolicy = string
core.PreferredSchedulingTerm { Weight int32; Preference core.NodeSelectorTerm }
core.ProcMountType = string
core.ProjectedVolumeSource { Sources []core.VolumeProjection; DefaultMode *int32 }
core.QuobyteVolumeSource { Registry string; Volume string; ReadOnly bool; User string; Group string; Tenant string }
core.RBDVolumeSource { CephMonitors/monitors []string; RBDImage/image string; FSType/fsType string; RBDPool/pool string; RadosUser/user string; Keyring string; SecretRef *core.LocalObjectReference; ReadOnly bool }
core.RecursiveReadOnlyMode = string
core.ResourceClaim { Name string; Request string }
core.ResourceFieldSelector { ContainerName string; Resource string; Divisor resource.Quantity }
core.ResourceResizeRestartPolicy = string
core.SELinuxOptions { User string; Role string; Type string; Level string }
core.ScaleIOVolumeSource { Gateway string; System string; SecretRef *core.LocalObjectReference; SSLEnabled/sslEnabled bool; ProtectionDomain string; StoragePool string; StorageMode string; VolumeName string; FSType/fsType string; ReadOnly bool }
core.SeccompProfile { Type core.SeccompProfileType; LocalhostProfile *string }
core.SeccompProfileType = string
core.SecretEnvSource { LocalObjectReference^ core.LocalObjectReference; Optional *bool }
core.SecretKeySelector { LocalObjectReference^ core.LocalObjectReference; Key string; Optional *bool }
core.SecretProjection { LocalObjectReference^ core.LocalObjectReference; Items []core.KeyToPath; Optional *bool }
core.SecretVolumeSource { SecretName string; Items []core.KeyToPath; DefaultMode *int32; Optional *bool }
core.ServiceAccountTokenProjection { Audience string; ExpirationSeconds *int64; Path string }
core.Signal = string
core.SleepAction { Seconds int64 }
core.StorageOSVolumeSource { VolumeName string; VolumeNamespace string; FSType/fsType string; ReadOnly bool; SecretRef *core.LocalObjectReference }
core.SupplementalGroupsPolicy = string
core.Sysctl { Name string; Value string }
core.TaintEffect = string
core.TolerationOperator = string
core.TopologySpreadConstraint { MaxSkew int32; TopologyKey string; WhenUnsatisfiable core.UnsatisfiableConstraintAction; LabelSelector *meta.LabelSelector; MinDomains *int32; NodeAffinityPolicy *core.NodeInclusionPolicy; NodeTaintsPolicy *core.NodeInclusionPolicy; MatchLabelKeys []string }
core.TypedLocalObjectReference { APIGroup/apiGroup *string; Kind string; Name string }
core.TypedObjectReference { APIGroup/apiGroup *string; Kind string; Name string; Namespace *string }
core.UnsatisfiableConstraintAction = string
core.VolumeDevice { Name string; DevicePath string }
core.VolumeProjection { Secret *core.SecretProjection; DownwardAPI *core.DownwardAPIProjection; ConfigMap *core.ConfigMapProjection; ServiceAccountToken *core.ServiceAccountTokenProjection; ClusterTrustBundle *core.ClusterTrustBundleProjection; PodCertificate *core.PodCertificateProjection >=1.34 }
core.VolumeResourceRequirements { Limits core.ResourceList; Requests core.ResourceList }
core.VsphereVirtualDiskVolumeSource { VolumePath string; FSType/fsType string; StoragePolicyName string; StoragePolicyID string }
core.WeightedPodAffinityTerm { Weight int32; PodAffinityTerm core.PodAffinityTerm }
core.WindowsSecurityContextOptions { GMSACredentialSpecName/gmsaCredentialSpecName *string; GMSACredentialSpec/gmsaCredentialSpec *string; RunAsUserName *string; HostProcess *bool }
core.WorkloadReference { Name string; PodGroup string; PodGroupReplicaKey string }
meta.FieldsV1 { Raw/- []byte }
meta.LabelSelector { MatchLabels map[string]string; MatchExpressions []meta.LabelSelectorRequirement }
meta.LabelSelectorOperator = string
meta.LabelSelectorRequirement { Key string; Operator meta.LabelSelectorOperator; Values []string }
meta.ManagedFieldsEntry { Manager string; Operation meta.ManagedFieldsOperationType; APIVersion/apiVersion string; Time *meta.Time; FieldsType string; FieldsV1 *meta.FieldsV1; Subresource string }
meta.ManagedFieldsOperationType = string
meta.OwnerReference { APIVersion/apiVersion string; Kind string; Name string; UID/uid types.UID; Controller *bool; BlockOwnerDeletion *bool }
meta.Time { Time^ time.Time }
time.Location {  }
time.Time { wall/ uint64; ext/ int64; loc/ *time.Location }
`;
