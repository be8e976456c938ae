import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { composeSdls } from './compose.ts';

/** Writes everything that is generated and committed: `schema/sdl/` and `schema/generated/`. */
const sdls = composeSdls();
for (const folder of ['schema/sdl', 'schema/generated']) mkdirSync(folder, { recursive: true });
for (const [name, sdl] of Object.entries(sdls)) writeFileSync(`schema/sdl/${name}.graphql`, sdl);
// A module beside the text: the bundle carries it, and nothing has to find a file at run time.
const text = sdls.supergraph.replace(/[\\`$]/g, '\\$&');
writeFileSync('schema/generated/supergraph.ts', `export const supergraphSdl = \`${text}\`;\n`);
execFileSync('graphql-codegen', ['--config', 'codegen.yml', '--silent'], { stdio: 'inherit' });
