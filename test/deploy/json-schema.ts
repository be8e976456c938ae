interface Schema {
  $ref?: string;
  type?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  required?: string[];
  items?: Schema;
  enum?: unknown[];
  pattern?: string;
  minLength?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  definitions?: Record<string, Schema>;
}

/** What of `value` the schema refuses: the subset of JSON Schema that `values.schema.json` is written in. */
export function violations(root: Schema, value: unknown, schema: Schema = root, at = 'values'): string[] {
  const { $ref } = schema;
  if ($ref) return violations(root, value, root.definitions![$ref.replace('#/definitions/', '')]!, at);
  if (schema.type && !hasType(value, schema.type))
    return [`${at} is ${typeof value}; expected ${schema.type}`];
  const found: string[] = [];
  const refuse = (reason: string) => found.push(`${at}: ${JSON.stringify(value)} ${reason}`);
  if (schema.enum && !schema.enum.includes(value)) refuse(`is not one of ${schema.enum.join(', ')}`);
  if (typeof value === 'string') {
    if (schema.pattern && !new RegExp(schema.pattern).test(value)) refuse(`does not match ${schema.pattern}`);
    if (value.length < (schema.minLength ?? 0)) refuse('is too short');
  }
  if (typeof value === 'number') {
    if (value < (schema.minimum ?? value) || value > (schema.maximum ?? value)) refuse('is out of range');
    if (schema.exclusiveMinimum !== undefined && value <= schema.exclusiveMinimum) refuse('is out of range');
  }
  if (Array.isArray(value) && schema.items) {
    for (const [index, item] of value.entries())
      found.push(...violations(root, item, schema.items, `${at}[${index}]`));
  } else if (typeof value === 'object' && value !== null) {
    for (const name of schema.required ?? []) if (!(name in value)) refuse(`lacks ${name}`);
    for (const [name, field] of Object.entries(value)) {
      const known = schema.properties?.[name] ?? schema.additionalProperties ?? true;
      if (known === false) found.push(`${at}.${name} is unknown`);
      else if (known !== true) found.push(...violations(root, field, known, `${at}.${name}`));
    }
  }
  return found;
}

function hasType(value: unknown, type: string): boolean {
  if (type === 'array') return Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === type;
}
