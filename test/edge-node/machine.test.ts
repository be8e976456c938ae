import { mkdtempSync, rmSync } from 'node:fs';
import { type NetworkInterfaceInfo, networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { addressesOf, defaultInterface, osImageOf, pidsOf, readMachine } from '../../edge-node/machine.ts';
import { MachineWatch, pressureOf } from '../../edge-node/machine-watch.ts';
import { checkMachine } from '../../tunnel/machine-check.ts';
import type { Machine } from '../../twin/machine.ts';
import { ManualClock } from '../harness/manual-clock.ts';
import { machine } from '../harness/objects.ts';

const MIB = 1024 * 1024;
const ROOMY = {
  memoryBytes: 500 * MIB,
  storageBytes: 5000 * MIB,
  storageSizeBytes: 10_000 * MIB,
  pids: { left: 32_000, limit: 32_768 },
};

const address = (text: string, internal = false) =>
  ({
    address: text,
    family: text.includes(':') ? 'IPv6' : 'IPv4',
    internal,
  }) as NetworkInterfaceInfo;

describe('what an edge node reads of its machine', () => {
  it('is all that a Node tells, and passes what the tunnel checks', () => {
    const folder = mkdtempSync(join(tmpdir(), 'octograph-machine-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const reading = readMachine(folder);
    const told = { ...reading.machine, pressure: pressureOf(reading.headroom) };
    expect(checkMachine(told)).toEqual(told);
    expect(told.cpus).toBeGreaterThan(0);
    expect(told.memoryBytes).toBeGreaterThan(reading.headroom.memoryBytes);
    expect(told.storageBytes).toBeGreaterThanOrEqual(reading.headroom.storageBytes);
    expect(told.architecture).toBe({ x64: 'amd64' }[process.arch as 'x64'] ?? process.arch);
    for (const own of Object.values(networkInterfaces()).flat())
      if (own?.internal) expect(told.addresses).not.toContain(own.address);
  });

  it('says so where a file system is not there', () => {
    expect(readMachine('/nonexistent/store').machine.storageBytes).toBe(0);
  });

  it('names the addresses of the default route first, and neither loopback nor link-local ones', () => {
    const interfaces = {
      lo: [address('127.0.0.1', true), address('::1', true)],
      field0: [address('192.168.10.2'), address('169.254.7.7')],
      eth0: [address('10.0.0.7'), address('fd00::7'), address('fe80::1')],
      alias: [address('10.0.0.7')],
    };
    expect(addressesOf(interfaces, 'eth0')).toEqual(['10.0.0.7', 'fd00::7', '192.168.10.2']);
    expect(addressesOf(interfaces, undefined)).toEqual(['192.168.10.2', '10.0.0.7', 'fd00::7']);
    const many = {
      eth0: Array.from({ length: 300 }, (_, index) => address(`10.0.${index >> 8}.${index & 255}`)),
    };
    expect(addressesOf(many, 'eth0')).toHaveLength(16);
  });

  it('finds the default route, the system’s name and the threads in what Linux writes', () => {
    const routes = [
      'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
      'field0\t0000A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
      'eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0',
    ].join('\n');
    expect(defaultInterface(routes)).toBe('eth0');
    expect(defaultInterface('')).toBeUndefined();
    expect(osImageOf('NAME="Debian"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n')).toBe(
      'Debian GNU/Linux 12 (bookworm)',
    );
    expect(osImageOf('PRETTY_NAME=Buildroot\n')).toBe('Buildroot');
    expect(osImageOf('')).toBe('');
    expect(pidsOf('0.20 0.18 0.12 1/80 11206\n', '32768\n')).toEqual({ left: 32_688, limit: 32_768 });
    expect(pidsOf('', '')).toBeUndefined();
  });
});

describe('pressure', () => {
  it.each([
    ['memory', { memoryBytes: 100 * MIB }, { memoryBytes: 100 * MIB - 1 }],
    ['disk', { storageBytes: 1000 * MIB }, { storageBytes: 1000 * MIB - 1 }],
    ['pids', { pids: { left: 1000, limit: 10_000 } }, { pids: { left: 999, limit: 10_000 } }],
  ] as const)('of %s begins below its threshold', (what, enough, tooLittle) => {
    expect(pressureOf({ ...ROOMY, ...enough })[what]).toBe(false);
    expect(pressureOf({ ...ROOMY, ...tooLittle })[what]).toBe(true);
  });

  it('is nobody’s where the system tells nothing', () => {
    const nothing = { memoryBytes: 500 * MIB, storageBytes: 0, storageSizeBytes: 0 };
    expect(pressureOf(nothing)).toEqual({ memory: false, disk: false, pids: false });
  });
});

describe('the watch over the machine', () => {
  function start() {
    const clock = new ManualClock();
    const told: Machine[] = [];
    const world = { machine: machine(), headroom: ROOMY, isUp: true };
    const watch = new MachineWatch({
      read: () => world,
      tell(changed) {
        if (world.isUp) told.push(changed);
        return world.isUp;
      },
      clock,
    });
    onTestFinished(() => watch.close());
    return { clock, told, world, watch };
  }

  it('tells nothing while the machine is what the hello said, and once what has changed', async () => {
    const { clock, told, world, watch } = start();
    expect(watch.hello()).toEqual(machine());
    await clock.advance(60_000);
    expect(told).toEqual([]);
    world.machine = machine({ addresses: ['10.0.0.8'] });
    await clock.advance(60_000);
    expect(told).toEqual([machine({ addresses: ['10.0.0.8'] })]);
  });

  it('tells what changed between the hello and the link, and what changed without a link with the next hello', async () => {
    const { clock, told, world, watch } = start();
    world.isUp = false;
    watch.hello();
    world.machine = machine({ cpus: 8 });
    await clock.advance(20_000);
    world.isUp = true;
    await clock.advance(10_000);
    expect(told).toEqual([machine({ cpus: 8 })]);
    world.isUp = false;
    world.machine = machine({ cpus: 2 });
    expect(watch.hello().cpus).toBe(2);
    world.isUp = true;
    await clock.advance(60_000);
    expect(told).toHaveLength(1);
  });

  it('tells a pressure until five minutes after it was last seen, so that it does not flap', async () => {
    const { clock, told, world, watch } = start();
    watch.hello();
    world.headroom = { ...ROOMY, memoryBytes: MIB };
    await clock.advance(10_000);
    world.headroom = ROOMY;
    await clock.advance(4 * 60_000);
    world.headroom = { ...ROOMY, memoryBytes: MIB };
    await clock.advance(10_000);
    world.headroom = ROOMY;
    await clock.advance(4 * 60_000);
    expect(told.map(({ pressure }) => pressure.memory)).toEqual([true]);
    await clock.advance(60_000);
    expect(told.map(({ pressure }) => pressure.memory)).toEqual([true, false]);
  });
});
