import { OctographError } from '../lib/errors.ts';
import type { MethodInvoker } from '../resolvers/context.ts';
import type { TwinValue } from '../twin/value.ts';
import type { NodeLinks } from './node-links.ts';

const MUTATION = `mutation ($input: InvokeMethodInput!) { invokeMethod(input: $input) {
  __typename ... on MethodDone { value } ... on MethodFailed { code message }
} }`;

/** Milliseconds that the way to the node and back may take beyond the method's own time. */
const WAY_MS = 1000;

interface Answer {
  invokeMethod:
    | { __typename: 'MethodDone'; value: TwinValue }
    | { __typename: 'MethodFailed'; code: string; message: string }
    | null;
}

/** Methods run where the device is. One request, never shared and never repeated: it is not a read. */
export function createMethodInvoker(links: NodeLinks, signal: AbortSignal): MethodInvoker {
  return {
    async invoke({ namespace, name, nodeName }, { expiresAt, ...call }) {
      if (nodeName === null) {
        throw new OctographError('DEVICE_UNKNOWN', `device ${namespace}/${name} is not bound to a node`);
      }
      const session = links.requireSession(nodeName);
      const input = { ...call, ...(expiresAt != null && { expiresAt: new Date(expiresAt).toISOString() }) };
      const timeoutMs = call.timeoutMs + WAY_MS;
      const ends = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      const request = { query: MUTATION, variables: { input }, timeoutMs, signal: ends };
      const { data, errors } = await session.execute(request);
      const answer = (data as Answer | null | undefined)?.invokeMethod;
      if (answer?.__typename === 'MethodDone') return answer.value;
      if (answer) throw new OctographError(answer.code, answer.message);
      const details = { nodeName };
      throw new OctographError(
        'EDGE_NODE_ERROR',
        errors?.[0]?.message ?? `edge node ${nodeName} gave no answer`,
        { details },
      );
    },
  };
}
