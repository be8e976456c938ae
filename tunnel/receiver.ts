import { ReceiveWindow } from './credit.ts';
import { Reassembler, type WireMessage } from './fragments.ts';
import type { Channel, Fragment } from './frame.ts';
import { Inbox } from './inbox.ts';

export interface ReceiverOptions {
  channel: Channel;
  /** One message at a time. */
  handle(message: WireMessage): void | Promise<void>;
  /** The peer may send so many bytes more. */
  grant(bytes: number): void;
  /** `handle` failed. Nothing is handled after it. */
  failed(error: unknown): void;
}

/** The receiving end of one channel: fragments in, whole messages to their handler, credit back. */
export class Receiver {
  readonly #options: ReceiverOptions;
  readonly #reassembler: Reassembler;
  readonly #window: ReceiveWindow;
  readonly #inbox: Inbox;

  constructor(options: ReceiverOptions) {
    this.#options = options;
    this.#reassembler = new Reassembler(options.channel);
    this.#window = new ReceiveWindow(options.channel);
    this.#inbox = new Inbox({
      handle: options.handle,
      handled: ({ bytes }) => {
        this.#window.release(bytes.byteLength);
        this.#grant();
      },
      failed: options.failed,
    });
  }

  /** @throws ProtocolError when the fragment is beyond the credit or the limits */
  receive(fragment: Fragment): void {
    this.#window.receive(fragment.bytes.byteLength);
    const message = this.#reassembler.add(fragment);
    if (message) {
      this.#window.hold(message.bytes.byteLength);
      this.#inbox.add(message);
    }
    this.#grant();
  }

  close(): void {
    this.#inbox.close();
  }

  #grant(): void {
    const bytes = this.#window.takeGrant(this.#reassembler.pendingBytes);
    if (bytes > 0) this.#options.grant(bytes);
  }
}
