import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A device's program in a process of its own, listening on loopback. */
export interface Peer {
  port: number;
  pid: number;
  /** Ends it, with the processes that it started. */
  stop(): void;
}

const here = import.meta.dirname;

/**
 * libmodbus' own server with tags that move or stand still; it is compiled into `folder`.
 * @throws where there is no C compiler, or no libmodbus
 */
export async function startModbusTags(folder: string, moving: boolean): Promise<Peer> {
  const program = join(folder, 'modbus-tags');
  execFileSync('cc', ['-O2', '-o', program, join(here, 'modbus-tags.c'), '-lmodbus']);
  const stdio = ['ignore', 'pipe', 'ignore'] as const;
  const child = spawn(program, moving ? ['moving'] : [], { stdio: [...stdio], detached: true });
  const [line] = await once(child.stdout!, 'data');
  return peerOf(child, Number(line));
}

/** An OPC UA server with `items` variables, each of which is another every `everyMs` milliseconds. */
export async function startOpcuaItems(
  folder: string,
  { items, everyMs }: { items: number; everyMs: number },
): Promise<Peer> {
  const args = JSON.stringify({ port: 0, pkiDir: join(folder, 'server'), trustsAll: true, items, everyMs });
  const program = join(here, '../../test/fixtures/opcua-server.ts');
  const options = { execArgv: [], stdio: 'ignore', detached: true };
  const child = fork(program, [args], options as never);
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return peerOf(child, port);
}

function peerOf({ pid }: ChildProcess, port: number): Peer {
  return {
    port,
    pid: pid as number,
    stop() {
      try {
        process.kill(-(pid as number), 'SIGKILL');
      } catch {
        // It ended by itself.
      }
    },
  };
}

/** Source: proc(5), `task/<tid>/children`. */
export function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`)
    .flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' '))
    .filter(Boolean)
    .map(Number);
}
