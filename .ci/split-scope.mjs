// Which name means what in a script: every use of a variable with the declaration it belongs to, and everything that ties
// a piece of code to the function around it (this, return, break, …). For split.mjs; input is what rolldown prints, so
// there is neither `with` nor direct eval nor a function that is not strict.

class Scope {
  constructor(parent, fn) {
    this.parent = parent;
    this.fn = fn;
    this.names = new Map();
  }
  declare(node, kind) {
    const known = this.names.get(node.name);
    if (known !== undefined) return known.declared.push(node);
    this.names.set(node.name, {
      name: node.name,
      kind,
      scope: this,
      fn: this.fn,
      isTop: this.parent === null,
      declared: [node],
      refs: [],
    });
  }
  find(name) {
    return this.names.get(name) ?? this.parent?.find(name) ?? null;
  }
}

/** The child nodes, in the order of the text where the parser keeps it. */
export function childrenOf(node) {
  const found = [];
  for (const key in node) {
    const value = node[key];
    if (Array.isArray(value)) {
      for (const one of value) if (one !== null && typeof one?.type === 'string') found.push(one);
    } else if (value !== null && typeof value === 'object' && typeof value.type === 'string')
      found.push(value);
  }
  return found;
}

export const isFunction = (node) =>
  node.type === 'FunctionDeclaration' ||
  node.type === 'FunctionExpression' ||
  node.type === 'ArrowFunctionExpression';

/** The names that a pattern declares. */
export function namesIn(pattern) {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern];
    case 'ObjectPattern':
      return pattern.properties.flatMap((one) => namesIn(one.type === 'Property' ? one.value : one));
    case 'ArrayPattern':
      return pattern.elements.flatMap((one) => (one === null ? [] : namesIn(one)));
    case 'AssignmentPattern':
      return namesIn(pattern.left);
    case 'RestElement':
      return namesIn(pattern.argument);
    default:
      return [];
  }
}

function hoistVars(node, scope) {
  if (isFunction(node)) return;
  if (node.type === 'VariableDeclaration' && node.kind === 'var')
    for (const one of node.declarations) for (const name of namesIn(one.id)) scope.declare(name, 'var');
  for (const child of childrenOf(node)) hoistVars(child, scope);
}

function declareBlock(statements, scope) {
  for (const node of statements) {
    if (node.type === 'FunctionDeclaration') scope.declare(node.id, 'function');
    if (node.type === 'ClassDeclaration') scope.declare(node.id, 'class');
    if (node.type === 'VariableDeclaration' && node.kind !== 'var')
      for (const one of node.declarations) for (const name of namesIn(one.id)) scope.declare(name, node.kind);
  }
}

const LOOPS = new Set([
  'ForStatement',
  'ForInStatement',
  'ForOfStatement',
  'WhileStatement',
  'DoWhileStatement',
]);

/** Walks a program. `at` in its visits is what surrounds a node. */
class Walk {
  refs = [];
  ties = [];

  program(ast) {
    const scope = new Scope(null, ast);
    hoistVars(ast, scope);
    declareBlock(ast.body, scope);
    const at = { scope, fn: ast, self: ast, class: null, jumps: [] };
    for (const node of ast.body) this.visit(node, at, ast);
    this.refs.sort((a, b) => a.start - b.start);
    this.ties.sort((a, b) => a.start - b.start);
    return { top: scope.names, refs: this.refs, ties: this.ties };
  }

  tie(kind, node, owner) {
    this.ties.push({ kind, start: node.start, end: node.end, owner });
  }

  use(node, at, parent, isWrite) {
    const binding = at.scope.find(node.name);
    const ref = {
      node,
      start: node.start,
      end: node.end,
      name: node.name,
      binding,
      isWrite,
      fn: at.fn,
      parent,
    };
    if (node.name === 'arguments' && binding === null) this.tie('arguments', node, at.self);
    binding?.refs.push(ref);
    this.refs.push(ref);
  }

