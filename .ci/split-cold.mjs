// Which pieces of a script can be cut out of it although they are in the middle of a function, and what they need to run
// elsewhere. For split.mjs.
import { childrenOf, isFunction } from './split-scope.mjs';

/** When a place of the text was reached. */
export const NEVER = 0;
export const RAN = 1;
export const LOADED = 2;

/** A piece of fewer characters is not worth the call that replaces it; each variable that is handed over costs some. */
const WORTH = 30;
const PER_VARIABLE = 3;
/** The same for a whole function and for a method, which cost less. */
const WORTH_PASS = 40;
const WORTH_METHOD = 24;

/** Position of the first entry at or after `start`, in a list that is sorted by start. */
function firstFrom(list, start) {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle].start < start) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The entries of a sorted list that lie in a piece of the text. */
export function within(list, { start, end }) {
  const found = [];
  for (let i = firstFrom(list, start); i < list.length && list[i].start < end; i++) found.push(list[i]);
  return found;
}

const contains = (piece, node) => node.start >= piece.start && node.end <= piece.end;

/** True when control never comes out at the end of the statement. */
function neverEnds(node) {
  switch (node.type) {
    case 'ReturnStatement':
    case 'ThrowStatement':
      return true;
    case 'BlockStatement':
      return node.body.some(neverEnds);
    case 'IfStatement':
      return node.alternate !== null && neverEnds(node.consequent) && neverEnds(node.alternate);
    default:
      return false;
  }
}

/** What binds a piece to the code around it so that it cannot leave. */
const BINDING = new Set(['super', 'meta', 'private', 'wait', 'arguments', 'jump']);

/** Decides piece by piece what may leave. */
export class Cutter {
  /** `names` is what analyse() found, `places` says of each place of the text when it was reached. */
  constructor(names, places) {
    this.names = names;
    this.places = places;
  }

  isCold(node) {
    return this.places[node.start] === NEVER && this.places[node.end - 1] === NEVER;
  }

  /** When a function was called. The sign before an arrow's value is not part of a function that this value may be. */
  called({ body }) {
    return this.places[body.type === 'BlockStatement' ? body.start : body.start - 1];
  }

  /**
   * What runs while the script is loaded stays in one piece: nobody could do it again, and another engine may go another
   * way there, as it finds itself able to do other things.
   */
  runsAtLoad(fn) {
    if (isFunction(fn)) return this.called(fn) === LOADED;
    return fn.type === 'Program' || this.places[(fn.value ?? fn).start] === LOADED;
  }

  /** True when code that stays behind would have to be assigned to, or the piece loads something itself. */
  isPinned(piece) {
    return (
      within(this.names.refs, piece).some((ref) => ref.isWrite && ref.binding?.isTop) ||
      within(this.names.ties, piece).some((tie) => tie.kind === 'import')
    );
  }

  /** The ties of a piece that lead out of it. */
  leadingOut(piece) {
    return within(this.names.ties, piece).filter((tie) => !contains(piece, tie.owner));
  }

  /**
   * What a piece of a function hands over when it is called from afar, or null when it cannot leave. `fn` is the function
   * around it; `how` is 'expression', 'statements', 'tail' (the function ends with the piece) or 'body'.
   */
  plan(piece, last, fn, how) {
    if (this.runsAtLoad(fn) || this.isPinned(piece)) return null;
    const out = this.leadingOut(piece);
    if (out.some((tie) => BINDING.has(tie.kind))) return null;
    const returns = out.some((tie) => tie.kind === 'return');
    if (returns && how === 'expression') return null;
    if (returns && how === 'statements' && !neverEnds(last)) return null;
    const variables = this.variables(piece, fn, how);
    if (variables === null) return null;
    const selves = out.filter((tie) => tie.kind === 'this');
    const length = piece.end - piece.start;
    const handed = variables.length + (selves.length > 0 ? 1 : 0);
    if (length < WORTH + PER_VARIABLE * handed) return null;
    return { kind: 'piece', node: piece, variables, selves, returns, isExpression: how === 'expression' };
  }

