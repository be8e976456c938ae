import { readFileSync } from 'node:fs';
import { codeOf, messageOf, OctographError } from '../lib/errors.ts';
import { createLogger, type LogLevel } from '../lib/logger.ts';
import { VERSION } from '../lib/version.ts';
import type { Command, Started } from './command.ts';
import { helpText, readSettings } from './settings.ts';

/** Loaded when asked for: an edge node must not pay for the cloud's libraries. */
const COMMANDS: Record<string, () => Promise<Command>> = {
  cloud: async () => (await import('./commands/cloud.ts')).cloudCommand,
  edge: async () => (await import('./commands/edge.ts')).edgeCommand,
  kube: async () => (await import('./commands/kube.ts')).kubeCommand,
  token: async () => (await import('./commands/token.ts')).tokenCommand,
  node: async () => (await import('./commands/node.ts')).nodeCommand,
  demo: async () => (await import('./commands/demo.ts')).demoCommand,
  simulate: async () => (await import('./commands/simulate.ts')).simulateCommand,
};

const USAGE = `octograph ${VERSION}: one GraphQL API over nodes, pods, devices and device twins

  octograph cloud      the cloud gateway
  octograph edge       an edge node; edge join makes it known to the cloud
  octograph kube       the embedded Kubernetes API
  octograph token      a one-time token for a new edge node
  octograph node       take an edge node's access away
  octograph demo       all of them on this machine, with simulated devices
  octograph simulate   the simulated devices alone

octograph <command> --help tells its settings.
`;

/** Milliseconds from the first signal to the end, whatever is still open. */
const SHUTDOWN_MS = 8000;

export async function main(argv: readonly string[]): Promise<void> {
  const [name = 'help', ...rest] = argv;
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!load) {
    const known = name === 'help' || name === '--help' || name === '--version';
    (known ? process.stdout : process.stderr).write(known ? USAGE : `unknown command ${name}\n\n${USAGE}`);
    process.exitCode = known ? 0 : 2;
    return;
  }
  try {
    await runCommand(name, await load(), rest);
  } catch (error) {
    // A coded error is written for the person who reads it; anything else is a bug, and needs its stack.
    const text = codeOf(error) ? wordsOf(error) : ((error as Error)?.stack ?? String(error));
    process.stderr.write(`octograph ${name}: ${text}\n`);
    process.exit(codeOf(error) === 'SETTINGS' ? 2 : 1);
  }
}

/** With the code by which docs/errors.md has it; Node's own errors begin with theirs. */
const wordsOf = (error: unknown) =>
  error instanceof OctographError ? `${error.message} (${error.code})` : messageOf(error);

async function runCommand(name: string, command: Command, argv: readonly string[]): Promise<void> {
  const read = readSettings(command.options, {
    argv,
    env: process.env,
    readFile: (path) => readFileSync(path, 'utf8'),
  });
  const { settings, origins, positionals } = read;
  if (settings.help) {
    process.stdout.write(helpText(command.usage, command.options));
    return;
  }
  if (settings['print-config']) {
    for (const [key, origin] of Object.entries(origins)) {
      process.stdout.write(`${key}: ${JSON.stringify(settings[key])} # ${origin}\n`);
    }
    return;
  }
  const logLevel = settings['log-level'] as LogLevel;
  const logger = createLogger(name, logLevel);
  // A start may wait for long, for Kubernetes say: a supervisor that is gone meanwhile leaves nobody to wait for.
  const abandon = () => process.exit(1);
  process.once('disconnect', abandon);
  const started = await command.run({ settings, positionals, logger, logLevel });
  process.off('disconnect', abandon);
  if (started) superviseSignals(started);
}

function superviseSignals(started: Started): void {
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), SHUTDOWN_MS).unref();
    started.close().then(
      () => process.exit(0),
      (error) => {
        process.stderr.write(`octograph: ${messageOf(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  // Under a supervisor: it hears when we are ready, and we end when it does, however it ended.
  process.on('disconnect', stop);
  if (!process.send) return;
  if (process.connected) process.send({ ready: true, addresses: started.addresses });
  else stop();
}
