import { connectAsync } from 'mqtt';

/** Publishes as fast as the broker takes it, on topics of 100 devices. Arguments: broker URL, QoS, seconds. Prints how many. */
const [url, qos, seconds] = process.argv.slice(2) as [string, string, string];
const client = await connectAsync(url);
const end = performance.now() + Number(seconds) * 1000;
const window = 256;
let sent = 0;
async function lane(): Promise<void> {
  while (performance.now() < end) {
    sent++;
    const payload = `{"temperature":${sent / 100}}`;
    await client.publishAsync(`bench/${sent % 100}`, payload, { qos: Number(qos) as 0 | 1 });
  }
}
await Promise.all(Array.from({ length: window }, lane));
await client.endAsync();
process.stdout.write(`${sent}\n`);