  all(nodes, at, parent) {
    for (const node of nodes) if (node !== null && node !== undefined) this.visit(node, at, parent);
  }

  visit(node, at, parent) {
    const special = this[node.type];
    if (special !== undefined) special.call(this, node, at, parent);
    else this.all(childrenOf(node), at, node);
  }

  inner(at) {
    return { ...at, scope: new Scope(at.scope, at.fn) };
  }

  function(node, at) {
    const named = node.type === 'FunctionExpression' && node.id ? this.inner(at) : at;
    if (named !== at) named.scope.declare(node.id, 'name');
    const scope = new Scope(named.scope, node);
    for (const param of node.params) for (const name of namesIn(param)) scope.declare(name, 'param');
    const isArrow = node.type === 'ArrowFunctionExpression';
    const inside = { ...at, scope, fn: node, self: isArrow ? at.self : node, jumps: [] };
    if (node.body.type === 'BlockStatement') {
      hoistVars(node.body, scope);
      declareBlock(node.body.body, scope);
    }
    for (const param of node.params) this.pattern(param, inside, node, false);
    if (node.body.type === 'BlockStatement') this.all(node.body.body, inside, node.body);
    else this.visit(node.body, inside, node);
  }

  /** Declared or assigned names; `isWrite` for an assignment to names that exist. */
  pattern(node, at, parent, isWrite) {
    switch (node.type) {
      case 'Identifier':
        if (isWrite) this.use(node, at, parent, true);
        return;
      case 'ObjectPattern':
        for (const one of node.properties) {
          if (one.type !== 'Property') this.pattern(one, at, node, isWrite);
          else {
            if (one.computed) this.visit(one.key, at, one);
            this.pattern(one.value, at, one, isWrite);
          }
        }
        return;
      case 'ArrayPattern':
        for (const one of node.elements) if (one !== null) this.pattern(one, at, node, isWrite);
        return;
      case 'AssignmentPattern':
        this.pattern(node.left, at, node, isWrite);
        this.visit(node.right, at, node);
        return;
      case 'RestElement':
        return this.pattern(node.argument, at, node, isWrite);
      default:
        return this.visit(node, at, parent);
    }
  }

  loop(node, at) {
    if (node.await) this.tie('wait', node, at.fn);
    const inside = { ...this.inner(at), jumps: [...at.jumps, { node, isLoop: true }] };
    const head = node.type === 'ForStatement' ? node.init : node.left;
    if (head?.type === 'VariableDeclaration') declareBlock([head], inside.scope);
    if (node.left && head.type !== 'VariableDeclaration') {
      this.pattern(node.left, inside, node, true);
      this.all([node.right, node.body], inside, node);
    } else this.all(childrenOf(node), inside, node);
  }

  klass(node, at) {
    const inside = node.type === 'ClassExpression' && node.id ? this.inner(at) : at;
    if (inside !== at) inside.scope.declare(node.id, 'name');
    if (node.superClass) this.visit(node.superClass, inside, node);
    this.visit(node.body, { ...inside, class: node }, node);
  }

  member(node, at) {
    if (node.computed) this.visit(node.key, at, node);
    if (node.key.type === 'PrivateIdentifier') this.tie('private', node.key, at.class);
    if (!node.value) return;
    if (isFunction(node.value)) return this.visit(node.value, at, node);
    // An initial value runs as a method of the new object.
    this.visit(node.value, { ...at, fn: node, self: node, jumps: [] }, node);
  }

  jump(node, at) {
    const wanted = node.label?.name;
    const isTarget = (one) =>
      wanted !== undefined
        ? one.label === wanted
        : one.isLoop || (node.type === 'BreakStatement' && !one.label);
    this.tie('jump', node, at.jumps.findLast(isTarget).node);
  }
}

