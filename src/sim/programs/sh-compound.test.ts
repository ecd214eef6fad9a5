/** Compound commands of the shell: case, functions, [[ ]], arrays, and what set -e means in them. */
import { expect, it } from 'vitest';
import { Shop } from '../testing/shop';

const SCRIPTS: readonly (readonly [string, string])[] = [
  ['case db-0 in web-*) echo web;; db-0|db-1) echo db;; *) echo other;; esac', 'db\n[0]'],
  ['case x in (y) echo y;; esac; echo $?', '0\n[0]'],
  ['case "$(hostname)" in\n  c*)\n    echo mine\n    ;;\nesac', 'mine\n[0]'],
  ['greet() { echo "hi $1 of $#"; return 3; }; greet you; echo $?', 'hi you of 1\n3\n[0]'],
  ['function f { echo "[$1]"; }; f a | cat; echo $(f b); f c > /tmp/x; cat /tmp/x', '[a]\n[b]\n[c]\n[0]'],
  ['f() { local x=1; shift; echo $x $1; }; set -e; f a b', '1 b\n[0]'],
  ['[[ db-12 =~ -([0-9]+)$ ]] && echo ${BASH_REMATCH[1]}', '12\n[0]'],
  ['[[ db =~ -([0-9]+)$ ]] || exit 4', '[4]'],
  [
    'x=abc; [[ $x == a* && ! -f /none ]] && echo yes; [[ $x != "a*" || -z $x ]] && echo quoted',
    'yes\nquoted\n[0]',
  ],
  ['[[ 3 -gt 2 && ( a = b || c < d ) ]]; echo $?', '0\n[0]'],
  [
    'items=(foo "b a" baz); i=1; echo ${items[$i]} ${items[2]}; echo ${items[@]}',
    'b a baz\nfoo b a baz\n[0]',
  ],
  ['echo one > /tmp/f; echo "x$(</tmp/f)"', 'xone\n[0]'],
  [
    'set -e; if [ a = b ]; then echo no; fi; until [ -f /tmp/t ]; do touch /tmp/t; done; false || true; [ a = b ] && echo no; echo end',
    'end\n[0]',
  ],
  ['set -e; false; echo no', '[1]'],
  ['set -e; f() { false; echo on; }; if f; then echo tested; fi', 'on\ntested\n[0]'],
  ['printf "a 1\\nb 2\\n" | while read name n; do echo $n-$name; done', '1-a\n2-b\n[0]'],
  ['echo "X=5" > /tmp/env; . /tmp/env; eval "Y=$X"; echo $Y', '5\n[0]'],
  ['ulimit -n 65536; umask 022; command -v curl; nohup echo hi', '/usr/bin/curl\nhi\n[0]'],
  ['case x in', 'sh: syntax error: unexpected end of file (expecting ")")\n[2]'],
  ['[[ a == b', 'sh: syntax error: unexpected end of file (expecting "]]")\n[2]'],
];

it.each(SCRIPTS)('%s', (script, expected) => {
  const shop = new Shop();
  shop.boot();
  const session = 's';
  const handle = shop.client('nicolaka/netshoot');
  shop.processes.execIn({ handle }, ['bash', '-c', script], session);
  shop.run(20e9);
  expect(shop.shown(session)).toBe(expected);
});
