import { beforeEach, describe, expect, it } from 'vitest';
import { MetadataCache } from '../../edge-node/metadata-cache.ts';
import { ObjectIntake } from '../../edge-node/object-intake.ts';
import { deviceObject, modelObject } from '../harness/objects.ts';
import { EdgeFixture } from './fixture.ts';

const refOf = (kind: 'Device' | 'DeviceModel', name: string) => ({ kind, namespace: 'default', name });

let edge: EdgeFixture;
let intake: ObjectIntake;
/** What the host was given and what the others heard, in order, by name. */
let heard: string[];
beforeEach(() => {
  edge = new EdgeFixture();
  heard = [];
  const tell = (what: string, devices: readonly { name: string }[], gone: readonly string[]) =>
    heard.push([what, ...devices.map(({ name }) => name), ...gone.map((name) => `-${name}`)].join(' '));
  intake = new ObjectIntake({
    store: edge.store,
    registry: edge.registry,
    metadata: new MetadataCache([
      modelObject(),
      modelObject('boiler'),
      deviceObject('pump'),
      deviceObject('fan'),
      deviceObject('kettle', { model: 'boiler' }),
    ]),
    host: { setDevices: (devices, gone = []) => tell('run', devices, gone) },
    tell: (devices, gone) =>
      tell(
        'told',
        devices.map(({ metadata }) => metadata),
        gone.map(({ name }) => name),
      ),
  });
});

describe('the intake of objects', () => {
  it('begins with everything, told before it runs', () => {
    intake.begin();
    expect(heard).toEqual(['told pump fan kettle', 'run pump fan kettle']);
  });

  it('touches the devices of a delta, and no others', () => {
    intake.begin();
    heard = [];
    intake.take(false, [deviceObject('fan', { desired: { setpoint: '21' } })], [refOf('Device', 'pump')]);
    expect(heard).toEqual(['told fan -pump', 'run fan -default/pump']);
    expect(edge.registry.device('default/pump')).toBeUndefined();
    expect(edge.registry.get('default/fan', 'setpoint')?.observedDesired?.value).toBe(21);
  });

  it('touches the devices of a model that is another one, or gone', () => {
    intake.begin();
    heard = [];
    const model = modelObject('boiler');
    model.spec.properties = [];
    intake.take(false, [model], []);
    expect(edge.registry.device('default/kettle')?.properties.size).toBe(0);
    intake.take(false, [], [refOf('DeviceModel', 'thermostat')]);
    expect(heard).toEqual(['told kettle', 'run kettle', 'told pump fan -thermostat', 'run pump fan']);
    expect(edge.registry.device('default/pump')?.properties.size).toBe(0);
  });

  it('takes a complete set as all there is', () => {
    intake.begin();
    heard = [];
    intake.take(true, [modelObject(), deviceObject('pump'), deviceObject('mixer')], []);
    expect(heard.at(-1)).toBe('run pump mixer -default/fan -default/kettle');
    edge.store.flush();
    expect([...edge.store.load().objects].map(({ metadata }) => metadata.name).sort()).toEqual([
      'mixer',
      'pump',
      'thermostat',
    ]);
  });
});
