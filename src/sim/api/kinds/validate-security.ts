/** Validation of security contexts. Upstream: pkg/apis/core/validation/validation.go, ValidateSecurityContext and its pod form. */
import { duplicate, invalidValue, notSupported, required } from '../field-errors';
import type { FieldError } from '../field-error';
import { checkDescending } from './check-paths';
import { checkChoice, checkInt32 } from './checks';

interface Profile {
  readonly type?: string;
  readonly localhostProfile?: string;
}

interface Common {
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly seccompProfile?: Profile;
  readonly appArmorProfile?: Profile;
}

/** What the checks look at of a container's security context. */
export interface ContainerSecurity extends Common {
  readonly privileged?: boolean;
  readonly allowPrivilegeEscalation?: boolean;
  readonly procMount?: string;
  readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] };
}

interface PodSecurity extends Common {
  readonly fsGroup?: number;
  readonly supplementalGroups?: readonly number[];
  readonly sysctls?: readonly { readonly name?: string }[];
  readonly fsGroupChangePolicy?: string;
  readonly supplementalGroupsPolicy?: string;
  readonly seLinuxChangePolicy?: string;
}

/** What of the pod's spec goes with its security context. */
export interface HostUse {
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
  readonly hostUsers?: boolean;
  readonly shareProcessNamespace?: boolean;
}

const PROFILES = ['Localhost', 'RuntimeDefault', 'Unconfined'];

function checkSeccomp(profile: Profile | undefined, at: string): FieldError[] {
  if (profile === undefined) return [];
  const { type, localhostProfile } = profile;
  const errors: FieldError[] = [];
  if (!type) errors.push(required(`${at}.type`, 'type is required when seccompProfile is set'));
  else errors.push(...checkChoice(`${at}.type`, type, PROFILES));
  const field = `${at}.localhostProfile`;
  if (type !== 'Localhost') {
    // The server shows its internal struct.
    const shown = { Type: type ?? '', LocalhostProfile: localhostProfile };
    if (localhostProfile !== undefined)
      errors.push(invalidValue(field, shown, 'can only be set when seccomp type is Localhost'));
  } else if (localhostProfile === undefined)
    errors.push(required(field, 'must be set when seccomp type is Localhost'));
  else errors.push(...checkDescending(field, localhostProfile));
  return errors;
}

function checkAppArmor(profile: Profile | undefined, at: string): FieldError[] {
  if (profile === undefined) return [];
  const { type, localhostProfile } = profile;
  const field = `${at}.localhostProfile`;
  if (!type) return [required(`${at}.type`, 'type is required when appArmorProfile is set')];
  if (!PROFILES.includes(type)) return [notSupported(`${at}.type`, type, PROFILES)];
  if (type !== 'Localhost')
    return localhostProfile === undefined
      ? []
      : [invalidValue(field, localhostProfile, 'can only be set when AppArmor type is Localhost')];
  const trimmed = localhostProfile?.trim();
  if (localhostProfile !== undefined && trimmed !== localhostProfile)
    return [invalidValue(field, localhostProfile, 'must not be padded with whitespace')];
  return trimmed ? [] : [required(field, 'must be set when AppArmor type is Localhost')];
}

/** The struct as the server shows it: Go names in their order, what is not set as null. */
function shownSecurity(context: ContainerSecurity): object {
  const of = context as Readonly<Record<string, unknown>>;
  const names = [
    [
      'Capabilities',
      context.capabilities && {
        Add: context.capabilities.add ?? null,
        Drop: context.capabilities.drop ?? null,
      },
    ],
    ['Privileged', context.privileged],
    ['SELinuxOptions', of['seLinuxOptions']],
    ['WindowsOptions', of['windowsOptions']],
    ['RunAsUser', context.runAsUser],
    ['RunAsGroup', context.runAsGroup],
    ['RunAsNonRoot', of['runAsNonRoot']],
    ['ReadOnlyRootFilesystem', of['readOnlyRootFilesystem']],
    ['AllowPrivilegeEscalation', context.allowPrivilegeEscalation],
    ['ProcMount', context.procMount],
    ['SeccompProfile', context.seccompProfile],
    ['AppArmorProfile', context.appArmorProfile],
  ] as const;
  return Object.fromEntries(names.map(([name, value]) => [name, value ?? null]));
}

