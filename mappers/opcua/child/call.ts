import { type ClientSession, type Variant, VariantArrayType } from 'node-opcua-client';
import { OctographError } from '../../../lib/errors.ts';
import type { TwinValue } from '../../../twin/value.ts';
import { decodeVariant, encodeVariant } from '../codec.ts';
import type { OpcuaRequest } from '../messages.ts';
import type { Nodes } from './nodes.ts';
import { assertGood } from './status.ts';
import { toVariant } from './values.ts';

/** Calls a method with arguments by name, each converted to the type that the server declares for it. */
export async function call(
  { objectId, methodId, args }: Extract<OpcuaRequest, { kind: 'call' }>,
  session: ClientSession,
  nodes: Nodes,
): Promise<TwinValue> {
  const [object, method] = await Promise.all([nodes.resolve(objectId), nodes.resolve(methodId)]);
  const { inputArguments, outputArguments } = await session.getArgumentDefinition(method);
  // Some servers leave the names out.
  const names = inputArguments.map(({ name }, at) => name || `arg${at}`);
  const unknown = Object.keys(args).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const known = names.join(', ') || 'none';
    throw new OctographError(
      'DEVICE_REFUSED',
      `${methodId} has no argument ${unknown}; its arguments: ${known}`,
    );
  }
  const inputs = await Promise.all(
    inputArguments.map(async ({ dataType }, at) => {
      const name = names[at] as string;
      const given = args[name];
      if (given === undefined)
        throw new OctographError('DEVICE_REFUSED', `${methodId}: argument ${name} is missing`);
      return toVariant(encodeVariant(await nodes.builtIn(dataType), given, name));
    }),
  );
  const result = await session.call({ objectId: object, methodId: method, inputArguments: inputs });
  assertGood(result.statusCode, `calling ${methodId}`);
  return resultOf(result.outputArguments ?? [], outputArguments);
}

/** No output is null, one is its value, several are JSON text by name. */
function resultOf(outputs: readonly Variant[], definitions: ReadonlyArray<{ name: unknown }>): TwinValue {
  const values = outputs.map((output) =>
    decodeVariant(
      {
        dataType: output.dataType,
        isScalar: output.arrayType === VariantArrayType.Scalar,
        value: output.value,
      },
      'BYTES',
    ),
  );
  if (values.length < 2) return values[0] ?? null;
  return JSON.stringify(
    Object.fromEntries(values.map((value, at) => [String(definitions[at]?.name ?? at), value])),
  );
}
