/** Validation of probes and lifecycle hooks. Upstream: pkg/apis/core/validation/validation.go, validateProbe and handlers. */
import { forbiddenField, invalidValue, notSupported, required } from '../field-errors';
import type { FieldError } from '../field-error';
import { checkPortNumber, checkPortNumberOrName } from './check-ports';
import { checkNonNegative, checkOneOf } from './checks';
import type { Container, HandlerAction, Probe } from './container';

/** The handlers in the order in which the server looks at them; a second one is refused where it stands. */
function validateHandler(handler: HandlerAction, at: string, graceSeconds?: number): FieldError[] {
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
  each('sleep', () => checkSleep(handler.sleep!.seconds ?? 0, `${at}.sleep`, graceSeconds));
  if (first) errors.push(required(at, 'must specify a handler type'));
  return errors;
}

/** A hook may sleep as long as its pod may take to stop (KEP-3960, zero allowed by KEP-4818). */
function checkSleep(seconds: number, at: string, graceSeconds: number | undefined): FieldError[] {
  if (graceSeconds === undefined || (seconds >= 0 && seconds <= graceSeconds)) return [];
  const why = `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`;
  return [invalidValue(at, seconds, why)];
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

const SIGNALS = (
  'ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT RTMAX RTMAX-1 RTMAX-10 RTMAX-11 ' +
  'RTMAX-12 RTMAX-13 RTMAX-14 RTMAX-2 RTMAX-3 RTMAX-4 RTMAX-5 RTMAX-6 RTMAX-7 RTMAX-8 RTMAX-9 RTMIN RTMIN+1 RTMIN+10 ' +
  'RTMIN+11 RTMIN+12 RTMIN+13 RTMIN+14 RTMIN+15 RTMIN+2 RTMIN+3 RTMIN+4 RTMIN+5 RTMIN+6 RTMIN+7 RTMIN+8 RTMIN+9 SEGV ' +
  'STKFLT STOP SYS TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ'
)
  .split(' ')
  .map((name) => `SIG${name}`);

/** Signals differ by system, so the system must be told (KEP-4960). */
function checkSignal(signal: string, at: string, os: string | undefined): FieldError[] {
  if (os === undefined)
    return [forbiddenField(at, 'may not be set for containers with empty `spec.os.name`')];
  const known = os === 'windows' ? ['SIGKILL', 'SIGTERM'] : SIGNALS;
  return known.includes(signal) ? [] : [notSupported(at, signal, known)];
}

/** The three probes and the two hooks of one container. */
export function validateProbes(
  container: Container,
  at: string,
  pod: { readonly graceSeconds: number | undefined; readonly os: string | undefined },
): FieldError[] {
  const errors: FieldError[] = [];
  for (const hook of ['postStart', 'preStop'] as const) {
    const handler = container.lifecycle?.[hook];
    if (handler) errors.push(...validateHandler(handler, `${at}.lifecycle.${hook}`, pod.graceSeconds));
  }
  const signal = (container.lifecycle as { stopSignal?: string } | undefined)?.stopSignal;
  if (signal !== undefined) errors.push(...checkSignal(signal, `${at}.lifecycle.stopSignal`, pod.os));
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
