import { createServer } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { assertPortsFree, freeLayout, HOST } from '../../cli/demo/layout.ts';
import { listen } from '../../lib/listen.ts';

it('a demo whose port is taken says by whom, perhaps, and how to run beside it', async () => {
  const server = createServer();
  onTestFinished(() => void server.close());
  const kubePort = await listen(server, { host: HOST, port: 0 }, 'a test');
  const layout = { ...(await freeLayout('nowhere')), kubePort };
  await expect(assertPortsFree(layout)).rejects.toMatchObject({
    code: 'PORT_TAKEN',
    message: `port ${kubePort} on ${HOST}, for the Kubernetes API, is taken by another process: if that is another demo, run this one beside it with --free-ports and a --state-dir of its own`,
  });
});
