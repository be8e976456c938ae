import type { Clock } from '../lib/clock.ts';
import type { Context } from '../resolvers/context.ts';
import { Completeness } from './completeness.ts';
import { createDeviceBrowser } from './device-browser.ts';
import type { EdgeDialects } from './edge-dialects.ts';
import { createCloudHistory } from './history-reader.ts';
import { createMethodInvoker } from './method-invoker.ts';
import { NodeAsker } from './node-asker.ts';
import { createNodeFacts } from './node-facts.ts';
import type { NodeGate } from './node-gate.ts';
import type { NodeLinks } from './node-links.ts';
import type { CloudTwins } from './twin-reader.ts';

/** What an operation in the cloud knows, beside what it shares with all others. */
export interface CloudContext extends Context {
  completeness: Completeness;
}

export interface OperationContextOptions {
  /** What all operations share. */
  base: Omit<Context, 'principal' | 'signal' | 'twins' | 'history' | 'nodeFacts' | 'methods' | 'browser'>;
  twins: CloudTwins;
  links: NodeLinks;
  gate: NodeGate;
  dialects: EdgeDialects;
  clock: Clock;
}

/** A context per operation: its own way to the nodes, ended with it. */
export function createContextFactory({ base, twins, links, gate, dialects, clock }: OperationContextOptions) {
  return (principal: Context['principal'], { signal }: { signal: AbortSignal }): CloudContext => {
    const completeness = new Completeness((node) => links.lastSeenAt(node));
    const sessionOf = (nodeName: string) => links.requireSession(nodeName);
    const asker = new NodeAsker({ sessionOf, gate, dialects, completeness, clock, signal });
    return {
      ...base,
      twins: twins.forOperation(asker),
      history: createCloudHistory(asker),
      nodeFacts: createNodeFacts(asker),
      methods: createMethodInvoker(links, signal),
      browser: createDeviceBrowser(asker),
      principal,
      signal,
      completeness,
    };
  };
}
