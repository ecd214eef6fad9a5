// Cuts a script in two: a core with what its first seconds use, and a late half with everything else, which is there for
// the core once it is loaded. Until then the core throws PartMissing where it comes to something that is late.
//
// The script is one flat module (all names at its top are different and it imports nothing). What is late:
// - declarations that nothing in the core comes to. The core, where it never came by, names them as $late[12].
// - functions and methods that were never called; in their place stands a function that passes on to the late one.
// - pieces of functions that were never reached: branches, ends, callbacks. The core calls $late[12](a, b) with what they
//   read of the variables around them (split-cold.mjs).
// Nothing else changes: the order in which declarations are evaluated stays, each function has one identity, and a piece
// that assigns to variables around it, jumps out of itself or needs super or #private stays where it is.
import { Cutter, LOADED, NEVER, RAN, within } from './split-cold.mjs';
import { analyse, namesIn } from './split-scope.mjs';

const HEAD = `
const $missing = () => {
  throw Object.assign(new Error('A part is used before it was loaded'), { name: 'PartMissing' });
};
const $late = Object.setPrototypeOf([], new Proxy([], { get: $missing }));
const $pass = (at) => (...args) => $late[at](...args);
const $again = (error) => {
  if (error?.name === 'PartMissing') throw error;
};
const $methods = (target, methods) => {
  for (const name of Object.getOwnPropertyNames(methods))
    Object.defineProperty(target, name, { value: methods[name], writable: true, configurable: true });
};
const $stub = ({ prototype }, names) =>
  names.split(' ').forEach((name) => $methods(prototype, { [name]: $missing }));
`;

/** The names that are written into the halves. */
const OURS = new Set(['$this', '$error', '$parts', ...HEAD.match(/\$\w+/g)]);

/**
 * For each place of a text when V8 counted that it was reached: NEVER, while the script RAN, or already while it was
 * LOADED. Takes what profile.mjs prints.
 */
export function reached(length, { loading, running }) {
  const places = marked(length, running, RAN);
  marked(length, loading, LOADED).forEach((value, at) => {
    if (value === LOADED) places[at] = LOADED;
  });
  return places;
}

function marked(length, ranges, mark) {
  const places = new Uint8Array(length + 1);
  for (const [start, end, count] of ranges.toSorted((a, b) => a[0] - b[0] || b[1] - a[1]))
    places.fill(count > 0 ? mark : NEVER, start, end);
  return places;
}

class Splitter {
  constructor(text, ast, places) {
    this.text = text;
    this.places = places;
    this.names = analyse(ast);
    this.cutter = new Cutter(this.names, places);
    this.items = ast.body.map((node) => ({ node, isCore: false, follows: [] }));
    /** From a name at the top to the statement that makes it. */
    this.makers = new Map(this.items.flatMap((item) => declaredBy(item.node).map((name) => [name, item])));
    this.edits = [];
    /** What the core finds late by its number, as code. */
    this.late = [];
    this.numbers = new Map();
    /** Names in the core for functions that are late. */
    this.passing = [];
    /** Late methods by class. */
    this.methods = new Map();
    /** Places whose text is late. */
    this.moved = [];
  }

  /** Finds what the core consists of: all that its statements come to, from those that do something. */
  reach() {
    const open = [];
    const add = (item) => {
      if (item.isCore) return;
      item.isCore = true;
      open.push(item);
    };
    for (const item of this.items) {
      const owner = this.ownerOf(item.node);
      if (owner !== undefined) owner.follows.push(item);
      else if (this.doesSomething(item)) add(item);
    }
    while (open.length > 0) {
      const item = open.pop();
      item.follows.forEach(add);
      for (const ref of within(this.names.refs, item.node)) {
        const isVariable = ref.binding?.isTop && this.isVariable(ref.binding);
        // What is assigned to is one variable on one side: that of everyone who has to do with it.
        if (isVariable) this.items.filter(({ node }) => this.assigns(node, ref.binding)).forEach(add);
        if (ref.binding?.isTop && (isVariable || this.isNeeded(ref))) add(this.makers.get(ref.name));
      }
    }
  }

  isNeeded(ref) {
    return this.places[ref.start] !== NEVER || this.cutter.runsAtLoad(ref.fn);
  }

  assigns(node, binding) {
    return binding.refs.some((ref) => ref.isWrite && ref.start >= node.start && ref.end <= node.end);
  }

