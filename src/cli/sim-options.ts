/** The command line of `npm run sim`. */
import { parseFamilies, type IpFamilies } from '../sim/cluster-families';
import { PROVIDERS, type LoadBalancerProvider } from '../sim/controllers/load-balancer/provider';

export interface Options {
  readonly paths: readonly string[];
  readonly commands: readonly string[];
  readonly seed: number;
  readonly nodes: number;
  readonly ipFamilies: IpFamilies;
  /** Come to rest again after each command. */
  readonly settle: boolean;
  readonly loadBalancer: LoadBalancerProvider;
  /** The router sends external IPs to the nodes. */
  readonly routeExternalIps: boolean;
  readonly trace: boolean;
  readonly json: boolean;
  readonly echo: boolean;
  readonly verbose: boolean;
  readonly help: boolean;
  /** Virtual seconds that a command may take. */
  readonly limitSeconds: number;
  /** Virtual seconds that coming to rest may take. */
  readonly settleSeconds: number;
}

export const USAGE = `Usage: npm run -s sim -- [FILE.yaml | FOLDER | -]… [options] -c COMMAND [-c COMMAND]…

Boots a simulated cluster, applies the manifests, waits until it is at rest, and types the commands into its terminal.

  -c, --command TEXT   a line as typed into the terminal; several run one after the other
      --seed N         the cluster's chance; the same seed gives the same run (default 1)
      --nodes N        how many worker nodes (default 2)
      --ip-families F  IPv4 (default), IPv6, IPv4,IPv6 or IPv6,IPv4; the first is the primary one
      --load-balancer NAME  who serves type LoadBalancer: cloud (default), metallb-l2, metallb-bgp, none
      --route-external-ips  let the router send externalIPs of Services to the nodes
      --settle         come to rest again after each command
      --trace          after each command, the way of every packet that it caused, hop by hop
      --json           everything as one JSON document instead
      --echo           print each command after "$ " before its output
      --limit SECONDS  virtual time that a command may take (default 600)
      --settle-limit SECONDS  virtual time that coming to rest may take (default 120)
  -v, --verbose        also print what was applied
  -h, --help           this text

A FOLDER means all its .yaml and .yml files; - means standard input. Mistakes in manifests are printed as
FILE:LINE:COLUMN: error: TEXT on standard error.

Exit status: that of the last command that failed; 1 when a manifest is refused; 124 when a command did not end in time;
2 for mistakes in this command line.

Examples:
  npm run -s sim -- shop.yaml -c 'kubectl get pods -o wide'
  npm run -s sim -- shop.yaml --trace -c 'kubectl exec deploy/frontend -- curl -s http://backend'
  npm run -s sim -- shop.yaml -c 'node node-1 -- iptables-save -t nat'
  npm run -s sim -- - --settle -c 'kubectl scale deploy/web --replicas=5' -c 'kubectl get endpointslices' < shop.yaml
`;

const SWITCHES = {
  '--settle': 'settle',
  '--route-external-ips': 'routeExternalIps',
  '--trace': 'trace',
  '--json': 'json',
  '--echo': 'echo',
  '--verbose': 'verbose',
  '-v': 'verbose',
  '--help': 'help',
  '-h': 'help',
} as const;

const NUMBERS = {
  '--seed': 'seed',
  '--nodes': 'nodes',
  '--limit': 'limitSeconds',
  '--settle-limit': 'settleSeconds',
} as const;

/** Options from words, or what is wrong with them. `--flag=value` and `--flag value` are the same. */
export function parseOptions(args: readonly string[]): { options: Options } | { error: string } {
  const options = {
    paths: [] as string[],
    commands: [] as string[],
    seed: 1,
    nodes: 2,
    ipFamilies: ['IPv4'] as IpFamilies,
    settle: false,
    loadBalancer: 'cloud' as LoadBalancerProvider,
    routeExternalIps: false,
    trace: false,
    json: false,
    echo: false,
    verbose: false,
    help: false,
    limitSeconds: 600,
    settleSeconds: 120,
  };
  for (let i = 0; i < args.length; i++) {
    const word = args[i]!;
    const equals = word.startsWith('--') ? word.indexOf('=') : -1;
    const flag = equals < 0 ? word : word.slice(0, equals);
    const value = () => (equals < 0 ? args[++i] : word.slice(equals + 1));
    if (flag in SWITCHES) options[SWITCHES[flag as keyof typeof SWITCHES]] = true;
    else if (flag in NUMBERS) {
      const number = Number(value());
      if (!Number.isFinite(number) || number < 0) return { error: `sim: ${flag} takes a number` };
      options[NUMBERS[flag as keyof typeof NUMBERS]] = number;
    } else if (flag === '--ip-families') {
      const families = parseFamilies(value() ?? '');
      if (families === null) return { error: `sim: ${flag} takes IPv4, IPv6 or both with a comma` };
      options.ipFamilies = families;
    } else if (flag === '--load-balancer') {
      const name = value();
      const provider = PROVIDERS.find((known) => known === name);
      if (provider === undefined) return { error: `sim: ${flag} takes one of ${PROVIDERS.join(', ')}` };
      options.loadBalancer = provider;
    } else if (flag === '-c' || flag === '--command') {
      const command = value();
      if (command === undefined) return { error: `sim: ${flag} takes a command` };
      options.commands.push(command);
    } else if (word.startsWith('-') && word !== '-') return { error: `sim: unknown option ${word}` };
    else options.paths.push(word);
  }
  return { options };
}
