import { apiVersionOf, type ResourceDefinition, type ResourceRegistry } from './resources.ts';

const STATUS_VERBS = ['get', 'patch', 'update'];

/** Answers the discovery paths (`/api`, `/apis`, `/apis/<group>`, …); undefined for another path. */
export function discover(path: string, registry: ResourceRegistry): object | undefined {
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
  if (path === '/apis') {
    const groups = [...registry.groups()].map(([group, versions]) => describeGroup(group, versions));
    return { kind: 'APIGroupList', apiVersion: 'v1', groups };
  }
  if (path === '/api/v1') return describeVersion('', 'v1', registry);
  const [, group = '', version] = /^\/apis\/([^/]+)(?:\/([^/]+))?$/.exec(path) ?? [];
  const versions = registry.groups().get(group);
  if (!versions) return undefined;
  if (version === undefined) return { kind: 'APIGroup', apiVersion: 'v1', ...describeGroup(group, versions) };
  return versions.includes(version) ? describeVersion(group, version, registry) : undefined;
}

function describeGroup(name: string, versions: string[]): object {
  const described = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: described, preferredVersion: described[0] };
}

function describeVersion(group: string, version: string, registry: ResourceRegistry): object {
  const resources = registry.all().filter((one) => one.group === group && one.version === version);
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersionOf({ group, version }),
    resources: resources.flatMap(describeResource),
  };
}

function describeResource(resource: ResourceDefinition): object[] {
  const { plural, singular, namespaced, kind, shortNames, categories, statusSubresource } = resource;
  const main = {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs: resource.verbs,
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
  };
  const status = { name: `${plural}/status`, singularName: '', namespaced, kind, verbs: STATUS_VERBS };
  const actions = Object.entries(resource.actions).map(([name, { group, version, kind }]) => ({
    name: `${plural}/${name}`,
    singularName: '',
    namespaced,
    ...(group ? { group, version } : {}),
    kind,
    verbs: ['create'],
  }));
  return [main, ...(statusSubresource ? [status] : []), ...actions];
}
