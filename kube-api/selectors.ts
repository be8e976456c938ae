import { messageOf } from '../lib/errors.ts';
import { parseLabelSelector as parseLabels } from '../lib/label-selector.ts';
import { type KubeObject, textAt } from './kube-object.ts';
import type { ResourceDefinition } from './resources.ts';
import { badRequest } from './status.ts';

export type Matcher = (object: KubeObject) => boolean;

const ALWAYS_SELECTABLE = ['metadata.name', 'metadata.namespace'];

/**
 * kubectl's label selector, as the server takes it.
 * @throws ApiError 400 naming the part that was not understood.
 */
export function parseLabelSelector(text: string): Matcher {
  try {
    const selects = parseLabels(text);
    return ({ metadata }) => selects(metadata.labels);
  } catch (error) {
    throw badRequest(messageOf(error));
  }
}

/**
 * Parses kubectl's field selector: `a=b,c!=d`, over the fields that `resource` can be selected by.
 * @throws ApiError 400 naming a field that is not one of them.
 */
export function parseFieldSelector(text: string, resource: ResourceDefinition): Matcher {
  const tests = splitUnescaped(text).map((part) => {
    const match = /^\s*([^=!]+?)\s*(==|=|!=)(.*)$/.exec(part);
    if (!match) throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`);
    const [, field = '', operator, escaped = ''] = match;
    if (!ALWAYS_SELECTABLE.includes(field) && !resource.selectableFields.includes(field)) {
      throw badRequest(`field label not supported: ${field}`);
    }
    const value = escaped.replace(/\\([\\,=])/g, '$1');
    return (object: KubeObject) => (selectableText(object, field) === value) === (operator !== '!=');
  });
  return (object) => tests.every((test) => test(object));
}

/** Splits at commas without a backslash before them. */
const splitUnescaped = (text: string): string[] =>
  (text.match(/(?:\\.|[^,\\])+/g) ?? []).filter((part) => part.trim() !== '');

function selectableText(object: KubeObject, field: string): string {
  // A flag that is not set is selected as false: `spec.unschedulable=false` finds the nodes that lack it.
  return textAt(object, field) || (field === 'spec.unschedulable' ? 'false' : '');
}

/** The objects that a list or watch request asks for. */
export function parseSelectors(query: URLSearchParams, resource: ResourceDefinition): Matcher | undefined {
  const matchers: Matcher[] = [];
  const labels = query.get('labelSelector');
  const fields = query.get('fieldSelector');
  if (labels) matchers.push(parseLabelSelector(labels));
  if (fields) matchers.push(parseFieldSelector(fields, resource));
  return matchers.length === 0 ? undefined : (object) => matchers.every((matches) => matches(object));
}
