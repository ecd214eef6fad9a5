/** Secrets for registries and for TLS that `kubectl create secret` makes from its flags (kubectl pkg/cmd/create). */
import { encodeBase64 } from '../../../lib/bytes';
import type { ApiObject } from '../../api/object';
import { UsageError } from './api';
import type { Kubectl } from './context';

const HUB = 'https://index.docker.io/v1/';

/** Credentials as Docker keeps them. Not simulated: docker credentials from a file; nobody pulls from a registry with a password here. */
export function dockerSecretSpec(k: Kubectl, name: string): ApiObject {
  const of = (flag: string) => k.flags.text(`docker-${flag}`);
  const server = of('server') || HUB;
  const [username, password, email] = [of('username'), of('password'), of('email')];
  if (username === '' || password === '')
    throw new UsageError(
      'either --from-file or the combination of --docker-username, --docker-password and --docker-server is required',
    );
  const auth = encodeBase64(`${username}:${password}`);
  const entry = { username, password, ...(email === '' ? {} : { email }), auth };
  const config = JSON.stringify({ auths: { [server]: entry } });
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name },
    data: { '.dockerconfigjson': encodeBase64(config) },
    type: 'kubernetes.io/dockerconfigjson',
  };
}

/** A certificate and its key. Not simulated: the check that the two of a TLS Secret belong together. */
export function tlsSecretSpec(k: Kubectl, name: string): ApiObject {
  const [cert, key] = [k.flags.text('cert'), k.flags.text('key')];
  if (cert === '' || key === '') throw new UsageError('key and cert must be specified');
  const read = (path: string): string => {
    const text = k.world.readFiles(path)?.[0]?.text;
    if (text === undefined) throw new UsageError(`open ${path}: no such file or directory`);
    return text;
  };
  const [certText, keyText] = [read(cert), read(key)];
  for (const [text, what] of [
    [certText, 'certificate'],
    [keyText, 'key'],
  ] as const)
    if (!text.includes('-----BEGIN '))
      throw new UsageError(`tls: failed to find any PEM data in ${what} input`);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name },
    data: { 'tls.crt': encodeBase64(certText), 'tls.key': encodeBase64(keyText) },
    type: 'kubernetes.io/tls',
  };
}
