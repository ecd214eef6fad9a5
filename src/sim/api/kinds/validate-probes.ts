/** Validation of probes and lifecycle hooks. Upstream: pkg/apis/core/validation/validation.go, validateProbe and handlers. */
import { forbiddenField, invalidValue, required } from '../field-errors';
import type { FieldError } from '../field-error';
import { checkPortNumber, checkPortNumberOrName } from './check-ports';
import { checkNonNegative, checkOneOf } from './checks';
import type { Container, HandlerAction, Probe } from './container';

/** The handlers in the order in which the server looks at them; a second one is refused where it stands. */
export function validateHandler(handler: HandlerAction, at: string): FieldError[] {
  const errors: FieldError[] = [];
  let first = true;
  const each = (name: keyof HandlerAction, check: () => FieldError[]) => {
    if (handler[name] === undefined) return;
    if (first) errors.push(...check());
    else errors.push(forbiddenField(`${at}.${name}`, 'may not specify more than 1 handler type'));
    first = false;
  };
  each('exec', () => ((handler.exec?.command ?? []).length === 0 ? [required(`${at}.exec.command`)] : []));
  each('httpGet', () => validateHttpGet(handler.httpGet!, `${at}.httpGet`));
  each('tcpSocket', () => checkPortNumberOrName(`${at}.tcpSocket.port`, handler.tcpSocket!.port));
  each('grpc', () => checkPortNumber(`${at}.grpc.port`, handler.grpc!.port ?? 0));
  each('sleep', () => []);
  if (first) errors.push(required(at, 'must specify a handler type'));
  return errors;
}

function validateHttpGet(action: NonNullable<HandlerAction['httpGet']>, at: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!action.path) errors.push(required(`${at}.path`));
  errors.push(...checkPortNumberOrName(`${at}.port`, action.port));
  errors.push(...checkOneOf(`${at}.scheme`, action.scheme, ['HTTP', 'HTTPS']));
  for (const header of action.httpHeaders ?? [])
    if (!/^[-A-Za-z0-9]+$/.test(header.name ?? ''))
      errors.push(
        invalidValue(
          `${at}.httpHeaders`,
          header.name ?? '',
          "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')",
        ),
      );
  return errors;
}

function validateProbe(probe: Probe, at: string): FieldError[] {
  const errors = validateHandler(probe, at);
  const numbers = [
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'successThreshold',
    'failureThreshold',
  ] as const;
  for (const field of numbers) errors.push(...checkNonNegative(`${at}.${field}`, probe[field]));
  const grace = probe.terminationGracePeriodSeconds;
  if (grace !== undefined && grace <= 0)
    errors.push(invalidValue(`${at}.terminationGracePeriodSeconds`, grace, 'must be greater than 0'));
  return errors;
}

/** The three probes and the two hooks of one container. */
export function validateProbes(container: Container, at: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const hook of ['postStart', 'preStop'] as const) {
    const handler = container.lifecycle?.[hook];
    if (handler) errors.push(...validateHandler(handler, `${at}.lifecycle.${hook}`));
  }
  for (const name of ['livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
    const probe = container[name];
    if (!probe) continue;
    const path = `${at}.${name}`;
    errors.push(...validateProbe(probe, path));
    if (name === 'readinessProbe') {
      const grace = probe.terminationGracePeriodSeconds;
      if (grace !== undefined)
        errors.push(
          invalidValue(`${path}.terminationGracePeriodSeconds`, grace, 'must not be set for readinessProbes'),
        );
    } else if (probe.successThreshold !== 1)
      errors.push(invalidValue(`${path}.successThreshold`, probe.successThreshold ?? 0, 'must be 1'));
  }
  return errors;
}
