/** Refs in words: "Deployment/default/backend" is "Deployment default/backend". */

export interface RefParts {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** The parts of a ref; names never hold a slash. */
export function refParts(ref: string): RefParts {
  const [kind = '', namespace = '', name = ''] = ref.split('/');
  return { kind, namespace, name };
}

/** "Service default/backend", "Node node-1". */
export function refWords(ref: string): string {
  const { kind, namespace, name } = refParts(ref);
  return namespace === '' ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}

/** True for a text of three parts that names an object. */
export function isRef(text: string): boolean {
  return /^[A-Z][A-Za-z]+\/[^/\s]*\/[^/\s]+$/.test(text);
}
