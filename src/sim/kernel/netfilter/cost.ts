/**
 * How long netfilter takes, as a law: a connection's first packet pays a fixed part once and a part for every rule looked
 * at; later packets pay little. Measured on iptables over nf_tables, where each rule is an expression list on its own.
 */
import type { Ns } from '../../clock/clock';

/** First packet of a connection: entry, NAT binding, hash insertion. */
export const FIRST_PACKET_NS: Ns = 24_000;
/** The same where an nft ruleset finds the way by a verdict map: flat, however many entries the map has. */
export const FIRST_PACKET_BY_MAP_NS: Ns = 23_000;
/** Each iptables rule looked at (2.4 ns with the legacy backend, which is not simulated). */
export const PER_RULE_NS = 13.3;
/** Each hook for a packet of a known connection: three hooks on a forwarding host make about a microsecond. */
export const KNOWN_PACKET_HOOK_NS: Ns = 350;

/** Time for a number of rules, whole nanoseconds. */
export function rulesCostNs(rulesPassed: number): Ns {
  return Math.round(rulesPassed * PER_RULE_NS);
}
