import { describe, expect, it } from 'vitest';
import { USAGE, parseOptions } from './sim-options';

describe('the command line of sim', () => {
  it('reads files, commands and switches in any order', () => {
    const parsed = parseOptions([
      'a.yaml',
      '-c',
      'kubectl get pods',
      '--seed=7',
      '--trace',
      '-',
      '--command',
      'ls',
    ]);
    expect(parsed).toMatchObject({
      options: {
        paths: ['a.yaml', '-'],
        commands: ['kubectl get pods', 'ls'],
        seed: 7,
        trace: true,
        json: false,
      },
    });
  });

  it.each([
    [['--bogus'], 'sim: unknown option --bogus'],
    [['-c'], 'sim: -c takes a command'],
    [['--ip-families', 'IPv5'], 'sim: --ip-families takes IPv4, IPv6 or both with a comma'],
    [['--ip-families=IPv4,IPv4'], 'sim: --ip-families takes IPv4, IPv6 or both with a comma'],
    [['--seed', 'x'], 'sim: --seed takes a number'],
  ])('refuses %j', (args, error) => expect(parseOptions(args)).toEqual({ error }));

  it('names every option in its help', () => {
    for (const option of [
      '--seed',
      '--nodes',
      '--settle',
      '--trace',
      '--json',
      '--echo',
      '--limit',
      '--verbose',
    ]) {
      expect(USAGE).toContain(option);
    }
  });
});
