/** The build's splitter (.ci/split.mjs) on small scripts; what never runs stands between «» here, what runs only after loading between ‹›. */
import { parseAst } from 'vite';
import { afterEach, describe, expect, it } from 'vitest';
import { CORE, reached, split, type Counted } from '../../.ci/split.mjs';

const results = globalThis as unknown as { got: Record<string, (...args: unknown[]) => unknown> };
let count = 0;

afterEach(() => Reflect.deleteProperty(results, 'got'));

function halves(marked: string): { readonly core: string; readonly late: string } {
  const loading: Counted[] = [[0, marked.length, 1]];
  const running: Counted[] = [[0, marked.length, 1]];
  let text = '';
  const open: number[] = [];
  for (const sign of marked) {
    if (sign === '«' || sign === '‹') open.push(text.length);
    else if (sign === '»' || sign === '›') {
      loading.push([open.at(-1)!, text.length, 0]);
      running.push([open.pop()!, text.length, sign === '»' ? 0 : 1]);
    } else text += sign;
  }
  return split(text, parseAst(text), reached(text.length, { loading, running }));
}

const url = (text: string): string =>
  `data:text/javascript,${encodeURIComponent(text).replaceAll("'", '%27')}`;

/** Runs the core of a script, which leaves its functions in `got`; answers how to load the rest. */
async function start(
  marked: string,
): Promise<{ core: string; late: string; arrive: () => Promise<unknown> }> {
  const { core, late } = halves(marked);
  const address = url(`${core}\n// ${++count}`);
  await import(/* @vite-ignore */ address);
  return { core, late, arrive: () => import(/* @vite-ignore */ url(late.replaceAll(CORE, address))) };
}

const missing = expect.objectContaining({ name: 'PartMissing' }) as unknown;

