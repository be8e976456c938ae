import type { Attributes, ResourceAttributes } from './attributes.ts';

/** A rule of a role: what it allows. Source of its meaning: k8s.io/kubernetes/pkg/apis/rbac/v1/evaluation_helpers.go. */
export interface PolicyRule {
  verbs: string[];
  apiGroups?: string[];
  resources?: string[];
  resourceNames?: string[];
  nonResourceURLs?: string[];
}

const ALL = '*';
const matches = (allowed: readonly string[] = [], asked: string): boolean =>
  allowed.includes(ALL) || allowed.includes(asked);

export function ruleAllows(rule: PolicyRule, attributes: Attributes): boolean {
  if (!matches(rule.verbs, attributes.verb)) return false;
  if (attributes.kind === 'path') return matchesPath(rule.nonResourceURLs, attributes.path);
  return (
    matches(rule.apiGroups, attributes.group) &&
    matchesResource(rule.resources, attributes) &&
    (!rule.resourceNames?.length || rule.resourceNames.includes(attributes.name))
  );
}

function matchesResource(
  allowed: readonly string[] = [],
  { resource, subresource }: Pick<ResourceAttributes, 'resource' | 'subresource'>,
): boolean {
  if (!subresource) return matches(allowed, resource);
  return matches(allowed, `${resource}/${subresource}`) || allowed.includes(`*/${subresource}`);
}

function matchesPath(allowed: readonly string[] = [], path: string): boolean {
  return allowed.some((one) => one === path || (one.endsWith(ALL) && path.startsWith(one.slice(0, -1))));
}

/** The parts of `wanted` that no rule of `held` covers: what its giver does not have himself. */
export function uncovered(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  return wanted.flatMap(split).filter((part) => !held.some((rule) => covers(rule, part)));
}

/** A rule as rules of one verb and one resource or path each. */
function split({ verbs, apiGroups = [], resources = [], resourceNames, nonResourceURLs = [] }: PolicyRule) {
  const parts: PolicyRule[] = [];
  for (const verb of verbs) {
    for (const url of nonResourceURLs) parts.push({ verbs: [verb], nonResourceURLs: [url] });
    for (const group of apiGroups) {
      for (const resource of resources) {
        const part = { verbs: [verb], apiGroups: [group], resources: [resource] };
        if (!resourceNames?.length) parts.push(part);
        for (const name of resourceNames ?? []) parts.push({ ...part, resourceNames: [name] });
      }
    }
  }
  return parts;
}

function covers(rule: PolicyRule, part: PolicyRule): boolean {
  if (!matches(rule.verbs, part.verbs[0]!)) return false;
  const [url] = part.nonResourceURLs ?? [];
  if (url !== undefined) return matchesPath(rule.nonResourceURLs, url);
  const [resource = '', subresource = ''] = (part.resources?.[0] ?? '').split('/', 2);
  const [name] = part.resourceNames ?? [];
  return (
    matches(rule.apiGroups, part.apiGroups?.[0] ?? '') &&
    matchesResource(rule.resources, { resource, subresource }) &&
    (!rule.resourceNames?.length || (name !== undefined && rule.resourceNames.includes(name)))
  );
}
