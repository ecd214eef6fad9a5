/** `-f`: manifests from the workspace's files, or from what was piped in with `-f -` (cli-runtime pkg/resource Visitor). */
import type { ApiObject } from '../../api/object';
import type { Resource } from '../../api/kinds/resources';
import { parseFile } from '../../manifests/parse';
import { UsageError } from './api';
import type { Kubectl } from './context';
import { isRecord } from './plain-values';
import { findResource } from './targets';
import type { Targets } from './targets';

/** One object of a manifest and the file it stands in. */
export interface ManifestObject {
  readonly object: ApiObject;
  readonly file: string;
  readonly resource: Resource;
}

function texts(k: Kubectl): { name: string; text: string }[] {
  const names = k.flags.list('filename');
  const isWeb = (name: string) => /^https?:/.test(name);
  const missing = names.filter((name) => name !== '-' && !isWeb(name) && k.world.readFiles(name) === null);
  if (missing.length > 0) {
    const told = missing.map((name) => `the path "${name}" does not exist`);
    throw new UsageError(told.join('\n'), undefined, told.length > 1);
  }
  return names.flatMap((name) => {
    if (name === '-') return [{ name: 'STDIN', text: k.io.stdin ?? '' }];
    if (isWeb(name))
      throw new UsageError(`unable to read URL "${name}": manifests from the web are not simulated`);
    return [...(k.world.readFiles(name) ?? [])];
  });
}

/**
 * Every object of the files that -f names, namespaces filled in. Throws UsageError for what kubectl itself refuses;
 * `verb` completes "no objects passed to …".
 */
export function readManifests(k: Kubectl, verb: string): ManifestObject[] {
  const all: ManifestObject[] = [];
  for (const file of texts(k)) {
    // An empty default leaves objects without a namespace as they are written; they are placed below.
    const parsed = parseFile(file, '');
    if (parsed.kubectlError !== null) throw new UsageError(parsed.kubectlError);
    for (const { object } of parsed.objects) all.push(place(k, object, file.name));
  }
  if (all.length === 0) throw new UsageError(`no objects passed to ${verb}`);
  return all;
}

/** Gives an object its resource and namespace. Throws UsageError for unknown types and namespaces that disagree. */
function place(k: Kubectl, object: ApiObject, file: string): ManifestObject {
  const metadata = isRecord(object.metadata) ? object.metadata : { name: '' };
  const given = metadata.namespace === '' ? undefined : metadata.namespace;
  const group = object.apiVersion.includes('/') ? object.apiVersion.split('/')[0]! : '';
  const named = findResource(k.api.resources(), `${object.kind}${group === '' ? '' : `.${group}`}`);
  const version = object.apiVersion.split('/').at(-1);
  if (
    named === null ||
    named.kind.toLowerCase() !== object.kind.toLowerCase() ||
    named.group !== group ||
    named.version !== version
  ) {
    throw new UsageError(
      `resource mapping not found for name: "${metadata.name ?? ''}" namespace: "${given ?? k.namespace}" ` +
        `from "${file}": no matches for kind "${object.kind}" in version "${object.apiVersion}"\nensure CRDs are installed first`,
    );
  }
  if (!named.namespaced) {
    const { namespace: _none, ...rest } = metadata;
    return { object: { ...object, metadata: rest }, file, resource: named };
  }
  if (k.flags.has('namespace') && given !== undefined && given !== k.namespace) {
    throw new UsageError(
      `the namespace from the provided object "${given}" does not match the namespace "${k.namespace}". ` +
        `You must pass '--namespace=${given}' to perform this operation.`,
    );
  }
  return {
    object: { ...object, metadata: { ...metadata, namespace: given ?? k.namespace } },
    file,
    resource: named,
  };
}

/** The objects of -f as targets of get, describe or delete. */
export function manifestTargets(k: Kubectl): Targets {
  const targets = readManifests(k, 'process').map(({ object, resource }) => ({
    resource,
    namespace: object.metadata.namespace ?? '',
    name: object.metadata.name,
  }));
  return {
    targets,
    single: targets.length === 1,
    severalTypes: new Set(targets.map((t) => t.resource)).size > 1,
  };
}
