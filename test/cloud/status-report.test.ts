import { describe, expect, it } from 'vitest';
import { statusReportOf } from '../../cloud/status-report.ts';
import { CloudFixture, state, twin } from './fixture.ts';

function start() {
  const cloud = new CloudFixture();
  const device = cloud.cluster.putDevice('pump', { desired: { setpoint: '21' } });
  cloud.connect();
  const report = () =>
    statusReportOf(
      cloud.twins.views(device),
      cloud.twins.state({ namespace: 'default', name: 'pump', nodeName: 'edge-a' }),
    );
  return { ...cloud, report };
}

describe('DeviceStatus', () => {
  it('is left alone where the node has said nothing', () => {
    expect(start().report()).toBeUndefined();
  });

  it('has what is reported and what the node acts on, as KubeEdge writes it', () => {
    const { replica, report } = start();
    replica.applyStates('edge-a', [state({ lastOnlineAt: 0 })], 0, 0);
    replica.apply('edge-a', [
      twin(1, 20.5),
      twin(2, 21, { property: 'setpoint', observedDesired: { value: 21, setAt: 7 } }),
    ]);
    expect(report()).toEqual({
      state: 'online',
      lastOnlineTime: '1970-01-01T00:00:00.000Z',
      twins: [
        {
          propertyName: 'temperature',
          reported: { value: '20.5', metadata: { timestamp: '1700000000000', type: 'double' } },
          observedDesired: undefined,
        },
        {
          propertyName: 'setpoint',
          reported: { value: '21', metadata: { timestamp: '1700000000000', type: 'double' } },
          observedDesired: { value: '21', metadata: { timestamp: '7', type: 'double' } },
        },
      ],
    });
  });

  it('keeps what the device said where it does not fit the type', () => {
    const { replica, report } = start();
    const reported = { value: null, raw: 'NaN', quality: 'BAD' as const, observedAt: 5 };
    replica.apply('edge-a', [twin(1, 0, { reported })]);
    expect(report()?.twins[0]?.reported?.value).toBe('NaN');
  });

  it('says nothing of a state that nobody knows', () => {
    const { replica, report } = start();
    replica.apply('edge-a', [twin(1, 20)]);
    expect(report()).toMatchObject({ state: undefined, lastOnlineTime: undefined });
  });
});
