import { OctographError } from '../../lib/errors.ts';
import type { TwinValue } from '../../twin/value.ts';
import type { BrowsedNode, DeviceSession, MapperDevice, MapperEvents, Reading } from '../contract.ts';
import { PendingCalls } from '../pending-calls.ts';
import type { ChildUser, SharedChild } from '../shared-child.ts';
import type { FromChild, SessionCall, ToChild } from './messages.ts';

export type PackageChild = SharedChild<ToChild, FromChild>;

/** A session whose real half lives in the package's process. It is opened again in each process that starts. */
export class PackageSession implements DeviceSession, ChildUser<FromChild> {
  methods: ReadonlySet<string> = new Set();
  browse?: DeviceSession['browse'];
  /** Settles with the first answer to `open`. */
  readonly opened: Promise<void>;
  readonly #child: PackageChild;
  readonly #user: number;
  readonly #device: MapperDevice;
  readonly #events: MapperEvents;
  readonly #opening = Promise.withResolvers<void>();
  readonly #calls = new PendingCalls();
  /** Why there is no session in the process now. */
  #absence: OctographError | undefined = new OctographError('DEVICE_UNREACHABLE', 'not opened yet');

  constructor(child: PackageChild, device: MapperDevice, events: MapperEvents) {
    this.#child = child;
    this.#device = device;
    this.#events = events;
    this.opened = this.#opening.promise;
    this.#user = child.attach(this);
  }

  started(): void {
    this.#child.send({ type: 'open', user: this.#user, device: this.#device });
  }

  stopped(reason: string): void {
    this.#leave(new OctographError('DEVICE_UNREACHABLE', reason));
    this.#events.state('disconnected', reason);
  }

  receive(message: FromChild): void {
    switch (message.type) {
      case 'opened':
        this.methods = new Set(message.methods);
        if (message.canBrowse)
          this.browse = (node, signal) => this.#call<BrowsedNode[]>({ kind: 'browse', node }, signal);
        this.#absence = undefined;
        this.#opening.resolve();
        return;
      case 'refused': {
        const error = new OctographError(message.code, message.message);
        this.#leave(error);
        this.#opening.reject(error);
        return;
      }
      case 'report':
        this.#events.report(message.readings);
        return;
      case 'state':
        this.#events.state(message.state, message.reason);
        return;
      case 'result':
        this.#calls.resolve(message.id, message.result);
        return;
      case 'failure':
        this.#calls.reject(message.id, new OctographError(message.code, message.message));
    }
  }

  collect(properties: string[], signal: AbortSignal): Promise<Reading[]> {
    return this.#call({ kind: 'collect', properties }, signal);
  }

  apply(property: string, value: TwinValue, signal: AbortSignal): Promise<TwinValue> {
    return this.#call({ kind: 'apply', property, value }, signal);
  }

  invoke(method: string, args: Record<string, TwinValue>, signal: AbortSignal): Promise<TwinValue> {
    return this.#call({ kind: 'invoke', method, args }, signal);
  }

  async close(): Promise<void> {
    this.#leave(new OctographError('DEVICE_UNREACHABLE', 'the session was closed'));
    this.#child.send({ type: 'close', user: this.#user });
    this.#child.detach(this.#user);
  }

  #call<T>(call: SessionCall, signal: AbortSignal): Promise<T> {
    if (this.#absence) return Promise.reject(this.#absence);
    const user = this.#user;
    return this.#calls.start(
      signal,
      (id) => this.#child.send({ type: 'call', user, id, call }),
      (id) => {
        const reason = (signal.reason ?? {}) as Partial<OctographError>;
        const { code = 'DEVICE_TIMEOUT', message = 'given up' } = reason;
        this.#child.send({ type: 'cancel', user, id, code, message });
      },
    );
  }

  #leave(reason: OctographError): void {
    this.#absence = reason;
    const lost = new OctographError('DEVICE_TIMEOUT', `${reason.message}; no answer will come`);
    this.#calls.rejectAll(lost);
  }
}
