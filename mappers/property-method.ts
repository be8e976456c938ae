import { messageOf, OctographError } from '../lib/errors.ts';
import type { PropertyModel } from '../twin/model.ts';
import { checkValue, type TwinValue } from '../twin/value.ts';
import type { DeviceMethod } from './contract.ts';

/**
 * KubeEdge's kind of method: writes its properties, in the order of `propertyNames`; those without an argument are left
 * alone. One written property is the result as the device represents it, several are JSON text by name.
 * @throws OctographError before anything is written: `INVALID_VALUE` where the arguments are not the method's or one does not fit the
 * model, `DEVICE_REFUSED` where the model lacks a property; what `apply` threw, with the properties that were written before
 */
export async function writeProperties(
  { name, propertyNames }: DeviceMethod,
  args: Record<string, TwinValue>,
  models: ReadonlyMap<string, PropertyModel>,
  apply: (property: string, value: TwinValue) => Promise<TwinValue>,
): Promise<TwinValue> {
  const foreign = Object.keys(args).find((property) => !propertyNames.includes(property));
  if (foreign !== undefined)
    refuse('INVALID_VALUE', `method ${name} does not set ${foreign}; it sets ${propertyNames.join(', ')}`);
  const wanted = propertyNames.filter((property) => property in args);
  if (wanted.length === 0)
    refuse('INVALID_VALUE', `method ${name} needs a value for at least one of ${propertyNames.join(', ')}`);
  for (const property of wanted) {
    const model = models.get(property);
    if (!model) refuse('DEVICE_REFUSED', `method ${name} sets ${property}, which its model does not have`);
    const checked = checkValue(model, args[property]);
    if (!checked.ok) refuse('INVALID_VALUE', `method ${name}: ${checked.reason}`);
  }
  const written: Record<string, TwinValue> = {};
  for (const property of wanted) {
    try {
      written[property] = await apply(property, args[property] ?? null);
    } catch (error) {
      throw Object.keys(written).length === 0 ? error : partial(name, written, error);
    }
  }
  const [only] = wanted as [string];
  return wanted.length === 1 ? (written[only] ?? null) : JSON.stringify(written);
}

/** Something was done, so it is no harmless failure any more, whatever stopped it. */
const partial = (name: string, written: Record<string, TwinValue>, error: unknown) =>
  new OctographError(
    'DEVICE_TIMEOUT',
    `method ${name} ended half way: ${messageOf(error)}; written before: ${JSON.stringify(written)}`,
    { cause: error },
  );

function refuse(code: 'INVALID_VALUE' | 'DEVICE_REFUSED', message: string): never {
  throw new OctographError(code, message);
}
