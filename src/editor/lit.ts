/** From a document of the text to the cards on the canvas: the object's own, and those of the pods that run for it. */
import { rowsOf } from '../state/mirror';
import { lightRefs } from '../state/session';
import type { DocumentOutline } from './outline';

/** Lights the cards of the document under the cursor; none for null. */
export function lightDocument(here: DocumentOutline | null): void {
  if (here === null) return lightRefs([]);
  const pods = rowsOf('pods').filter((pod) => pod.workload === here.ref);
  lightRefs([here.ref, ...pods.map((pod) => pod.ref)]);
}
