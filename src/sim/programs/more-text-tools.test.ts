/** The small commands that scripts pipe through, as POSIX has them. */
import { beforeEach, expect, it } from 'vitest';
import { SECOND } from '../clock/clock';
import { Shop } from '../testing/shop';

let shop: Shop;
let client: string;

beforeEach(() => {
  shop = new Shop();
  client = shop.client('busybox');
  shop.run(SECOND);
});

it.each([
  ['echo a:b:c | cut -d: -f2', 'b\n'],
  ['echo a:b:c | cut -d : -f 1,3', 'a:c\n'],
  ['echo abcdef | cut -c2-4', 'bcd\n'],
  ['echo plain | cut -d: -f2', 'plain\n'],
  ['printf "b\\na\\nb\\n" | sort | uniq -c | sort -rn', '      2 b\n      1 a\n'],
  ['printf "a\\na\\nb\\n" | uniq -d', 'a\n'],
  ['echo Hello | tr a-z A-Z', 'HELLO\n'],
  ['echo Hello | tr "[:upper:]" x', 'xello\n'],
  ['echo a1b22 | tr -d 0-9', 'ab\n'],
  ['echo aabbc | tr -s ab', 'abc\n'],
  ['echo x | tee /tmp/y; cat /tmp/y', 'x\nx\n'],
  ['echo Hostname: web-1 | sed s/Hostname:.//', 'web-1\n'],
  ['echo "a (b)" | sed "s/(\\(.\\))/[\\1]/"', 'a [b]\n'],
  ['printf "1\\n2\\n3\\n" | sed -n 2p', '2\n'],
  ['printf "1\\n2\\n3\\n" | sed 2d', '1\n3\n'],
  ['printf "1\\n2\\n3\\n" | sed "1,2d"', '3\n'],
  ['printf "a\\nb\\n" | sed -n "/b/p"', 'b\n'],
  ['echo aXa | sed -E "s/(a)X/&-\\1/g"', 'aX-aa\n'],
  ['echo "x y z" | awk "{print \\$2}"', 'y\n'],
  ['echo "x y z" | awk "{print \\$NF, NR, \\$1}"', 'z 1 x\n'],
  ['printf "a:1\\nb:2\\n" | awk -F: "/b/{print \\$2}"', '2\n'],
  ['printf "a\\nb\\n" | awk "NR==2"', 'b\n'],
  ['basename /a/b.txt .txt; dirname /a/b.txt; dirname b', 'b\n/a\n.\n'],
  ['env FOO=bar sh -c "echo \\$FOO"', 'bar\n'],
  ['env -i A=1', 'A=1\n'],
  ['env nosuch', "env: can't execute 'nosuch': No such file or directory\n"],
  ['printenv HOME', '/root\n'],
])('%s', (line, expected) => {
  expect(shop.exec(client, `sh -c '${line}'`).replace(/\[\d+\]$/, '')).toBe(expected);
});
