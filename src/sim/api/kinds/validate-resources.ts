/** Validation of requests and limits. Upstream: pkg/apis/core/validation/validation.go, validateResourceRequirements. */
import { forbiddenField, invalidValue, required } from '../field-errors';
import type { FieldError } from '../field-error';
import { qualifiedName } from '../names';
import { quantityValue } from '../quantity';
import { checkName } from './checks';
import type { Container } from './container';

type Amounts = Readonly<Record<string, string | number>>;

const CONTAINER_RESOURCES = /^(?:cpu|memory|ephemeral-storage|hugepages-.*)$/;
const OTHER_RESOURCES =
  /^(?:storage|pods|services|replicationcontrollers|resourcequotas|secrets|configmaps|persistentvolumeclaims|services\.(?:nodeports|loadbalancers)|requests\.(?:storage|hugepages-.*)|(?:requests|limits)\.(?:cpu|memory|ephemeral-storage))$/;
/** Counted in whole things. */
const COUNTS =
  /^(?:pods|resourcequotas|services|replicationcontrollers|secrets|configmaps|persistentvolumeclaims|services\.(?:nodeports|loadbalancers))$/;

function isNative(name: string): boolean {
  return !name.includes('/') || name.includes('kubernetes.io/');
}

/** Resources of device plugins: example.com/gpu. */
function isExtended(name: string): boolean {
  if (isNative(name) || name.startsWith('requests.')) return false;
  return qualifiedName(`requests.${name}`).length === 0;
}

/** cpu and memory may be promised twice; huge pages and devices may not. */
function mayOvercommit(name: string): boolean {
  return isNative(name) && !name.startsWith('hugepages-');
}

function checkResourceName(name: string, at: string): FieldError[] {
  const errors = checkName(at, name, qualifiedName);
  if (name.includes('/')) {
    if (isNative(name) || isExtended(name)) return errors;
    return [...errors, invalidValue(at, name, "doesn't follow extended resource name standard")];
  }
  const standard = CONTAINER_RESOURCES.test(name);
  if (errors.length === 0 && !standard && !OTHER_RESOURCES.test(name))
    errors.push(invalidValue(at, name, 'must be a standard resource type or fully qualified'));
  if (!standard) errors.push(invalidValue(at, name, 'must be a standard resource for containers'));
  return errors;
}

function checkAmount(name: string, amount: string | number, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const value = quantityValue(amount) ?? 0;
  if (value < 0) errors.push(invalidValue(at, String(amount), 'must be greater than or equal to 0'));
  if (!Number.isInteger(value) && (COUNTS.test(name) || isExtended(name)))
    errors.push(invalidValue(at, String(amount), 'must be an integer'));
  return errors;
}

function checkHugePages(name: string, amount: string | number, at: string): FieldError[] {
  if (!name.startsWith('hugepages-')) return [];
  const page = quantityValue(name.slice('hugepages-'.length)) ?? 0;
  const value = quantityValue(amount) ?? 0;
  if (page > 0 && value > 0 && value % page === 0) return [];
  return [invalidValue(at, String(amount), `${String(amount)} is not positive integer multiple of ${name}`)];
}

function checkAgainstLimit(name: string, amount: string | number, limits: Amounts, at: string): FieldError[] {
  const limit = limits[name];
  if (limit === undefined) {
    if (mayOvercommit(name)) return [];
    return [required(`${at}.limits`, 'Limit must be set for non overcommitable resources')];
  }
  const [value, most] = [quantityValue(amount) ?? 0, quantityValue(limit) ?? 0];
  const rule = value !== most && !mayOvercommit(name) ? 'equal to' : 'less than or equal to';
  if (rule === 'equal to' || value > most)
    return [
      invalidValue(`${at}.requests`, String(amount), `must be ${rule} ${name} limit of ${String(limit)}`),
    ];
  return [];
}

/** Requests and limits of one container. */
export function validateResources(resources: Container['resources'], at: string): FieldError[] {
  const errors: FieldError[] = [];
  const limits: Amounts = resources?.limits ?? {};
  const requests: Amounts = resources?.requests ?? {};
  for (const [name, amount] of Object.entries(limits)) {
    const path = `${at}.limits[${name}]`;
    errors.push(...checkResourceName(name, path), ...checkAmount(name, amount, path));
    errors.push(...checkHugePages(name, amount, path));
  }
  for (const [name, amount] of Object.entries(requests)) {
    const path = `${at}.requests[${name}]`;
    errors.push(...checkResourceName(name, path), ...checkAmount(name, amount, path));
    errors.push(...checkAgainstLimit(name, amount, limits, at), ...checkHugePages(name, amount, path));
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  if (
    names.some((name) => name.startsWith('hugepages-')) &&
    !names.includes('cpu') &&
    !names.includes('memory')
  )
    errors.push(forbiddenField(at, 'HugePages require cpu or memory'));
  return errors;
}
