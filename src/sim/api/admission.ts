/**
 * What happens to an object between the request and the store: decode, default, let admission plugins and the kind's
 * strategy fill in, validate, allocate. Upstream: apiserver pkg/endpoints/handlers, pkg/registry/rest/create.go, update.go.
 */
import { Allocator, type AllocatorConfig } from './allocator';
import { customTypeErrors, decode, refuseUndecodable } from './decode';
import { invalid } from './errors';
import type { FieldError } from './field-error';
import { UNCHECKED } from './kinds/gateway-rules';
import { rulesOf } from './kinds/registry';
import { resourceOf } from './kinds/resources';
import type { Service } from './kinds/service';
import { settleFamilies } from './kinds/service-rules';
import { validateMeta, validateMetaUpdate } from './kinds/validate-meta';
import type { ApiObject } from './object';
import type { Draft, RuleContext } from './rules';
import type { Store, WriteOp } from './store';

export type AdmissionConfig = AllocatorConfig;

/** kubeadm's ranges. */
export const DEFAULT_CONFIG: AdmissionConfig = { serviceCidrs: ['10.96.0.0/16'], nodePorts: [30000, 32767] };

export interface AdmitOptions {
  /** False for the cluster's own components, whose objects are not checked again. Default true. */
  readonly validate?: boolean;
  /** Nothing is allocated, only checked. */
  readonly dryRun?: boolean;
  /** Is told of each field that the kind does not have, which is then dropped; without it such fields are refused. */
  readonly unknown?: (message: string) => void;
}

export class Admission {
  private readonly context: RuleContext;
  /** For dry runs, which must not draw from the cluster's chance: what is only asked changes nothing. */
  private readonly dryContext: RuleContext;
  private readonly allocator: Allocator;

  constructor(store: Store, config: AdmissionConfig = DEFAULT_CONFIG) {
    this.allocator = new Allocator(config, store.clock.random, store.taken);
    this.context = {
      ipFamilies: config.serviceCidrs.map((cidr) => (cidr.includes(':') ? 'IPv6' : 'IPv4')),
      serviceCidrs: config.serviceCidrs,
      nodePorts: config.nodePorts,
      list: (kind) => store.list(kind),
      random: (stream, letters, length) => store.clock.random.text(stream, letters, length),
    };
    this.dryContext = { ...this.context, random: (_stream, letters, length) => letters[0]!.repeat(length) };
  }

  /** The object as it may be stored. Throws ApiError: BadRequest when it cannot be read, Invalid with every cause. */
  admit(given: ApiObject, op: WriteOp, old: ApiObject | undefined, options: AdmitOptions = {}): ApiObject {
    const strict = options.validate !== false;
    const { object, problems } = decode(given);
    if (strict) refuseUndecodable(object, problems, options.unknown);
    const rules = rulesOf(given.kind, given.apiVersion);
    const draft = object as Draft<ApiObject>;
    const typeErrors = strict && problems.length > 0 ? customTypeErrors(object, problems) : [];
    if (typeErrors.length > 0) throw this.refuse(given, [...typeErrors, UNCHECKED]);
    const context = options.dryRun ? this.dryContext : this.context;
    rules.default?.(draft);
    if (op === 'create') {
      if (strict) rules.admitCreate?.(draft, context);
      rules.prepareCreate?.(draft, context);
    } else if (old !== undefined) rules.prepareUpdate?.(draft, old, context);
    if (strict) this.check(object, old);
    rules.encode?.(draft);
    if (object.kind === 'Service' && object.apiVersion === 'v1')
      this.allocate(draft as Draft<Service>, options);
    return object;
  }

  /** Every field error of a defaulted object, and of the change when there is an old one. */
  validate(object: ApiObject, old: ApiObject | undefined): FieldError[] {
    const rules = rulesOf(object.kind, object.apiVersion);
    const whole = rules.validate?.(object, this.context) ?? [];
    if (old === undefined)
      return [...validateMeta(object), ...whole, ...(rules.validateCreate?.(object) ?? [])];
    const change = rules.validateUpdate?.(object, old, this.context) ?? [];
    const parts = rules.updateFirst === true ? [change, whole] : [whole, change];
    return [...validateMetaUpdate(object, old), ...parts.flat()];
  }

  private check(object: ApiObject, old: ApiObject | undefined): void {
    const errors = this.validate(object, old);
    if (errors.length > 0) throw this.refuse(object, errors);
  }

  private allocate(service: Draft<Service>, options: AdmitOptions): void {
    const trusted = options.validate === false;
    const families = settleFamilies(service, this.context);
    // A component may hold addresses of families that this cluster does not hand out.
    if (families.length > 0 && trusted)
      settleFamilies(service, { ...this.context, ipFamilies: ['IPv4', 'IPv6'] });
    else if (families.length > 0) throw this.refuse(service as ApiObject, families);
    const error = this.allocator.fill(service, { dry: options.dryRun, trusted });
    if (error !== null) throw this.refuse(service as ApiObject, [error]);
  }

  private refuse(object: ApiObject, errors: readonly FieldError[]): Error {
    const { group } = resourceOf(object.kind, object.apiVersion);
    return invalid(object.kind, group, object.metadata?.name ?? '', errors);
  }
}