  /** A statement like `X.y = …` or `x.set(…)` belongs to what it changes. */
  ownerOf(node) {
    if (node.type !== 'ExpressionStatement') return undefined;
    let left = node.expression;
    if (left.type === 'AssignmentExpression') left = left.left;
    else if (left.type === 'CallExpression') left = left.callee;
    if (left.type !== 'MemberExpression') return undefined;
    while (left.type === 'MemberExpression') left = left.object;
    return left.type === 'Identifier' ? this.makers.get(left.name) : undefined;
  }

  /** Statements that are no declarations, and declarations that nobody uses: they were kept for what they do. */
  doesSomething({ node }) {
    return declaredBy(node).every((name) => this.names.top.get(name).refs.length === 0);
  }

  number(key, code) {
    if (!this.numbers.has(key)) this.numbers.set(key, this.late.push(code) - 1);
    return this.numbers.get(key);
  }

  slice({ start, end }) {
    return this.text.slice(start, end);
  }

  edit(start, end, text) {
    this.edits.push({ start, end, text });
  }

  /** Replaces a piece of the core by what uses its late text. */
  move(node, text) {
    this.moved.push(node);
    this.edit(node.start, node.end, text);
  }

  cutItem({ node }) {
    if (node.type === 'FunctionDeclaration' && this.cutter.passes(node)) {
      const { id } = node;
      const code = `(${this.text.slice(node.start, id.start)}${this.text.slice(id.end, node.end)})`;
      this.passing.push(`${id.name} = $pass(${this.number(node, code)})`);
      return this.move(node, '');
    }
    const found = [];
    this.cutter.cuts(...(classOf(node) ?? [node, node, found, null]).with(2, found));
    for (const cut of found) this[cut.kind](cut);
  }

  function({ node }) {
    this.move(node, `$pass(${this.number(node, `(${this.slice(node)})`)})`);
  }

  shorthand({ node }) {
    const at = this.number(node, `(function${this.slice(node.value)})`);
    this.move(node, `${this.slice(node.key)}:$pass(${at})`);
  }

  method({ node, name }) {
    const target = node.static ? name : `${name}.prototype`;
    const held = this.methods.get(target) ?? { name, isStatic: node.static, names: [], codes: [] };
    held.names.push(node.key.name);
    held.codes.push(this.slice(node).replace(node.static ? /^static\s*/ : /^/, ''));
    this.methods.set(target, held);
    this.move(node, '');
  }

  catch({ node }) {
    if (/\bisPartMissing\b/.test(this.slice(node))) return;
    if (node.param && node.param.type !== 'Identifier')
      throw new Error(`catch by pattern: ${this.slice(node)}`);
    const name = node.param?.name ?? '$error';
    if (!node.param) this.edit(node.body.start, node.body.start, `(${name})`);
    this.edit(node.body.start + 1, node.body.start + 1, `$again(${name});`);
  }

  piece({ node, variables, selves, returns, isExpression }) {
    let text = '';
    let at = node.start;
    for (const self of selves) {
      text += `${this.text.slice(at, self.start)}$this`;
      at = self.end;
    }
    text += this.text.slice(at, node.end);
    const isMethod = selves.length > 0;
    const params = [...variables, ...(isMethod ? ['$this'] : [])].join();
    const code = `(${params}) => ${isExpression ? `(${text})` : `{${text}}`}`;
    const call = `$late[${this.number(node, code)}](${[...variables, ...(isMethod ? ['this'] : [])].join()})`;
    this.move(node, isExpression ? ` ${call}` : ` ${returns ? 'return ' : ''}${call};`);
  }

  /** In the core, names of what is late. The core never came to them, so none is assigned to. */
  nameLate(ref) {
    const at = `$late[${this.number(ref.name, ref.name)}]`;
    const { parent, node } = ref;
    const isCalled =
      (parent.type === 'CallExpression' && parent.callee === node) ||
      parent.type === 'TaggedTemplateExpression';
    const isShort = parent.type === 'Property' && parent.shorthand;
    this.edit(ref.start, ref.end, isShort ? `${ref.name}:${at}` : isCalled ? `(0,${at})` : ` ${at}`);
  }

  edited() {
    let text = '';
    let at = 0;
    for (const edit of this.edits.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
      if (edit.start < at)
        throw new Error(`edits overlap at ${this.text.slice(edit.start, edit.start + 80)}`);
      text += this.text.slice(at, edit.start) + edit.text;
      at = edit.end;
    }
    return text + this.text.slice(at);
  }

