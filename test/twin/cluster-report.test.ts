import { describe, expect, it } from 'vitest';
import { progressOf } from '../../twin/change.ts';
import { type ClusterReported, viewFromCluster } from '../../twin/cluster-report.ts';
import { encodeDesired } from '../../twin/desired.ts';
import { change, device, NOW, property } from './objects.ts';

const SETPOINT = property({ name: 'setpoint', type: 'DOUBLE', minimum: 5, maximum: 30 });

const wanting = (value: number | null, id?: string) =>
  device(
    value === null
      ? []
      : [{ name: 'setpoint', desired: encodeDesired({ value, change: id, setBy: 'ada', setAt: NOW }) }],
  );
const told = (text: string, observedDesired?: string): ClusterReported => ({
  text,
  timestamp: NOW + 5,
  observedDesired,
});

describe('[T21] a device that is not ours', () => {
  it.each([
    ['nothing is desired', null, told('20'), { state: 'NONE' }],
    ['nobody told anything', 21, undefined, { state: 'PENDING', change: 'chg-1', since: NOW }],
    ['another value is acted on', 21, told('20', '20'), { state: 'PENDING', change: 'chg-1', since: NOW }],
    ['the value is acted on', 21, told('20', '21'), { state: 'DELIVERED', change: 'chg-1', since: NOW + 5 }],
    ['the value is reported', 21, told('21', '21'), { state: 'IN_SYNC', change: 'chg-1', since: NOW + 5 }],
    ['it is reported, written another way', 21, told('21.00'), { state: 'IN_SYNC', change: 'chg-1' }],
    ['what is reported cannot be read', 21, told('hot', '21'), { state: 'DELIVERED', change: 'chg-1' }],
  ])('when %s', (_what, desired, report, sync) => {
    expect(viewFromCluster(wanting(desired, 'chg-1'), SETPOINT, report).sync).toMatchObject(sync);
  });

  it('has its reported value in the type of its model; bounds bind what is desired only', () => {
    expect(viewFromCluster(wanting(null), SETPOINT, told('99.5'))).toMatchObject({
      reported: { value: 99.5, quality: 'GOOD', observedAt: NOW + 5 },
      observedDesired: undefined,
      seq: 0,
    });
  });

  it('[T7] keeps what does not fit the type as raw with quality BAD', () => {
    expect(viewFromCluster(wanting(null), SETPOINT, told('hot')).reported).toEqual({
      value: null,
      raw: 'hot',
      quality: 'BAD',
      observedAt: NOW + 5,
    });
  });

  it('shows as observed who wished it only while it is that very wish', () => {
    expect(viewFromCluster(wanting(21, 'chg-1'), SETPOINT, told('20', '21')).observedDesired).toMatchObject({
      value: 21,
      change: 'chg-1',
      setBy: 'ada',
    });
    expect(viewFromCluster(wanting(21, 'chg-1'), SETPOINT, told('20', '19')).observedDesired).toEqual({
      value: 19,
    });
  });

  it('brings a change from ACCEPTED by DELIVERED to REPORTED', () => {
    const wish = change([{ property: 'setpoint', value: 21 }]);
    const states = [undefined, told('20', '20'), told('20', '21'), told('21', '21')].map(
      (report) => progressOf(wish, [viewFromCluster(wanting(21, wish.id), SETPOINT, report)], true).state,
    );
    expect(states).toEqual(['ACCEPTED', 'ACCEPTED', 'DELIVERED', 'REPORTED']);
  });

  it('has cleared a value when nothing is acted on any more', () => {
    const wish = change([{ property: 'setpoint', value: null }]);
    const states = [told('20', '20'), told('20')].map(
      (report) => progressOf(wish, [viewFromCluster(wanting(null), SETPOINT, report)], true).state,
    );
    expect(states).toEqual(['ACCEPTED', 'REPORTED']);
  });
});
