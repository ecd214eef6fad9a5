/** A table as the commands that make it (`nft -f -`): declarations first, then rules and elements. */
import { elementText, keyType, ruleText } from './print';
import type { NftChain, NftSet, NftTable } from './rules';

/** One command a line; loads into an empty ruleset. */
export function printNftCommands(table: NftTable): string[] {
  const at = `${table.family} ${table.name}`;
  const comment = table.comment === undefined ? '' : ` { comment "${table.comment}" ; }`;
  const lines = [`add table ${at}${comment}`];
  for (const set of table.sets.values())
    lines.push(`add ${set.isMap ? 'map' : 'set'} ${at} ${declaration(set, table)}`);
  for (const chain of table.chains.values()) lines.push(`add chain ${at} ${chainDeclaration(chain)}`);
  for (const chain of table.chains.values()) {
    for (const rule of chain.rules)
      lines.push(`add rule ${at} ${chain.name} ${ruleText(rule, table.family, 'command')}`);
  }
  for (const set of table.sets.values()) {
    for (const [key, element] of set.elements) {
      lines.push(`add element ${at} ${set.name} { ${elementText(key, element, set.isMap)} }`);
    }
  }
  return lines;
}

function declaration(set: NftSet, { family }: NftTable): string {
  const parts = [`type ${keyType(set.key, family)}${set.isMap ? ' : verdict' : ''} ;`];
  if (set.timeoutSeconds !== undefined)
    parts.push(`flags dynamic,timeout ; timeout ${set.timeoutSeconds}s ;`);
  if (set.comment !== undefined) parts.push(`comment "${set.comment}" ;`);
  return `${set.name} { ${parts.join(' ')} }`;
}

function chainDeclaration({ name, base, comment }: NftChain): string {
  const parts: string[] = [];
  if (base) parts.push(`type ${base.type} hook ${base.hook} priority ${base.priority} ;`);
  if (comment !== undefined) parts.push(`comment "${comment}" ;`);
  return parts.length === 0 ? name : `${name} { ${parts.join(' ')} }`;
}
