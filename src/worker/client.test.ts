import { describe, expect, it } from 'vitest';
import { Client, type Mailbox } from './client';
import type { Command, Report } from './protocol';

class TestBox implements Mailbox {
  readonly sent: Command[] = [];
  closed = false;
  onmessage: ((event: MessageEvent<Report>) => void) | null = null;
  onerror: ((event: ErrorEvent) => void) | null = null;
  postMessage = (command: Command): void => void this.sent.push(command);
  terminate = (): void => void (this.closed = true);
  say = (report: Report): void => this.onmessage?.({ data: report } as MessageEvent<Report>);
}

function start() {
  const boxes: TestBox[] = [];
  const heard: Report[] = [];
  const client = new Client(
    () => {
      const box = new TestBox();
      boxes.push(box);
      return box;
    },
    (report) => heard.push(report),
  );
  const booted = client.boot(7, [{ name: 'a', text: 'x' }]);
  return { client, booted, boxes, box: boxes[0]!, heard };
}

const idOf = (command: Command | undefined): number => (command as { id: number }).id;

describe('client', () => {
  it('boots, and pairs each answer with its question', async () => {
    const { client, box } = start();
    expect(box.sent).toEqual([{ type: 'boot', seed: 7, files: [{ name: 'a', text: 'x' }] }]);
    const first = client.complete('get ');
    const second = client.complete('describe ');
    const [a, b] = box.sent.slice(1);
    box.say({ type: 'completed', id: idOf(b), words: ['two'] });
    box.say({ type: 'completed', id: idOf(a), words: ['one'] });
    expect([await first, await second]).toEqual([['one'], ['two']]);
  });

  it('answers boot with what applying the files did', async () => {
    const { booted, box } = start();
    const result = { rows: [], diagnostics: [] };
    box.say({ type: 'applied', id: 0, result });
    expect(await booted).toEqual(result);
  });

  it('streams a command until it exits, and interrupts it', () => {
    const { client, box } = start();
    const seen: string[] = [];
    const stop = client.exec(
      'ping',
      (text) => seen.push(text),
      (code) => seen.push(`exit ${code}`),
    );
    const id = idOf(box.sent.at(-1));
    box.say({ type: 'output', id, text: 'a\n', stream: 'stdout' });
    stop();
    expect(box.sent.at(-1)).toEqual({ type: 'interrupt', id });
    box.say({ type: 'exit', id, code: 130 });
    box.say({ type: 'output', id, text: 'late', stream: 'stdout' });
    expect(seen).toEqual(['a\n', 'exit 130']);
  });

  it('takes a probe back, once', () => {
    const { client, box } = start();
    const texts: string[] = [];
    const stop = client.probe({ what: 'conntrack', node: 'node-1' }, (answer) => texts.push(answer.text));
    const id = idOf(box.sent.at(-1));
    box.say({ type: 'probed', id, text: 'one' });
    stop();
    stop();
    box.say({ type: 'probed', id, text: 'two' });
    expect(texts).toEqual(['one']);
    expect(box.sent.filter((one) => one.type === 'unprobe')).toEqual([{ type: 'unprobe', id }]);
  });

  it('forgets the old cluster when a new one is booted', () => {
    const { client, boxes, heard } = start();
    let answered = false;
    void client.check([]).then(() => (answered = true));
    const id = idOf(boxes[0]!.sent.at(-1));
    void client.boot(8, []);
    expect(boxes[0]!.closed).toBe(true);
    boxes[0]!.say({ type: 'checked', id, result: { rows: [], diagnostics: [] } });
    boxes[0]!.say({ type: 'ready' });
    boxes[1]!.say({ type: 'ready' });
    expect(heard).toEqual([{ type: 'ready' }]);
    expect(answered).toBe(false);
  });

  it('reports a worker that cannot start as a crash', () => {
    const { box, heard } = start();
    box.onerror?.({ message: 'no module' } as ErrorEvent);
    expect(heard).toEqual([{ type: 'crashed', message: 'no module', replay: '' }]);
  });
});