/** Of one container. */
export function validateSecurity(context: ContainerSecurity, at: string, hostUsers: boolean): FieldError[] {
  const errors = checkInt32(`${at}.runAsUser`, context.runAsUser);
  errors.push(...checkInt32(`${at}.runAsGroup`, context.runAsGroup));
  errors.push(...checkChoice(`${at}.procMount`, context.procMount, ['Default', 'Unmasked']));
  if (hostUsers && context.procMount === 'Unmasked')
    errors.push(
      invalidValue(`${at}.procMount`, context.procMount, '`hostUsers` must be false to use `Unmasked`'),
    );
  errors.push(...checkSeccomp(context.seccompProfile, `${at}.seccompProfile`));
  if (context.allowPrivilegeEscalation === false) {
    const why = (what: string) => `cannot set \`allowPrivilegeEscalation\` to false and ${what}`;
    if (context.privileged === true)
      errors.push(invalidValue(at, shownSecurity(context), why('`privileged` to true')));
    for (const capability of context.capabilities?.add ?? [])
      if (capability === 'CAP_SYS_ADMIN')
        errors.push(invalidValue(at, shownSecurity(context), why('`capabilities.Add` CAP_SYS_ADMIN')));
  }
  errors.push(...checkAppArmor(context.appArmorProfile, `${at}.appArmorProfile`));
  return errors;
}

const SYSCTL = '([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const SYSCTL_RE = new RegExp(`^${SYSCTL}$`);

/** Settings of a namespace that the pod shares with its node are the node's (GetNamespace of component-helpers sysctl). */
function ownedByHost(name: string, use: HostUse): string | null {
  const dotted = name.replaceAll('/', '.');
  if (use.hostNetwork && dotted.startsWith('net.')) return 'hostNetwork';
  const ipc = /^(?:kernel\.shm|kernel\.msg|fs\.mqueue\.)|^kernel\.sem$/.test(dotted);
  return use.hostIPC && ipc ? 'hostIPC' : null;
}

function checkSysctls(
  sysctls: readonly { readonly name?: string }[],
  at: string,
  use: HostUse,
): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [i, { name = '' }] of sysctls.entries()) {
    const field = `${at}[${i}].name`;
    if (name === '') errors.push(required(field));
    else if (name.length > 253 || !SYSCTL_RE.test(name))
      errors.push(invalidValue(field, name, `must have at most 253 characters and match regex ^${SYSCTL}$`));
    else if (seen.has(name)) errors.push(duplicate(field, name));
    const host = ownedByHost(name, use);
    if (host !== null) errors.push(invalidValue(field, name, `may not be specified when '${host}' is true`));
    seen.add(name);
  }
  return errors;
}

/** Of the whole pod. */
export function validatePodSecurity(context: PodSecurity, at: string, use: HostUse): FieldError[] {
  const errors = checkInt32(`${at}.fsGroup`, context.fsGroup);
  errors.push(...checkInt32(`${at}.runAsUser`, context.runAsUser));
  errors.push(...checkInt32(`${at}.runAsGroup`, context.runAsGroup));
  for (const [i, group] of (context.supplementalGroups ?? []).entries())
    errors.push(...checkInt32(`${at}.supplementalGroups[${i}]`, group));
  if (use.shareProcessNamespace && use.hostPID)
    errors.push(
      invalidValue(
        `${at}.shareProcessNamespace`,
        true,
        'ShareProcessNamespace and HostPID cannot both be enabled',
      ),
    );
  errors.push(...checkSysctls(context.sysctls ?? [], `${at}.sysctls`, use));
  errors.push(
    ...checkChoice(`${at}.fsGroupChangePolicy`, context.fsGroupChangePolicy, ['Always', 'OnRootMismatch']),
    ...checkSeccomp(context.seccompProfile, `${at}.seccompProfile`),
    ...checkAppArmor(context.appArmorProfile, `${at}.appArmorProfile`),
    ...checkChoice(`${at}.supplementalGroupsPolicy`, context.supplementalGroupsPolicy, ['Merge', 'Strict']),
    ...checkChoice(`${at}.seLinuxChangePolicy`, context.seLinuxChangePolicy, ['MountOption', 'Recursive']),
  );
  return errors;
}
