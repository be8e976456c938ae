import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../../lib/clock.ts';
import { messageOf, OctographError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { DeviceSession, Mapper } from '../contract.ts';
import { withDeadline } from '../deadline.ts';
import { SharedChild } from '../shared-child.ts';
import type { FromChild, ToChild } from './messages.ts';
import { resolveModule } from './resolve.ts';
import { type PackageChild, PackageSession } from './session.ts';

export interface MapperPackageOptions {
  /** An npm package, or the path of a module: `./my-mapper.mjs`. */
  specifier: string;
  /** Directory that both are looked up from. */
  from: string;
  /** Each package gets a directory of its own in here. */
  dataDir: string;
  /** Most that its heap may take, MiB. @default 256 */
  maxHeapMb?: number;
  clock: Clock;
  /** 0 ≤ random() < 1; spreads restarts. */
  random: () => number;
  logger: Logger;
}

/** The program of a package's process: the sources where we run from sources, a file of the bundle where we run from that. */
const CHILD = fileURLToPath(
  import.meta.url.endsWith('.ts')
    ? new URL('./child.ts', import.meta.url)
    : new URL('../mapper-child.js', import.meta.url),
);

/** A module that takes longer to load has failed. */
const LOAD_MS = 10_000;

/**
 * A mapper of somebody else's, in a process of its own: whatever it does there, it can take down no more than its devices.
 * @throws OctographError `SETTINGS` naming the package and what is wrong with it
 */
export async function loadMapperPackage(options: MapperPackageOptions): Promise<Mapper> {
  const { specifier, from, dataDir, maxHeapMb = 256, clock, random, logger } = options;
  const child: PackageChild = new SharedChild({
    name: `mapper ${specifier}`,
    entry: CHILD,
    args: [resolveModule(specifier, from), join(dataDir, directoryOf(specifier))],
    maxHeapMb,
    clock,
    random,
    logger,
  });
  let description: Pick<Mapper, 'protocol' | 'delivery'>;
  try {
    description = await withDeadline(clock, LOAD_MS, 'loading it', () => describe(child));
  } catch (error) {
    await child.close();
    throw new OctographError('SETTINGS', `mapper ${specifier}: ${messageOf(error)}`, { cause: error });
  }
  return {
    ...description,
    async open(device, events): Promise<DeviceSession> {
      const session = new PackageSession(child, device, events);
      try {
        await session.opened;
      } catch (error) {
        await session.close();
        throw error;
      }
      return session;
    },
    close: () => child.close(),
  };
}

/** Starts the process, and asks it what it is. */
function describe(child: PackageChild): Promise<Pick<Mapper, 'protocol' | 'delivery'>> {
  return new Promise((resolve, reject) => {
    const user = child.attach({
      started: () => child.send({ type: 'describe', user } satisfies ToChild),
      stopped: (reason) => reject(new Error(reason)),
      receive(message: FromChild) {
        child.detach(user);
        if (message.type === 'described') resolve({ protocol: message.protocol, delivery: message.delivery });
        else if (message.type === 'refused') reject(new Error(message.message));
      },
    });
  });
}

/** `@acme/mapper-x` becomes `acme-mapper-x`, `./my-mapper.mjs` becomes `my-mapper`. */
const directoryOf = (specifier: string) =>
  (/^[./]/.test(specifier) ? basename(specifier).replace(/\.[^.]*$/, '') : specifier)
    .replace(/[^\w-]+/g, '-')
    .replace(/^-/, '');
