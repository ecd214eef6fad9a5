/** The Volumes block of describe pages: a line on what each kind of volume is, then its fields. */
import type { Page } from './describe-writer';
import { at, list, num, str } from './read';
import type { Fields } from './read';

type Lines = readonly (readonly [string, string])[];

function projected(volume: Fields): Lines {
  const lines: [string, string][] = [];
  for (const source of list(volume, 'projected.sources')) {
    if (at(source, 'secret') != null) {
      lines.push(['SecretName', str(source, 'secret.name')]);
      lines.push(['Optional', optional(source, 'secret.optional')]);
    } else if (at(source, 'downwardAPI') != null) lines.push(['DownwardAPI', 'true']);
    else if (at(source, 'configMap') != null) {
      lines.push(['ConfigMapName', str(source, 'configMap.name')]);
      lines.push(['ConfigMapOptional', optional(source, 'configMap.optional', '<nil>')]);
    } else if (at(source, 'serviceAccountToken') != null) {
      lines.push(['TokenExpirationSeconds', String(num(source, 'serviceAccountToken.expirationSeconds'))]);
    }
  }
  return lines;
}

function optional(volume: unknown, path: string, absent = 'false'): string {
  const value = at(volume, path);
  return value == null ? absent : String(value);
}

function typeLines(volume: Fields): { what: string; lines: Lines } {
  if (at(volume, 'hostPath') != null) {
    return {
      what: 'HostPath (bare host directory volume)',
      lines: [
        ['Path', str(volume, 'hostPath.path')],
        ['HostPathType', str(volume, 'hostPath.type')],
      ],
    };
  }
  if (at(volume, 'secret') != null) {
    return {
      what: 'Secret (a volume populated by a Secret)',
      lines: [
        ['SecretName', str(volume, 'secret.secretName')],
        ['Optional', optional(volume, 'secret.optional')],
      ],
    };
  }
  if (at(volume, 'configMap') != null) {
    return {
      what: 'ConfigMap (a volume populated by a ConfigMap)',
      lines: [
        ['Name', str(volume, 'configMap.name')],
        ['Optional', optional(volume, 'configMap.optional')],
      ],
    };
  }
  if (at(volume, 'persistentVolumeClaim') != null) {
    return {
      what: 'PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)',
      lines: [
        ['ClaimName', str(volume, 'persistentVolumeClaim.claimName')],
        ['ReadOnly', optional(volume, 'persistentVolumeClaim.readOnly')],
      ],
    };
  }
  if (at(volume, 'projected') != null) {
    return {
      what: 'Projected (a volume that contains injected data from multiple sources)',
      lines: projected(volume),
    };
  }
  if (at(volume, 'downwardAPI') != null) {
    return { what: 'DownwardAPI (a volume populated by information about the pod)', lines: [] };
  }
  return {
    what: "EmptyDir (a temporary directory that shares a pod's lifetime)",
    lines: [
      ['Medium', str(volume, 'emptyDir.medium')],
      ['SizeLimit', str(volume, 'emptyDir.sizeLimit') || '<unset>'],
    ],
  };
}

/** All volumes of a pod or template. */
export function volumes(page: Page, all: readonly Fields[], indent = ''): void {
  page.line(0, `${indent}Volumes:${all.length === 0 ? '\t<none>' : ''}`);
  for (const volume of all) {
    page.line(1, `${indent === '' ? '' : ' '}${str(volume, 'name')}:`);
    const { what, lines } = typeLines(volume);
    page.line(2, `Type:\t${what}`);
    for (const [title, value] of lines) page.line(2, `${title}:\t${value}`);
    const items = list(volume, 'downwardAPI.items');
    if (at(volume, 'downwardAPI') != null) {
      page.line(2, 'Items:');
      for (const item of items) page.line(3, `${str(item, 'fieldRef.fieldPath')} -> ${str(item, 'path')}`);
    }
  }
}