  run() {
    const taken = this.names.refs.find(({ name }) => OURS.has(name));
    if (taken !== undefined) throw new Error(`the script has a name of ours: ${taken.name}`);
    this.reach();
    for (const item of this.items) if (item.isCore) this.cutItem(item);
    const gone = this.items.filter((item) => !item.isCore).map(({ node }) => node);
    for (const node of gone) this.move(node, '');
    const places = this.moved.toSorted((a, b) => a.start - b.start);
    const exported = new Set();
    const copied = new Set();
    let place = 0;
    for (const ref of this.names.refs) {
      while (place < places.length && places[place].end <= ref.start) place++;
      if (!ref.binding?.isTop) continue;
      const isMoved = place < places.length && places[place].start <= ref.start;
      const { isCore } = this.makers.get(ref.name);
      if (isMoved && isCore) (this.isPlain(ref.binding) ? copied : exported).add(ref.name);
      if (!isMoved && !isCore) this.nameLate(ref);
    }
    for (const { name } of this.methods.values()) exported.add(name);
    const copies = new Set([...copied].map((name) => this.makers.get(name).node));
    const isVariable = (name) => this.isVariable(this.names.top.get(name));
    const parts = [...exported].filter((name) => !isVariable(name));
    const handed = { parts, variables: [...exported].filter(isVariable) };
    return { core: this.core(handed), late: this.lateText([...copies, ...gone], handed) };
  }

  /** A plain constant is smaller written down twice than handed over. */
  isPlain(binding) {
    const { node } = this.makers.get(binding.name);
    return (
      node.type === 'VariableDeclaration' &&
      !this.isVariable(binding) &&
      node.declarations.every(({ init }) => isPlainValue(init))
    );
  }

  isVariable(binding) {
    return binding.refs.some((ref) => ref.isWrite);
  }

  core({ parts, variables }) {
    const stubs = [...this.methods.values()].map(({ name, isStatic, names }) => {
      const target = isStatic ? `{ prototype: ${name} }` : name;
      return `$stub(${target}, '${names.join(' ')}');`;
    });
    return [
      HEAD,
      this.passing.length > 0 ? `var ${this.passing.join(', ')};` : '',
      this.edited(),
      ...stubs,
      // A list, as the engine needs no second name for its places; variables need one to stay what they are.
      `const $parts = [${parts.join()}];`,
      `export { ${['$late', '$methods', '$parts', ...variables].join(', ')} };`,
    ].join('\n');
  }

  lateText(gone, { parts, variables }) {
    const joins = [...this.methods].map(
      ([target, { codes }]) => `$methods(${target}, {${codes.join(',')}});`,
    );
    return [
      `import { ${['$late', '$methods', '$parts', ...variables].join(', ')} } from '${CORE}';`,
      `const [${parts.join()}] = $parts;`,
      ...gone.map((node) => this.slice(node)),
      ...joins,
      `Object.assign($late, [${this.late.join(',\n')}]);`,
    ].join('\n');
  }
}

/** Names that a statement declares. */
function declaredBy(node) {
  if (node.type === 'FunctionDeclaration' || node.type === 'ClassDeclaration') return [node.id.name];
  if (node.type !== 'VariableDeclaration') return [];
  return node.declarations.flatMap(({ id }) => namesIn(id).map(({ name }) => name));
}

function isPlainValue(node) {
  if (node?.type === 'TemplateLiteral')
    return node.expressions.length === 0 && node.quasis[0].value.raw.length < 40;
  if (node?.type === 'UnaryExpression') return isPlainValue(node.argument);
  if (node?.type === 'BinaryExpression') return isPlainValue(node.left) && isPlainValue(node.right);
  return node?.type === 'Literal' && !node.regex;
}

/** A class at the top with its name, as Cutter.cuts() takes it. */
function classOf(node) {
  if (node.type === 'ClassDeclaration') return [node, node, null, node.id.name];
  const made =
    node.type === 'VariableDeclaration' && node.declarations.length === 1 ? node.declarations[0] : null;
  return made?.init?.type === 'ClassExpression' ? [made.init, node, null, made.id.name] : null;
}

/** The core's name in the late half. */
export const CORE = 'virtual:hopyard-core';

/** `text` is the script, `ast` what the parser made of it, `places` what reached() says of it. */
export function split(text, ast, places) {
  return new Splitter(text, ast, places).run();
}