  /** Names of the variables around a piece that it reads, by value; null when handing over values would not do. */
  variables(piece, fn, how) {
    const names = new Set();
    for (const ref of within(this.names.refs, piece)) {
      const { binding } = ref;
      if (binding === null || binding.isTop) continue;
      if (contains(piece, binding.declared[0])) {
        if (binding.refs.some((other) => !contains(piece, other))) return null;
        continue;
      }
      if (binding.declared.length > 1 || !this.canHand(binding, ref, piece, fn, how)) return null;
      names.add(binding.name);
    }
    return this.holdsOutside(piece) ? null : [...names];
  }

  /** True when the piece declares a name that is used outside of it, or not used at all but by others' closures. */
  holdsOutside(piece) {
    for (const binding of this.declaredIn(piece))
      if (binding.refs.some((ref) => !contains(piece, ref))) return true;
    return false;
  }

  declaredIn(piece) {
    this.byPlace ??= [...new Set(this.names.refs.flatMap(({ binding }) => binding ?? []))]
      .flatMap((binding) => binding.declared.map((node) => ({ start: node.start, binding })))
      .sort((a, b) => a.start - b.start);
    return within(this.byPlace, piece).map(({ binding }) => binding);
  }

  canHand(binding, ref, piece, fn, how) {
    const writes = binding.refs.filter((other) => other.isWrite);
    if (writes.some((write) => contains(piece, write))) {
      // Parameters belong to the body alone when nobody else in the function's head looks at them.
      const isOwn = how === 'body' && binding.kind === 'param' && binding.fn === fn;
      if (!isOwn || !binding.refs.every((other) => contains(piece, other))) return false;
      return true;
    }
    // A value that others change while the piece runs, or before a function made by the piece runs.
    if (writes.some((write) => write.fn !== binding.fn)) return false;
    if (writes.length > 0 && ref.fn !== fn) return false;
    // What is declared further down may not have its value yet.
    return binding.declared[0].start < piece.start || binding.kind === 'function';
  }

  /** A function that can leave as a whole: it knows nothing of the functions around it, nor what it is called on. */
  passes(node) {
    if (this.called(node) !== NEVER || node.end - node.start < WORTH_PASS || this.isPinned(node))
      return false;
    const ties = within(this.names.ties, node);
    if (ties.some((tie) => !contains(node, tie.owner))) return false;
    if (ties.some((tie) => tie.owner === node && (tie.kind === 'this' || tie.kind === 'meta'))) return false;
    return this.isClosed(node);
  }

  /** A method that can be put on its class later. */
  canJoinLater(node) {
    if (node.type !== 'MethodDefinition' || node.kind !== 'method' || node.computed) return false;
    if (node.key.type !== 'Identifier' || node.end - node.start < WORTH_METHOD) return false;
    if (this.called(node.value) !== NEVER || this.isPinned(node)) return false;
    const isSuper = (tie) => tie.kind === 'super';
    if (within(this.names.ties, node).some((tie) => isSuper(tie) || !contains(node, tie.owner))) return false;
    return this.isClosed(node);
  }

  /** True when it uses no variables but its own and those at the script's top. */
  isClosed(node) {
    return within(this.names.refs, node).every(
      ({ binding }) => binding === null || binding.isTop || contains(node, binding.declared[0]),
    );
  }

