import { isDeepStrictEqual } from 'node:util';
import { type KubeObject, kubeTime } from './kube-object.ts';
import type { ResourceDefinition } from './resources.ts';
import { type FieldError, invalidValue, requiredValue } from './schema/structural.ts';
import { conflict, staleObject } from './status.ts';

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const LABEL_VALUE = '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?';
const QUALIFIED_NAME = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';

const matches = (pattern: string, text: string) => new RegExp(`^${pattern}$`).test(text);

const SUBDOMAIN_RULE =
  `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end ` +
  `with an alphanumeric character (e.g. 'example.com', regex used for validation is '${SUBDOMAIN}')`;
const LABEL_RULE =
  `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end ` +
  `with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${LABEL}')`;
const LABEL_VALUE_RULE =
  `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end ` +
  `with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '${LABEL_VALUE}')`;
const QUALIFIED_NAME_RULE =
  `name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric ` +
  `character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${QUALIFIED_NAME}')`;

const PATH_SEGMENT_RULE = `may not be '.' or '..', and may not contain '/' or '%'`;

/** Kubernetes' bound on the sum of all annotations. */
const MAX_ANNOTATIONS_BYTES = 256 * 1024;

/** Everything that is wrong with an object's metadata. */
export function validateMeta({ metadata }: KubeObject, { nameRule }: ResourceDefinition): FieldError[] {
  const errors: FieldError[] = [];
  if (!metadata.name) errors.push(requiredValue('metadata.name', 'name or generateName is required'));
  else errors.push(...nameErrors(metadata.name, nameRule));
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    errors.push(...keyErrors('metadata.labels', key));
    if (value.length > 63) {
      errors.push(invalidValue('metadata.labels', value, 'must be no more than 63 characters'));
    }
    if (!matches(LABEL_VALUE, value)) errors.push(invalidValue('metadata.labels', value, LABEL_VALUE_RULE));
  }
  let annotationsBytes = 0;
  for (const [key, value] of Object.entries(metadata.annotations ?? {})) {
    errors.push(...keyErrors('metadata.annotations', key));
    annotationsBytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (annotationsBytes > MAX_ANNOTATIONS_BYTES) {
    const message = `Too long: may not be more than ${MAX_ANNOTATIONS_BYTES} bytes`;
    errors.push({ reason: 'FieldValueTooLong', field: 'metadata.annotations', message });
  }
  (metadata.ownerReferences ?? []).forEach((owner, index) => {
    for (const field of ['apiVersion', 'kind', 'name', 'uid'] as const) {
      const path = `metadata.ownerReferences[${index}].${field}`;
      if (!owner[field]) errors.push(invalidValue(path, owner[field] ?? '', `${field} must not be empty`));
    }
  });
  return errors;
}

function nameErrors(name: string, rule: ResourceDefinition['nameRule']): FieldError[] {
  if (rule === 'path-segment') {
    const wrong = name === '.' || name === '..' || /[/%]/.test(name);
    return wrong ? [invalidValue('metadata.name', name, PATH_SEGMENT_RULE)] : [];
  }
  const [pattern, words, limit] =
    rule === 'label' ? [LABEL, LABEL_RULE, 63] : [SUBDOMAIN, SUBDOMAIN_RULE, 253];
  const errors: FieldError[] = [];
  if (name.length > limit) {
    errors.push(invalidValue('metadata.name', name, `must be no more than ${limit} characters`));
  }
  if (!matches(pattern, name)) errors.push(invalidValue('metadata.name', name, words));
  return errors;
}

function keyErrors(field: string, key: string): FieldError[] {
  const slash = key.indexOf('/');
  const prefix = slash < 0 ? undefined : key.slice(0, slash);
  const name = key.slice(slash + 1);
  const errors: FieldError[] = [];
  if (prefix !== undefined && !matches(SUBDOMAIN, prefix.toLowerCase())) {
    errors.push(invalidValue(field, key, `prefix part ${SUBDOMAIN_RULE}`));
  }
  if (name.length > 63) errors.push(invalidValue(field, key, 'name part must be no more than 63 characters'));
  if (!matches(QUALIFIED_NAME, name)) errors.push(invalidValue(field, key, QUALIFIED_NAME_RULE));
  return errors;
}

/** What the server alone sets in the metadata of a new object. */
export function newMeta(
  object: KubeObject,
  resource: ResourceDefinition,
  { now, uid }: { now: number; uid: string },
): KubeObject {
  const {
    resourceVersion: _,
    generation: __,
    deletionTimestamp: ___,
    deletionGracePeriodSeconds: ____,
    ...given
  } = object.metadata;
  return {
    ...object,
    metadata: {
      ...given,
      uid,
      creationTimestamp: kubeTime(now),
      ...(resource.generation === 'never' ? {} : { generation: 1 }),
    },
  };
}

/**
 * `next` as the successor of `current`: what a writer may not change is put back.
 * @throws ApiError 409 when `next` was made from another state or another object of the same name.
 */
export function succeed(current: KubeObject, next: KubeObject, resource: ResourceDefinition): KubeObject {
  const { name, uid, resourceVersion, creationTimestamp, deletionTimestamp, generation } = current.metadata;
  const asked = next.metadata;
  if (asked.uid && asked.uid !== uid) {
    const detail = `Precondition failed: UID in precondition: ${asked.uid}, UID in object meta: ${uid}`;
    throw conflict(resource, name, detail);
  }
  if (asked.resourceVersion && asked.resourceVersion !== resourceVersion) throw staleObject(resource, name);
  const { generation: _, deletionTimestamp: __, ...kept } = asked;
  const grows = resource.generation !== 'never' && !sameSpec(current, next, resource.generation);
  return {
    ...next,
    metadata: {
      ...kept,
      uid,
      resourceVersion,
      creationTimestamp,
      ...(generation === undefined ? {} : { generation: grows ? generation + 1 : generation }),
      ...(deletionTimestamp ? { deletionTimestamp } : {}),
    },
  };
}

function sameSpec(a: KubeObject, b: KubeObject, rule: ResourceDefinition['generation']): boolean {
  const left = { ...a, metadata: undefined };
  const right = { ...b, metadata: undefined };
  if (rule === 'outside-metadata') return isDeepStrictEqual(left, right);
  return isDeepStrictEqual({ ...left, status: undefined }, { ...right, status: undefined });
}
