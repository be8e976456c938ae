import { defineConfig } from 'vitest/config';

// Without the alias vitest loads graphql's ESM build for our sources and Node its CommonJS build for the
// libraries: two realms, and "Cannot use GraphQLSchema from another module or realm".
export default defineConfig({
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: process.env.CI ? ['default', 'json'] : ['default'],
    outputFile: { json: '.octograph/test-results.json' },
  },
});