function failure(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

const LONG = "'a text that is long enough to be worth a place of its own'";

describe('a function that was never called', () => {
  it('is missing until the late half is here, and is one and the same before and after', async () => {
    const { core, arrive } = await start(`
      function cold(a, b = 2) «{ return [a, b, ${LONG}.length] }»
      const table = { cold, also: cold };
      globalThis.got = { call: (a) => table.cold(a), get: () => table.also };`);
    const before = results.got.get!();
    expect(core).not.toContain('long enough');
    expect(failure(() => results.got.call!(1))).toEqual(missing);
    await arrive();
    expect(results.got.call!(1)).toEqual([1, 2, 57]);
    expect(results.got.get!()).toBe(before);
  });

  it('takes along what only it uses, and finds what stays', async () => {
    const { core, arrive } = await start(`
      const shared = new Map([['a', 1]]);
      const make = (text) => ({ text });
      const onlyCold = make(${LONG});
      class OnlyCold { «read() { return onlyCold.text.length + shared.get('a') }» }
      onlyCold.more = ${LONG};
      function user() «{ return new OnlyCold().read() + onlyCold.more.length }»
      globalThis.got = { shared, run: (go) => ‹{ if (go) «return user()»; return shared.get('a') }› };`);
    expect(core).not.toContain('long enough');
    expect(core).not.toContain('OnlyCold');
    expect(results.got.run!(false)).toBe(1);
    expect(failure(() => results.got.run!(true))).toEqual(missing);
    await arrive();
    expect(results.got.run!(true)).toBe(57 + 1 + 57);
  });
});

describe('a method that was never called', () => {
  it('joins its class later; one that needs super or a private field stays', async () => {
    const { core, arrive } = await start(`
      class Base { name() { return 'base' } }
      class Thing extends Base {
        #own = 7;
        constructor(value) { super(); this.value = value }
        static «of(value) { return new this(value + ${LONG}.length) }»
        «cold(more) { return this.value + more + ${LONG}.length }»
        «name() { return super.name() + ' and the name of what is built on it, in full' }»
        «hidden() { return this.#own + ' is what only this class itself may see, in full' }»
      }
      globalThis.got = { make: (value) => new Thing(value), of: (value) => Thing.of(value) };`);
    const thing = results.got.make!(3) as { name(): string; hidden(): string; cold(more: number): number };
    expect(core).not.toContain('long enough');
    expect(thing.name()).toMatch(/^base and/);
    expect(thing.hidden()).toMatch(/^7 is/);
    expect(failure(() => thing.cold(1))).toEqual(missing);
    expect(failure(() => results.got.of!(1))).toEqual(missing);
    await arrive();
    expect(thing.cold(1)).toBe(61);
    expect(results.got.of!(1)).toMatchObject({ value: 58 });
    expect(Object.keys(thing)).toEqual(['value']);
    expect(Object.keys(Object.getPrototypeOf(thing) as object)).toEqual([]);
  });
});

describe('a piece of a function', () => {
  it('is called with what it reads: variables, this, and its own callbacks', async () => {
    const { core, arrive } = await start(`
      class Shop {
        constructor() { this.prices = [1, 2, 3] }
        total(rate, wants) ‹{
          const all = this.prices.map((price) => price * rate);
          if (wants === 'list') «{
            const text = all.map((one) => one + '/' + this.prices.length).join();
            return text + ${LONG}.length;
          }»
          const note = wants === 'note' ? «\`\${all.length} of \${this.prices.length}\` + ${LONG}.length» : '';
          return all.length + note;
        }›
      }
      globalThis.got = { total: (rate, wants) => new Shop().total(rate, wants) };`);
    expect(core).not.toContain('long enough');
    expect(results.got.total!(2, '')).toBe('3');
    expect(failure(() => results.got.total!(2, 'list'))).toEqual(missing);
    await arrive();
    expect(results.got.total!(2, 'list')).toBe('2/3,4/3,6/357');
    expect(results.got.total!(2, 'note')).toBe('33 of 357');
  });

  it('leaves behind what assigns to variables around it, leaves a loop, or reads a variable that changes', async () => {
    const { core, arrive } = await start(`
      function run(wants) ‹{
        let sum = 0;
        let seen = 'nothing of all that could have been seen so far';
        const later = [];
        for (const one of [1, 2, 3]) {
          if (wants === 'sum') «{ sum = sum + one + ${LONG}.length }»
          if (wants === 'stop') «{ later.push(one, ${LONG}); break }»
          if (wants === 'read') «{ later.push(() => seen + ${LONG} + 'and') }»
          seen = one;
        }
        return [sum, later.length, ...later.map((one) => typeof one === 'function' ? one().slice(0, 1) : one)];
      }›
      globalThis.got = { run };`);
    expect(results.got.run!('sum')).toEqual([177, 0]);
    expect(core).toContain('break');
    expect(failure(() => results.got.run!('stop'))).toEqual(missing);
    await arrive();
    expect(results.got.run!('stop')).toEqual([0, 2, 1, expect.any(String)]);
    expect(results.got.run!('read')).toEqual([0, 3, '3', '3', '3']);
  });

  it('leaves behind what reads a variable that has no value yet', async () => {
    const { core, arrive } = await start(`
      function run(wants) ‹{
        const kept = [];
        for (const one of [1, 2]) {
          if (wants === 'var') «{ kept.push(() => here + ${LONG}.length) }»
          var here = one;
        }
        const make = (get = wants === 'param' ? «() => [next, ${LONG}].length» : () => 0, next = 7) => get() + next;
        return [make(), ...kept.map((get) => get())];
      }›
      globalThis.got = { run };`);
    expect(core.match(/long enough/g)).toHaveLength(2);
    expect(results.got.run!('var')).toEqual([7, 59, 59]);
    expect(results.got.run!('param')).toEqual([9]);
    await arrive();
  });

  it('may do with the parameters as it likes when it is the whole body', async () => {
    const { core, arrive } = await start(`
      globalThis.got = {
        wrap: (limit) => [1, 5].map((one) => limit > 0 ? «((n, step = 1) => { n += step; limit; while (n < limit) n++; return n + ${LONG}.length })(one)» : one),
      };`);
    expect(core).not.toContain('long enough');
    await arrive();
    expect(results.got.wrap!(4)).toEqual([61, 63]);
  });
});

it('writes a statement down once that makes several constants', async () => {
  const { arrive } = await start(`
    const low = 2, high = 40;
    function cold(n) «{ return n < low ? 'below what is allowed' : n > high ? 'above what is allowed' : '' }»
    globalThis.got = { cold: (n) => cold(n), both: () => low + high };`);
  await arrive();
  expect([1, 20, 50].map((n) => results.got.cold!(n))).toEqual([
    'below what is allowed',
    '',
    'above what is allowed',
  ]);
  expect(results.got.both!()).toBe(42);
});

it('refuses a script that has names of its own', () => {
  expect(() => halves('const $late = 1; globalThis.got = $late;')).toThrow(/\$late/);
});

it('keeps all of what runs while the script is loaded, for other engines go other ways', async () => {
  const { core } = await start(`
    const builtin = «() => [${LONG}].length»;
    const fast = typeof Array.prototype.map !== 'function' ? «builtin() + ${LONG}» : 1;
    function choose(has) { if (has === undefined) «{ return ${LONG} + builtin() }»; return fast }
    const chosen = choose(1);
    globalThis.got = { chosen: () => chosen };`);
  expect(core.match(/long enough/g)).toHaveLength(2);
  expect(core).toContain('builtin()');
  expect(results.got.chosen!()).toBe(1);
});

describe('state of a script', () => {
  it('is one variable for both halves', async () => {
    const { arrive } = await start(`
      let current = 0;
      function set(value) «{ current = value + ${LONG}.length; return 'it has been set to what was asked for' }»
      function peek() «{ return 'the value that is kept at present is ' + current }»
      globalThis.got = { next: () => ++current, set: (value) => set(value), peek: () => peek() };`);
    expect(results.got.next!()).toBe(1);
    await arrive();
    expect(results.got.peek!()).toMatch(/is 1$/);
    results.got.set!(10);
    expect(results.got.peek!()).toMatch(/is 67$/);
    expect(results.got.next!()).toBe(68);
  });
});

it('lets no catch clause take what is missing for an error', async () => {
  const { arrive } = await start(`
    function cold() «{ return ${LONG}.length }»
    globalThis.got = {
      quiet: () => { try { return cold() } catch «{ return null }» },
      named: () => { try { return cold() } catch (error) «{ return error.message }» },
    };`);
  expect(failure(() => results.got.quiet!())).toEqual(missing);
  expect(failure(() => results.got.named!())).toEqual(missing);
  await arrive();
  expect(results.got.quiet!()).toBe(57);
});
