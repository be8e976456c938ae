import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** An object of `test/fixtures/kubeedge/`, as a cluster with that KubeEdge holds it: `1.22-device`. */
export function kubeedgeFixture<T>(name: string): T {
  return parse(readFileSync(new URL(`../fixtures/kubeedge/${name}.yaml`, import.meta.url), 'utf8')) as T;
}
