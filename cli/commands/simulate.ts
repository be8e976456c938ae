import { systemClock } from '../../lib/clock.ts';
import { Disposables } from '../../lib/disposables.ts';
import { OctographError } from '../../lib/errors.ts';
import type { Listener } from '../../lib/listen.ts';
import { type Command, refuseWords } from '../command.ts';

export const simulateCommand: Command = {
  usage: 'octograph simulate [settings]',
  options: {
    'modbus-listen': { kind: 'listener', help: 'Modbus TCP server with thermostats and a power meter' },
    thermostats: { kind: 'number', default: 4, minimum: 0, help: 'thermostats, on unit ids 1 to 9' },
    'mqtt-url': { kind: 'text', help: 'broker that the simulated room connects to' },
    room: { kind: 'text', default: 'room', help: 'name of the room: its topics start with rooms/<name>/' },
  },
  async run({ settings, positionals }) {
    refuseWords(positionals);
    const modbus = settings['modbus-listen'] as Listener | undefined;
    const brokerUrl = settings['mqtt-url'] as string | undefined;
    if (!modbus && !brokerUrl) {
      throw new OctographError(
        'SETTINGS',
        'neither --modbus-listen nor --mqtt-url is set: nothing to simulate',
      );
    }
    const open = new Disposables();
    const shared = { clock: systemClock, random: Math.random };
    const addresses: Record<string, string> = {};
    if (modbus) {
      const { startModbusPlant } = await import('../simulate/modbus-plant.ts');
      const thermostats = settings.thermostats as number;
      const plant = open.use(await startModbusPlant({ ...modbus, ...shared, thermostats }));
      addresses.modbus = `${modbus.host}:${plant.port}`;
    }
    if (brokerUrl) {
      const { startMqttRoom } = await import('../simulate/mqtt-room.ts');
      open.use(startMqttRoom({ brokerUrl, ...shared, name: settings.room as string }));
    }
    return { addresses, close: () => open.close() };
  },
};
