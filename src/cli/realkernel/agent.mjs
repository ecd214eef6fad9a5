// One program in each real network namespace: it answers on some ports with whom it saw, and tries connections when asked.
// Questions come as lines of JSON on stdin, answers go as lines of JSON to stdout. It ends with its stdin.
import dgram from 'node:dgram';
import net from 'node:net';
import readline from 'node:readline';

const [name, tcpPorts, udpPorts] = process.argv.slice(2);
const numbers = (text) => text.split(',').map(Number);
const plain = (ip) => (ip ?? '').replace('::ffff:', '');
const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);
let starting = numbers(tcpPorts).length + numbers(udpPorts).length;
const ready = () => --starting === 0 && say({ id: 0 });

for (const port of numbers(tcpPorts)) {
  const server = net.createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.end(`${name}:${port} <- ${plain(socket.remoteAddress)}`);
  });
  server.listen(port, '0.0.0.0', 1024, ready);
}
for (const port of numbers(udpPorts)) {
  const server = dgram.createSocket('udp4');
  server.on('error', () => undefined);
  server.on('message', (_text, from) =>
    server.send(`${name}:${port} <- ${from.address}`, from.port, from.address),
  );
  server.bind(port, '0.0.0.0', ready);
}

function wordOf(error) {
  if (error.code === 'ECONNREFUSED') return 'refused';
  return error.code === 'ETIMEDOUT' ? 'timeout' : error.code;
}

function tryTcp({ ip, port, source, timeoutMs }, done) {
  const socket = net.connect({ host: ip, port, ...(source ? { localAddress: source } : {}) });
  let text = '';
  const timer = setTimeout(() => end('timeout'), timeoutMs);
  const end = (outcome) => {
    clearTimeout(timer);
    // A reset leaves no TIME_WAIT behind.
    socket.resetAndDestroy();
    done(outcome);
    done = () => undefined;
  };
  socket.on('data', (data) => (text += data));
  socket.on('end', () => end(text));
  socket.on('error', (error) => end(wordOf(error)));
}

function tryUdp({ ip, port, source, timeoutMs }, done) {
  const socket = dgram.createSocket('udp4');
  const timer = setTimeout(() => end('timeout'), timeoutMs);
  const end = (outcome) => {
    clearTimeout(timer);
    done(outcome);
    done = () => undefined;
    try {
      socket.close();
    } catch {
      // Closed already.
    }
  };
  socket.on('error', (error) => end(wordOf(error)));
  socket.on('message', (text) => end(String(text)));
  socket.bind(0, source, () =>
    socket.connect(port, ip, (error) => (error ? end(wordOf(error)) : socket.send('hello'))),
  );
}

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const question = JSON.parse(line);
  const attempt = question.protocol === 'udp' ? tryUdp : tryTcp;
  attempt(question, (outcome) => say({ id: question.id, outcome }));
});
process.stdin.on('end', () => process.exit(0));
