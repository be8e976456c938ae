import type { StatusCode } from 'node-opcua-client';
import { OctographError } from '../../../lib/errors.ts';

/** Status codes that tell of a way that is blocked, not of a value that is wrong: another try may do. */
const TRANSIENT =
  /^Bad(?:Timeout|CommunicationError|NoCommunication|NotConnected|DeviceFailure|SensorFailure|OutOfService|ResourceUnavailable|TooManyOperations|ServerHalted|Shutdown|ConnectionClosed|SecureChannelClosed|SessionIdInvalid|SessionClosed|WaitingForInitialData)$/;

/** @throws OctographError naming the status code */
export function assertGood(status: StatusCode, what: string): void {
  if (status.isGood()) return;
  const isTransient = TRANSIENT.test(status.name);
  throw new OctographError(
    isTransient ? 'DEVICE_TIMEOUT' : 'DEVICE_REFUSED',
    `${what}: ${status.name} (${status.description})`,
  );
}
