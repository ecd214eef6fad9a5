/** curl's command line and what it prints of its own accord. */
import { beforeEach, describe, expect, it } from 'vitest';
import { SECOND } from '../clock/clock';
import { Shop } from '../testing/shop';
import { globUrls } from './curl-glob';

let shop: Shop;

beforeEach(() => {
  shop = new Shop();
  shop.boot();
  shop.service('backend', '10.96.0.42', '10.244.1.5');
  shop.start('backend', '10.244.1.5', { image: 'nginx:1.27.4' });
  shop.start('who', '10.244.1.7', { image: 'traefik/whoami' });
  shop.machine.blackholes.add('10.99.99.99');
  shop.run(SECOND);
});

describe('curl', () => {
  const who = 'http://10.244.1.7';
  it.each<[string, string | RegExp]>([
    [
      'curl',
      /^curl: \(2\) no URL specified\ncurl: try 'curl --help' or 'curl --manual' for more information\n\[2\]$/,
    ],
    ['curl --bogus x', /^curl: option --bogus: is unknown\ncurl: try/],
    ['curl -m abc x', /^curl: option -m: expected a proper numerical parameter\n/],
    ['curl -X', /^curl: option -X: requires parameter\n/],
    ['curl -sS http://', 'curl: (3) URL rejected: No host part in the URL\n[3]'],
    [
      'curl -sS http://backend:99999',
      'curl: (3) URL rejected: Port number was not a decimal number between 0 and 65535\n[3]',
    ],
    ['curl -sS gopher2://x', 'curl: (1) Protocol "gopher2" not supported\n[1]'],
    ['curl -V', /^curl 8\.14\.1 [^]*\[0\]$/],
    [`curl -s ${who}/ -u me:secret`, /\nAuthorization: Basic bWU6c2VjcmV0\n/],
    [`curl -s ${who}/ -u a`, /\nAuthorization: Basic YTo=\n/],
    [
      `curl -s ${who}/ -b k=v -e http://ref/ --compressed`,
      /^(?=[^]*\nCookie: k=v\n)(?=[^]*\nReferer: http:\/\/ref\/\n)/,
    ],
    [`curl -sG ${who}/find -d q=1 --data-urlencode 'name=a b'`, /\nGET \/find\?q=1&name=a%20b HTTP/],
    [`curl -s --json '{"a":1}' ${who}`, /\nPOST \/ HTTP\/1\.1\n[^]*Content-Type: application\/json\n/],
    [`curl -s -o /dev/null -D - ${who}`, /^HTTP\/1\.1 200 OK\nDate: [^]*\n\n\[0\]$/],
    [`sh -c 'curl -sO ${who}/page; cat page'`, /^Hostname: who\n[^]*GET \/page HTTP/],
    [`curl -sSO ${who}/`, /^curl: Remote file name has no length\ncurl: \(23\) Failed writing/],
    [
      `curl -s -o /dev/null -w '%{url} %{http_code} %{method} %{scheme} %{num_connects}\\n' '${who}/[1-2]'`,
      'http://10.244.1.7/1 200 GET http 1\nhttp://10.244.1.7/2 200 GET http 1\n[0]',
    ],
    [`curl -s -o /dev/null -w '%{nope}|' ${who}`, "curl: unknown --write-out variable: 'nope'\n|[0]"],
    ['curl -s -o /dev/null --retry 2 --retry-connrefused http://10.244.1.7:81', '[7]'],
    [
      'curl -o /dev/null --retry 1 --retry-connrefused http://10.244.1.7:81',
      /^(curl: \(7\) Failed to connect to 10\.244\.1\.7 port 81 after \d+ ms: Could not connect to server\n)Warning: Problem: connection refused\. Will retry in 1 second\. 1 retry left\.\n\1\[7\]$/,
    ],
    [
      'curl -sv -o /dev/null --resolve shop.test:80:10.244.1.7 http://shop.test',
      /^\* Added shop\.test:80:10\.244\.1\.7 to DNS cache\n\* Hostname shop\.test was found in DNS cache\n\* {3}Trying 10\.244\.1\.7:80\.\.\.\n/,
    ],
    [`curl -sv -o /dev/null -d abc ${who}`, /\* upload completely sent off: 3 bytes\n/],
    [
      'curl -sS --fail-with-body http://backend/none',
      /^<html>[^]*curl: \(22\) The requested URL returned error: 404\n\[22\]$/,
    ],
  ])('%s', (line, expected) => {
    const got = shop.exec(shop.client('curlimages/curl'), line, 60 * SECOND);
    if (typeof expected === 'string') expect(got).toBe(expected);
    else expect(got).toMatch(expected);
  });
});

describe('globbing', () => {
  it.each<[string, string[] | RegExp]>([
    ['http://a/', ['http://a/']],
    ['http://a/[08-10]', ['http://a/08', 'http://a/09', 'http://a/10']],
    ['http://a/[a-c:2]', ['http://a/a', 'http://a/c']],
    ['http://{a,b}/[1-2]', ['http://a/1', 'http://a/2', 'http://b/1', 'http://b/2']],
    ['http://[::1]:80/', ['http://[::1]:80/']],
    ['http://a/[2-1]', /^\(3\) bad range in URL position 11:\nhttp:\/\/a\/\[2-1\]\n {10}\^$/],
    ['http://a/{x', /^\(3\) unmatched brace in URL position/],
  ])('%s', (pattern, expected) => {
    if (expected instanceof RegExp) expect(globUrls(pattern)).toMatch(expected);
    else expect(globUrls(pattern)).toEqual(expected);
  });
});
