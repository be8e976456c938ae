import { expect, onTestFinished, test } from 'vitest';
import { startDeviceAuditor } from '../../kubernetes/device-auditor.ts';
import { eventsOf } from '../../kubernetes/event-object.ts';
import { type Clock, systemClock } from '../../lib/clock.ts';
import { waitFor } from '../harness/wait.ts';
import { DEVICES, device } from '../kube-api/cluster.ts';
import { createKubectl, kubectlMissing } from '../kube-api/kubectl.ts';
import { SHARED, useGateway } from './gateway.ts';

const gateway = useGateway();
const kubectl = createKubectl(gateway);

/** What settles in seconds settles in tenths of them. */
const hasty: Clock = { ...systemClock, setTimer: (ms, fn) => systemClock.setTimer(ms / 10, fn) };

test('a device whose model and node are missing has two Warnings, which kubectl shows with it', async () => {
  const { custom, followed, namespace } = gateway();
  const body = device('orphan', 'no-such-node');
  await custom.createNamespacedCustomObject({ ...DEVICES, namespace, body });
  const auditor = startDeviceAuditor({ ...followed, ...SHARED, clock: hasty });
  onTestFinished(() => auditor.close());
  const about = () => {
    const orphan = followed.devices.get(namespace, 'orphan');
    return orphan ? eventsOf(followed.events, orphan) : [];
  };
  await waitFor('both', () => about().length === 2, { timeoutMs: 25_000 });
  expect(
    about()
      .map(({ reason }) => reason)
      .sort(),
  ).toEqual(['ModelNotFound', 'NodeNotFound']);
  if (kubectlMissing) return;
  const described = await kubectl.ok(['describe', 'devices.devices.kubeedge.io', 'orphan']);
  expect(described).toMatch(
    /Warning\s+NodeNotFound\s+.*octograph-gateway\s+Node no-such-node does not exist/,
  );
  const table = await kubectl.ok(['get', 'events', '--field-selector', 'involvedObject.name=orphan']);
  expect(table).toMatch(/Warning\s+ModelNotFound\s+device\/orphan/);
});
