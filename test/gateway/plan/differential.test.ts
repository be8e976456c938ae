import { getStitchedSchemaFromSupergraphSdl } from '@graphql-tools/federation';
import type { ExecutionResult, GraphQLSchema } from 'graphql';
import { execute, parse, print } from 'graphql';
import { describe, expect, test } from 'vitest';
import { createPlanRuntime } from '../../../gateway/index.ts';
import type { GeneratedQuery, GeneratorOptions } from './query-generator.ts';
import { generateQuery, seededRandom } from './query-generator.ts';
import { plainSchema, worldExecutors, worldSupergraph, worlds } from './worlds.ts';

const queriesPerWorld = 150;
const seed = Number(process.env.PLAN_SEED ?? 20_251);

const json = <T>(value: T): T => JSON.parse(JSON.stringify(value));

const errorsOf = ({ errors = [] }: ExecutionResult): string[] =>
  errors.map(({ message, path }) => `${path?.join('.')}: ${message}`);

const title = ({ text, variables }: GeneratedQuery) => `seed ${seed}: ${text} ${JSON.stringify(variables)}`;

const generate = (schema: GraphQLSchema, options: GeneratorOptions) => {
  const random = seededRandom(seed);
  return Array.from({ length: queriesPerWorld }, () => generateQuery(schema, random, options));
};

describe.each(worlds)('random queries over the $name supergraph', (world) => {
  const supergraphSdl = worldSupergraph(world);
  const executors = worldExecutors(world);
  const runtime = createPlanRuntime({ supergraphSdl, executors });
  const run = ({ text, variables }: GeneratedQuery) =>
    runtime.execute({ document: parse(text), variableValues: variables });

  test('have the data and the errors of one plain schema', async () => {
    const schema = plainSchema(supergraphSdl);
    for (const query of generate(runtime.schema, { avoid: world.avoid })) {
      const document = parse(query.text);
      const expected = await execute({ schema, document, variableValues: query.variables });
      const actual = await run(query);
      expect(json(actual.data), title(query)).toEqual(json(expected.data));
      // More is possible: the planner may fetch for one type what the client selected for another only.
      expect(errorsOf(actual), title(query)).toEqual(expect.arrayContaining(errorsOf(expected)));
    }
  });

  // Stitching has faults of its own with interface objects, `@skip`, `@include`, aliases that are names of
  // fields, and arguments of required fields.
  test.skipIf(world.name === 'media')(
    'have the data of a stitched schema, another implementation',
    async () => {
      const schema = getStitchedSchemaFromSupergraphSdl({
        supergraphSdl,
        onSubschemaConfig(config) {
          const executor = executors[config.name.toLowerCase()]!;
          config.executor = ({ document, variables = {} }) =>
            executor({
              document,
              query: print(document),
              variables,
              operationType: 'query',
              context: {},
            }) as never;
        },
      });
      let compared = 0;
      const options = { avoid: ['Product.price'], aliases: ['a', 'b'], conditions: false };
      for (const query of generate(runtime.schema, options)) {
        const actual = await run(query);
        // Stitching loses list indexes and the other fields of a failed entity.
        if (actual.errors) continue;
        const document = parse(query.text);
        const expected = await execute({ schema, document, variableValues: query.variables });
        expect(expected.errors, title(query)).toBeUndefined();
        expect(json(actual.data), title(query)).toEqual(json(expected.data));
        compared++;
      }
      expect(compared).toBeGreaterThan(queriesPerWorld / 3);
    },
  );
});
