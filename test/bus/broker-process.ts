import { startBroker } from '../../bus/broker.ts';
import { systemClock } from '../../lib/clock.ts';
import { createLogger } from '../../lib/logger.ts';

/** A process with nothing but the broker and its file, to be killed. Says `up` to its parent when it listens. */
const [port, sessionsPath] = process.argv.slice(2);
await startBroker({
  host: '127.0.0.1',
  port: Number(port),
  sessionsPath,
  // Who is away misses nothing, however much is said.
  limits: {
    messagesPerSecond: 0,
    bytesPerSecond: 0,
    maxOfflineMessages: 1_000_000,
    maxOfflineBytes: 100_000_000,
  },
  clock: systemClock,
  logger: createLogger('broker', 'warn'),
});
process.send?.('up');
