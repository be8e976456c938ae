import { OctographError } from '../../lib/errors.ts';

/** Source: Modbus Application Protocol 1.1b3, section 7. */
const EXCEPTIONS: Record<number, string> = {
  1: 'illegal function',
  2: 'illegal data address',
  3: 'illegal data value',
  4: 'server device failure',
  5: 'acknowledge',
  6: 'server device busy',
  7: 'negative acknowledge',
  8: 'memory parity error',
  10: 'gateway path unavailable',
  11: 'gateway target device failed to respond',
};

/** The device answered, with an exception. */
export class ModbusException extends OctographError {
  readonly exception: number;

  constructor(exception: number, what: string) {
    super(codeFor(exception), `${EXCEPTIONS[exception] ?? 'unknown exception'} (${exception}) ${what}`);
    this.name = 'ModbusException';
    this.exception = exception;
  }

  /** About this address or value: other registers of the device may answer all the same. */
  get isLocal(): boolean {
    return this.code === 'DEVICE_REFUSED';
  }
}

function codeFor(exception: number): string {
  switch (exception) {
    case 10:
    case 11:
      // A gateway speaks for a device that it did not reach.
      return 'DEVICE_TIMEOUT';
    case 5:
    case 6:
      return 'DEVICE_BUSY';
    default:
      return 'DEVICE_REFUSED';
  }
}

export const unreachable = (message: string, cause?: unknown) =>
  new OctographError('DEVICE_UNREACHABLE', message, { cause });

export const unanswered = (message: string) => new OctographError('DEVICE_TIMEOUT', message);
