import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/**
 * The manifest that is published: what the bundle does not contain is all that it depends on. The planner has no build for
 * musl, where edge nodes run without it, so it is optional. Node itself is the user's own.
 */
const BUNDLED_BESIDE = {
  dependencies: ['better-sqlite3'],
  optionalDependencies: ['@graphql-hive/router-query-planner', 'serialport'],
} as const;

const MANIFEST = 'package.json';
const KEPT = 'package.json.repo';

type Manifest = Record<string, unknown> &
  Record<'dependencies' | 'devDependencies' | 'optionalDependencies', Record<string, string>>;

/** npm runs us before and after it packs: `write` puts the published manifest in place, `restore` brings ours back. */
const [action] = process.argv.slice(2);
if (action === 'write') {
  const text = readFileSync(MANIFEST, 'utf8');
  writeFileSync(KEPT, text);
  writeFileSync(MANIFEST, `${JSON.stringify(publishedManifest(JSON.parse(text)), null, 2)}\n`);
} else if (action === 'restore') {
  renameSync(KEPT, MANIFEST);
} else {
  throw new Error(`publish-manifest ${action}: expected write or restore`);
}

function publishedManifest({
  devDependencies: _,
  overrides: __,
  scripts: ___,
  dependencies,
  optionalDependencies,
  ...rest
}: Manifest) {
  const ours = { ...dependencies, ...optionalDependencies };
  const pick = (names: readonly string[]) =>
    Object.fromEntries(
      names.map((name) => {
        if (!(name in ours)) throw new Error(`package.json depends on no ${name}, which is to be published`);
        return [name, ours[name]];
      }),
    );
  return {
    ...rest,
    dependencies: pick(BUNDLED_BESIDE.dependencies),
    optionalDependencies: pick(BUNDLED_BESIDE.optionalDependencies),
  };
}
