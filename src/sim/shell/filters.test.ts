import { describe, expect, it } from 'vitest';
import { endFilter, feedFilter, startFilter } from './filters';

const INPUT = 'NAME READY\nweb-1 1/1\nweb-2 0/1\ndb-0 1/1\n';

/** Feeds the input in two pieces, so that a line is cut in the middle. */
function through(line: string, input = INPUT): string {
  const started = startFilter(line.split(' '));
  if ('error' in started) return started.error;
  const first = feedFilter(started, input.slice(0, 14));
  const second = feedFilter(first.state, input.slice(14));
  const end = endFilter(second.state);
  return `${first.text}${second.text}${end.text}[${end.code}]`;
}

describe('text tools behind a pipe', () => {
  it.each([
    ['grep web', 'web-1 1/1\nweb-2 0/1\n[0]'],
    ['grep -v web', 'NAME READY\ndb-0 1/1\n[0]'],
    ['grep -c web', '2\n[0]'],
    ['grep -i WEB-1', 'web-1 1/1\n[0]'],
    ['grep -E web-1|db', 'web-1 1/1\ndb-0 1/1\n[0]'],
    ['grep web-1\\|db', 'web-1 1/1\ndb-0 1/1\n[0]'],
    ['grep nothing', '[1]'],
    ['head -n 1', 'NAME READY\n[0]'],
    ['head -2', 'NAME READY\nweb-1 1/1\n[0]'],
    ['tail -n 1', 'db-0 1/1\n[0]'],
    ['tail -n +3', 'web-2 0/1\ndb-0 1/1\n[0]'],
    ['wc -l', '4\n[0]'],
    ['sort -r', 'web-2 0/1\nweb-1 1/1\ndb-0 1/1\nNAME READY\n[0]'],
    ['sort -k 2', 'web-2 0/1\ndb-0 1/1\nweb-1 1/1\nNAME READY\n[0]'],
    ['less', `${INPUT}[0]`],
  ])('%s', (line, expected) => expect(through(line)).toBe(expected));

  it('lets a last line without a newline through', () => {
    expect(through('grep b', 'aaaaaaaaaaaaaaaaaaa\nb')).toBe('b\n[0]');
  });

  it('says which tools there are', () => {
    expect(through('awk 1')).toMatch(/^sh: awk: not found behind a pipe/);
  });
});
