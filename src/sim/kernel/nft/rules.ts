/**
 * nf_tables as data: tables with base chains on hooks, chains, sets, verdict maps, and rules as lists of statements. Ruled
 * by nft(8). Only what rules here use; the words are nft's own.
 */
import type { Origin } from '../../trace/hop';
import type { HookName } from '../netfilter/netfilter';

export type NftFamily = 'ip' | 'ip6';

/** What a packet is looked at for, and what keys are made of. */
export type Field = 'saddr' | 'daddr' | 'l4proto' | 'dport' | 'iifname' | 'oifname';

export type Verdict =
  | { readonly kind: 'accept' | 'drop' | 'return' }
  | { readonly kind: 'jump'; readonly chain: string }
  | { readonly kind: 'goto'; readonly chain: string };

/** One statement of a rule. Matches stop the rule when they do not fit; the others do something. */
export type Statement =
  /** "ip daddr @set", "ip saddr != 10.0.0.0/8", "ip daddr { a, b }" */
  | {
      readonly kind: 'match';
      readonly field: Field;
      readonly not?: boolean;
      readonly set?: string;
      readonly values?: readonly string[];
      /** Written with braces even when there is one value. */
      readonly braces?: boolean;
    }
  /** "ip saddr . ip daddr @set" */
  | { readonly kind: 'in-set'; readonly key: readonly Field[]; readonly set: string }
  /** "ct status dnat" */
  | { readonly kind: 'ct-status'; readonly status: 'dnat' | 'snat' }
  | { readonly kind: 'ct-state'; readonly states: readonly string[] }
  /** "fib daddr type local" */
  | { readonly kind: 'fib'; readonly side: 'saddr' | 'daddr' }
  /** "mark and MASK == VALUE" */
  | { readonly kind: 'mark-is'; readonly mask: number; readonly value: number; readonly not?: boolean }
  | { readonly kind: 'mark-set'; readonly op: 'or' | 'xor' | 'and'; readonly value: number }
  /** "ip daddr . meta l4proto . th dport vmap @map" */
  | { readonly kind: 'vmap'; readonly key: readonly Field[]; readonly map: string }
  /** "numgen random mod N vmap { 0 : goto …, … }" */
  | { readonly kind: 'numgen'; readonly verdicts: readonly Verdict[] }
  /** "update @set { ip saddr }" */
  | { readonly kind: 'update'; readonly set: string }
  | { readonly kind: 'verdict'; readonly verdict: Verdict }
  | { readonly kind: 'reject' }
  | { readonly kind: 'masquerade'; readonly fullyRandom: boolean }
  | { readonly kind: 'dnat'; readonly ip: string; readonly port: number }
  /** "dnat ip addr . port to numgen random mod N map { 0 : IP . PORT, … }" */
  | {
      readonly kind: 'dnat-map';
      readonly targets: readonly { readonly ip: string; readonly port: number }[];
    };

export interface NftRule {
  readonly statements: readonly Statement[];
  readonly comment?: string;
  readonly origin?: Origin;
}

export interface BaseChain {
  readonly type: 'filter' | 'nat';
  readonly hook: HookName;
  readonly priority: number;
}

export interface NftChain {
  readonly name: string;
  readonly base?: BaseChain;
  readonly comment?: string;
  readonly rules: readonly NftRule[];
}

/** An element of a set (no verdict) or of a verdict map. */
export interface NftElement {
  readonly verdict?: Verdict;
  readonly comment?: string;
  readonly origin?: Origin;
}

/** A set or a verdict map; elements by their key as nft prints it, "10.9.0.1 . tcp . 80". */
export interface NftSet {
  readonly name: string;
  readonly isMap: boolean;
  readonly key: readonly Field[];
  /** Rules add elements themselves (flags dynamic,timeout), which live so long. */
  readonly timeoutSeconds?: number;
  readonly comment?: string;
  readonly elements: ReadonlyMap<string, NftElement>;
}

export interface NftTable {
  readonly family: NftFamily;
  readonly name: string;
  readonly comment?: string;
  /** In the order in which they were made, as nft lists them. */
  readonly sets: ReadonlyMap<string, NftSet>;
  readonly chains: ReadonlyMap<string, NftChain>;
}
