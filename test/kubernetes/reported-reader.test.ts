import { describe, expect, it, onTestFinished } from 'vitest';
import { startCluster } from '../../kubernetes/cluster.ts';
import { reportedFromCluster } from '../../kubernetes/reported-reader.ts';
import { DEVICE_MODELS, DEVICE_OBJECTS, DEVICE_STATUSES } from '../../kubernetes/resources.ts';
import { systemClock } from '../../lib/clock.ts';
import type { DeviceObject, DeviceStatusObject } from '../../twin/device-object.ts';
import { waitFor } from '../harness/wait.ts';
import { recordingLogger, startFakeCluster, writeKubeconfig } from './fake-cluster.ts';
import { kubeedgeFixture } from './kubeedge-fixtures.ts';

const deviceOf = (version: string) => kubeedgeFixture<DeviceObject>(`${version}-device`);
const status = () => kubeedgeFixture<DeviceStatusObject>('1.23-devicestatus');

const TWINS = new Map([
  ['temperature', { text: '20.9', timestamp: 1_706_778_000_123, observedDesired: undefined }],
  ['setpoint', { text: '21.5', timestamp: 1_706_778_000_456, observedDesired: '21.5' }],
]);
const ONLINE = { state: 'online', lastOnlineAt: Date.parse('2024-02-01T09:00:00Z') };

describe('what a cluster says that a device reported', () => {
  it.each([
    ['1.15', undefined, { state: undefined, lastOnlineAt: undefined }],
    ['1.22', undefined, ONLINE],
    ['1.23', status(), ONLINE],
  ])('reads alike where KubeEdge %s wrote it', (version, deviceStatus, rest) => {
    expect(reportedFromCluster(deviceOf(version), deviceStatus)).toEqual({ twins: TWINS, ...rest });
  });

  it('takes the DeviceStatus first, and the device’s own status where that is silent', () => {
    const upgraded = status();
    upgraded.metadata.ownerReferences![0]!.uid = deviceOf('1.22').metadata.uid!;
    upgraded.status = {
      twins: [
        { propertyName: 'setpoint', reported: { value: '30', metadata: { timestamp: '1706778099000' } } },
      ],
    };
    const { twins, state } = reportedFromCluster(deviceOf('1.22'), upgraded);
    expect(twins.get('setpoint')?.text).toBe('30');
    expect(twins.get('temperature')?.text).toBe('20.9');
    expect(state).toBe('online');
  });

  it('does not listen to the DeviceStatus of a device that had the name before', () => {
    const stale = status();
    stale.metadata.ownerReferences![0]!.uid = 'another';
    expect(reportedFromCluster(deviceOf('1.23'), stale).twins.size).toBe(0);
  });

  it('takes a DeviceStatus without an owner, which a restored backup may leave, at its name', () => {
    const orphan = status();
    delete orphan.metadata.ownerReferences;
    expect(reportedFromCluster(deviceOf('1.23'), orphan).twins).toEqual(TWINS);
  });

  it('tells an empty text that was reported from one that was put in beforehand', () => {
    const object = deviceOf('1.22');
    object.status!.twins = [
      { propertyName: 'mode', reported: { value: '', metadata: { timestamp: '1706778000999' } } },
      { propertyName: 'setpoint', reported: { value: '1', metadata: { timestamp: 'yesterday' } } },
    ];
    const { twins } = reportedFromCluster(object, undefined);
    expect(twins.get('mode')).toEqual({ text: '', timestamp: 1_706_778_000_999 });
    expect(twins.get('setpoint')).toEqual({ text: '1', timestamp: undefined });
  });
});

describe('a cluster with an older KubeEdge', () => {
  async function start({
    versions,
    served,
  }: {
    versions: string[];
    served: Array<typeof DEVICE_OBJECTS | typeof DEVICE_MODELS>;
  }) {
    const { api } = await startFakeCluster();
    for (const resource of [DEVICE_OBJECTS, DEVICE_MODELS, DEVICE_STATUSES]) {
      if (!served.includes(resource as never))
        api.absent.add(`/apis/${resource.apiVersion}/${resource.plural}`);
    }
    api.documents.set('/apis/devices.kubeedge.io', { versions: versions.map((version) => ({ version })) });
    const logger = recordingLogger();
    const cluster = startCluster({
      source: { kubeconfig: writeKubeconfig(api.kubeconfig()) },
      clock: systemClock,
      random: Math.random,
      logger: { ...logger, child: () => logger },
    });
    onTestFinished(() => cluster.close());
    const detail = (name: string) => cluster.ready().find((line) => line.name === name)?.detail ?? '';
    return { cluster, detail, warnings: () => logger.lines.filter(({ level }) => level === 'warn') };
  }

  it('of 1.15 to 1.22 is told so: it has no DeviceStatus, so none is written', async () => {
    const { cluster, detail, warnings } = await start({
      versions: ['v1alpha2', 'v1beta1'],
      served: [DEVICE_OBJECTS, DEVICE_MODELS],
    });
    await waitFor('the reason', () => detail('devicestatuses').includes('KubeEdge has it since 1.23'));
    await waitFor('the devices', () => cluster.devices.synced);
    expect(detail('devicestatuses')).toMatch(/read from device\.status, and none are written/);
    expect(warnings()).toHaveLength(1);
  });

  it('before 1.15 is refused in words: one log line for all kinds, and a line each in readyz', async () => {
    const { detail, warnings } = await start({ versions: ['v1alpha2'], served: [] });
    const kinds = ['devices', 'devicemodels', 'devicestatuses'];
    await waitFor('the reasons', () =>
      kinds.every((kind) => detail(kind).includes('1.15 or newer is needed')),
    );
    expect(detail('devices')).toBe(
      'the cluster serves devices.kubeedge.io only as v1alpha2, which is not understood here: ' +
        'KubeEdge 1.15 or newer is needed',
    );
    expect(warnings()).toHaveLength(1);
  });
});