  /**
   * All pieces of a node that can leave, outermost first; also the catch clauses that stay. `fn` is the function around
   * the node; `name` is what a class is called at the script's top.
   */
  cuts(node, fn, found, name = null) {
    switch (node.type) {
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        if (this.passes(node)) return found.push({ kind: 'function', node });
        return this.cutsOfFunction(node, found);
      case 'FunctionDeclaration':
        return this.cutsOfFunction(node, found);
      case 'MethodDefinition':
        if (node.computed) this.cuts(node.key, fn, found);
        return this.cutsOfFunction(node.value, found);
      case 'Property':
        return this.cutsOfProperty(node, fn, found);
      case 'ClassBody':
        for (const member of node.body)
          if (name !== null && this.canJoinLater(member)) found.push({ kind: 'method', node: member, name });
          else this.cuts(member, fn, found);
        return;
      case 'CatchClause':
        found.push({ kind: 'catch', node });
        return this.cutsOfChildren(node, fn, found);
      case 'ClassExpression':
      case 'ClassDeclaration':
        return this.cutsOfChildren(node, fn, found, name);
      default:
        return this.cutsOfChildren(node, fn, found);
    }
  }

  cutsOfProperty(node, fn, found) {
    if (!node.method && node.kind === 'init') return this.cutsOfChildren(node, fn, found);
    if (node.computed) this.cuts(node.key, fn, found);
    const isPlain = node.method && !node.computed && !node.value.async && !node.value.generator;
    if (isPlain && this.passes(node.value)) found.push({ kind: 'shorthand', node });
    else this.cutsOfFunction(node.value, found);
  }

  cutsOfChildren(node, fn, found, name = null) {
    const inside = node.type === 'StaticBlock' || node.type === 'PropertyDefinition' ? node : fn;
    const list = statementsOf(node);
    if (list !== null) this.cutsOfList(list, inside, false, found);
    for (const child of childrenOf(node)) {
      if (list?.includes(child)) continue;
      const how = placeOf(node, child);
      const plan = how !== null && this.isCold(child) ? this.plan(child, child, inside, how) : null;
      if (plan !== null) found.push(plan);
      else this.cuts(child, inside, found, name);
    }
  }

  cutsOfFunction(node, found) {
    for (const param of node.params) this.cuts(param, node, found);
    const { body } = node;
    if (body.type !== 'BlockStatement') {
      const isWhole = this.called(node) === NEVER && !isFunction(body);
      const plan = isWhole ? this.plan(body, body, node, 'expression') : null;
      if (plan !== null) found.push(plan);
      else this.cuts(body, node, found);
      return;
    }
    const list = body.body;
    if (list.length === 0) return;
    const piece = { start: list[0].start, end: list.at(-1).end };
    const plan = this.called(node) === NEVER ? this.plan(piece, list.at(-1), node, 'body') : null;
    if (plan !== null) found.push(plan);
    else this.cutsOfList(list, node, true, found);
  }

  /** Runs of statements that were never reached. */
  cutsOfList(list, fn, isBody, found) {
    for (let i = 0; i < list.length; i++) {
      let end = i;
      while (end < list.length && this.isCold(list[end])) end++;
      for (; end > i; end--) {
        const piece = { start: list[i].start, end: list[end - 1].end };
        const how = isBody && end === list.length ? 'tail' : 'statements';
        const plan = this.plan(piece, list[end - 1], fn, how);
        if (plan === null) continue;
        found.push(plan);
        break;
      }
      if (end > i) i = end - 1;
      else this.cuts(list[i], fn, found);
    }
  }
}

function statementsOf(node) {
  if (node.type === 'BlockStatement' || node.type === 'StaticBlock') return node.body;
  return node.type === 'SwitchCase' ? node.consequent : null;
}

/** Where a child may be a piece by itself. Of a function it is not known whether it was made, only whether it was called. */
function placeOf(node, child) {
  if (isFunction(child)) return null;
  switch (node.type) {
    case 'IfStatement':
      return child === node.test ? null : child.type === 'BlockStatement' ? null : 'statements';
    case 'ConditionalExpression':
      return child === node.test ? null : 'expression';
    case 'LogicalExpression':
      return child === node.right ? 'expression' : null;
    case 'AssignmentPattern':
      return child === node.right ? 'expression' : null;
    default:
      return null;
  }
}