Object.assign(Walk.prototype, {
  FunctionDeclaration: Walk.prototype.function,
  FunctionExpression: Walk.prototype.function,
  ArrowFunctionExpression: Walk.prototype.function,
  ClassDeclaration: Walk.prototype.klass,
  ClassExpression: Walk.prototype.klass,
  MethodDefinition: Walk.prototype.member,
  PropertyDefinition: Walk.prototype.member,
  BreakStatement: Walk.prototype.jump,
  ContinueStatement: Walk.prototype.jump,
  Identifier(node, at, parent) {
    this.use(node, at, parent, false);
  },
  PrivateIdentifier(node, at) {
    this.tie('private', node, at.class);
  },
  MemberExpression(node, at) {
    this.visit(node.object, at, node);
    if (node.computed || node.property.type === 'PrivateIdentifier') this.visit(node.property, at, node);
  },
  Property(node, at) {
    if (node.computed) this.visit(node.key, at, node);
    this.visit(node.value, at, node);
  },
  VariableDeclaration(node, at) {
    for (const one of node.declarations) {
      // A `var` is there before it gets its value here, and gets another each time a loop comes by.
      const isWrite = node.kind === 'var' && one.init !== null && at.fn.type !== 'Program';
      this.pattern(one.id, at, one, isWrite);
      if (one.init) this.visit(one.init, at, one);
    }
  },
  AssignmentExpression(node, at) {
    this.pattern(node.left, at, node, true);
    this.visit(node.right, at, node);
  },
  UpdateExpression(node, at) {
    this.pattern(node.argument, at, node, true);
  },
  BlockStatement(node, at) {
    const inside = this.inner(at);
    declareBlock(node.body, inside.scope);
    this.all(node.body, inside, node);
  },
  StaticBlock(node, at) {
    const inside = { ...at, scope: new Scope(at.scope, node), fn: node, self: node, jumps: [] };
    for (const one of node.body) hoistVars(one, inside.scope);
    declareBlock(node.body, inside.scope);
    this.all(node.body, inside, node);
  },
  SwitchStatement(node, at) {
    this.visit(node.discriminant, at, node);
    const inside = { ...this.inner(at), jumps: [...at.jumps, { node, isLoop: false }] };
    for (const one of node.cases) declareBlock(one.consequent, inside.scope);
    this.all(node.cases, inside, node);
  },
  CatchClause(node, at) {
    const inside = this.inner(at);
    if (node.param) {
      for (const name of namesIn(node.param)) inside.scope.declare(name, 'catch');
      this.pattern(node.param, inside, node, false);
    }
    this.visit(node.body, inside, node);
  },
  LabeledStatement(node, at) {
    const label = node.label.name;
    // `continue label` goes on with the loop, `break label` leaves the statement: both stay inside of it.
    this.visit(node.body, { ...at, jumps: [...at.jumps, { node, isLoop: false, label }] }, node);
  },
  ThisExpression(node, at) {
    this.tie('this', node, at.self);
  },
  Super(node, at) {
    this.tie('super', node, at.self);
  },
  MetaProperty(node, at) {
    this.tie('meta', node, at.self);
  },
  ReturnStatement(node, at) {
    this.tie('return', node, at.fn);
    if (node.argument) this.visit(node.argument, at, node);
  },
  YieldExpression(node, at) {
    this.tie('wait', node, at.fn);
    if (node.argument) this.visit(node.argument, at, node);
  },
  AwaitExpression(node, at) {
    this.tie('wait', node, at.fn);
    this.visit(node.argument, at, node);
  },
  ImportExpression(node, at) {
    this.tie('import', node, at.fn);
    this.visit(node.source, at, node);
  },
});
for (const type of LOOPS) Walk.prototype[type] = Walk.prototype.loop;

/**
 * `top`: declarations of the script by name. `refs`: uses of names in the order of the text, with their `binding` (null
 * for what the engine provides). `ties`: this, return, break and the like, each with the node it belongs to (`owner`).
 */
export function analyse(ast) {
  return new Walk().program(ast);
}
