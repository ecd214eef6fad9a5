/**
 * The rules that our generators print, set into a real kernel, against the simulator walking the same rules: where real
 * connections land and as whom, what is refused and what vanishes. Needs root and tools; says so where it has not.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { questions, type LabOptions, type Question } from './lab';
import { RealLab, whyNoAffinity, whyNoPing, whyNot } from './real';
import { SimulatedLab } from './simulated';

/** Tries of the simulator; its chance is seeded, so that they find the same endpoints each time. */
const SIMULATED_TRIES = 24;
/** Making the namespaces starts a few dozen programs, which a busy machine takes its time for. */
const SETUP_MS = 60_000;
/** Real tries at a time, and how often to go on while an outcome that the simulator knows has not come up. */
const REAL_TRIES = 4;
const ROUNDS = 25;

function textOf({ client, target }: Question): string {
  const who = client.source ?? client.host;
  return `${who} to ${target.what} (${target.protocol} ${target.ip}:${target.port})`;
}

function sorted(outcomes: Iterable<string>): string[] {
  return [...new Set(outcomes)].sort();
}

async function manyReal(real: RealLab, question: Question, expected: readonly string[]): Promise<string[]> {
  const seen = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    const more = await Promise.all(Array.from({ length: REAL_TRIES }, () => real.ask(question)));
    for (const outcome of more) {
      const impatient = outcome === 'timeout' && !expected.includes(outcome);
      seen.add(impatient ? await real.askPatiently(question) : outcome);
    }
    if (question.target.sticky || expected.every((outcome) => seen.has(outcome))) break;
    if (!sorted(seen).every((outcome) => expected.includes(outcome))) break;
  }
  return sorted(seen);
}

/** A sticky answer is right when it is one of those that the rules allow and never another. */
async function compare(simulated: SimulatedLab, real: RealLab, question: Question): Promise<string | null> {
  const told = sorted(simulated.ask(question, SIMULATED_TRIES));
  const seen = await manyReal(real, question, told);
  const same = question.target.sticky
    ? told.length === 1 && seen.length === 1 && kindOf(told[0]!) === kindOf(seen[0]!)
    : told.join() === seen.join();
  return same ? null : `${textOf(question)}: real [${seen.join(', ')}] simulated [${told.join(', ')}]`;
}

/** Which endpoint a client sticks to is chance; whether it lands, or how it fails, is not. */
function kindOf(outcome: string): string {
  return outcome.includes(' <- ') ? 'landed' : outcome;
}

describe.each([
  { mode: 'iptables', title: 'iptables', nftLayout: 'B' },
  { mode: 'nftables', title: 'nftables', nftLayout: 'B' },
  { mode: 'nftables', title: 'nftables of 1.36', nftLayout: 'C' },
] as const)('$title rules in a real kernel', ({ mode, title, nftLayout }) => {
  const reason = whyNot(mode);
  const noAffinity = reason === null && mode === 'iptables' ? whyNoAffinity() : null;
  const options: LabOptions = { affinity: noAffinity === null, nftLayout };
  let simulated: SimulatedLab;
  let real: RealLab | undefined;

  if (reason !== null) console.log(`skipped: ${title} in a real kernel: ${reason}`);
  if (noAffinity !== null) console.log(`left out: ClientIP affinity in iptables mode: ${noAffinity}`);

  beforeAll(async () => {
    if (reason !== null) return;
    simulated = new SimulatedLab(mode, options);
    const routeLocalnet = simulated.sysctl('net.ipv4.conf.all.route_localnet');
    real = new RealLab(mode, simulated.rules(), { 'net.ipv4.conf.all.route_localnet': routeLocalnet });
    await real.start();
  }, SETUP_MS);
  afterAll(() => real?.close(), SETUP_MS);

  it.skipIf(reason !== null)('lead every client where the simulator says, or fail alike', async () => {
    const differences: (string | null)[] = [];
    const waiting = [...questions(mode, options)];
    const work = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
        differences.push(await compare(simulated, real!, next));
    };
    await Promise.all(Array.from({ length: 24 }, work));
    expect(differences.length).toBeGreaterThan(200);
    expect(differences.filter((difference) => difference !== null)).toEqual([]);
  });

  it.skipIf(reason !== null)('let a wrong port of a cluster IP fail in the way of the mode', async () => {
    const target = { what: 'wrong port', protocol: 'tcp', ip: '10.96.0.10', port: 81 } as const;
    const question: Question = { client: { host: 'c' }, target };
    const outcome = await real!.ask(question);
    // iptables mode leaves it to the default route, where nobody has that address; nftables mode refuses it.
    expect(outcome).toBe(mode === 'iptables' ? 'timeout' : 'refused');
    expect(simulated.ask(question, 1)).toEqual([outcome]);
  });

  const noPing = reason ?? whyNoPing();
  if (noPing !== null && reason === null) console.log(`left out: ping with ${title}: ${noPing}`);
  it.skipIf(noPing !== null)('answer or ignore a ping to a cluster IP as the simulator says', async () => {
    const hosts = ['c', 'f', 'n1', 'n2'];
    const told = hosts.map((host) => `${host}: ${simulated.ping(host, '10.96.0.10')}`);
    const seen = hosts.map(async (host) => `${host}: ${await real!.ping(host, '10.96.0.10')}`);
    expect(await Promise.all(seen)).toEqual(told);
    // What it is in life: nobody translates ICMP, and only nftables mode refuses what is left.
    expect(told[0]).toBe(mode === 'iptables' ? 'c: timeout' : 'c: refused');
  });
});
