import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { askControl, startControl } from '../../cli/demo/control.ts';

function socketPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'octograph-control-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'control.sock');
}

async function start(path = socketPath()) {
  const heard: string[][] = [];
  const control = await startControl(path, async (words) => {
    heard.push(words);
    if (words[0] === 'fail') throw new Error('edge-z is no node of this demo');
    return `did ${words.join(' ')}`;
  });
  onTestFinished(() => control.close());
  return { path, heard, control };
}

describe('a running demo', () => {
  it('does what it is asked, word by word', async () => {
    const { path, heard } = await start();
    expect(await askControl(path, ['link', 'edge-a', 'down'])).toBe('did link edge-a down');
    expect(heard).toEqual([['link', 'edge-a', 'down']]);
  });

  it('says why it could not', async () => {
    const { path } = await start();
    await expect(askControl(path, ['fail'])).rejects.toMatchObject({
      code: 'DEMO',
      message: 'edge-z is no node of this demo',
    });
  });

  it('is missed in words where none runs', async () => {
    const path = socketPath();
    await expect(askControl(path, ['link'])).rejects.toThrow(
      `no demo is running here (${path}): start it with npm run demo`,
    );
  });

  it('takes the place of what a killed one left', async () => {
    const path = socketPath();
    writeFileSync(path, '');
    await start(path);
    expect(await askControl(path, ['link'])).toBe('did link');
  });

  it('closes although somebody is connected and says nothing', async () => {
    const { path, control } = await start();
    const silent = connect(path);
    await once(silent, 'connect');
    await control.close();
    await once(silent, 'close');
    await expect(askControl(path, ['link'])).rejects.toThrow('no demo is running here');
  });
});
