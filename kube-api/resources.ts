import type { Close } from '../lib/disposables.ts';
import { compareVersions } from './api-version.ts';
import type { Column } from './columns.ts';
import type { KubeObject } from './kube-object.ts';
import type { FieldError, StructuralSchema } from './schema/structural.ts';
import { groupResource } from './status.ts';

/** All that the server knows about one kind: adding a kind is adding one of these to the registry. */
export interface ResourceDefinition {
  /** "" is the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly listKind: string;
  readonly shortNames: readonly string[];
  /** Groups of kinds that kubectl gets by one word, such as `all`. */
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  /**
   * Custom resources go by a CRD's rules: wrong types are 422 with field paths, no strategic merge patch, no
   * unconditional replace. Built-in ones go by those of Kubernetes' own types: wrong types are 400.
   */
  readonly custom: boolean;
  /** With one, `/status` alone writes the status, and everything else leaves it as it is. */
  readonly statusSubresource: boolean;
  /** What can be posted to a subresource, to have something done with the object, by the subresource's name. */
  readonly actions: Readonly<Record<string, ResourceDefinition>>;
  /** What clients can do with the kind. */
  readonly verbs: readonly string[];
  /** What makes `metadata.generation` grow. */
  readonly generation: 'never' | 'outside-metadata' | 'outside-metadata-and-status';
  readonly nameRule: 'subdomain' | 'label' | 'path-segment';
  /** A replace without resourceVersion is taken. */
  readonly unconditionalUpdate: boolean;
  /** A replace of what is absent creates it. */
  readonly createOnUpdate: boolean;
  /** A deletion is answered with the object that is gone, instead of a Status. */
  readonly returnsDeleted: boolean;
  /** Its CRD is being deleted: nothing new is taken. */
  readonly terminating?: boolean;
  /** Told with every answer: the version is on its way out. */
  readonly deprecationWarning?: string;
  /** The object's fields other than apiVersion, kind and metadata. */
  readonly schema: StructuralSchema;
  readonly columns: readonly Column[];
  /** Fields for fieldSelector beside metadata.name and metadata.namespace. */
  readonly selectableFields: readonly string[];
  /** Fills in, at every write, what the kind defines for absent fields. `object` may be changed. */
  setDefaults?(object: KubeObject): void;
  /** Sets what only the server may set at creation, such as the first status. `object` may be changed. */
  prepareForCreate?(object: KubeObject): void;
  /** Puts back what a replace or patch may not touch. `object` may be changed. */
  prepareForUpdate?(object: KubeObject, current: KubeObject): void;
  /** A stored object as this version of its kind shows it; the object itself stays as it is. */
  present?(object: KubeObject): KubeObject;
  /** What the writer of `object` should know, though it is taken. */
  warningsOf?(object: KubeObject, current?: KubeObject): string[];
  /** Why an object may not be deleted; undefined when it may. */
  refuseDelete?(object: KubeObject): string | undefined;
  /** Rules beyond the schema. */
  validate?(object: KubeObject): FieldError[];
  /** What may not change. */
  validateUpdate?(object: KubeObject, current: KubeObject): FieldError[];
}

type Given = Pick<ResourceDefinition, 'version' | 'kind' | 'plural' | 'schema' | 'columns'> &
  Partial<ResourceDefinition>;

export const ALL_VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** A kind of Kubernetes itself. */
export function defineBuiltIn(given: Given): ResourceDefinition {
  return {
    group: '',
    singular: given.kind.toLowerCase(),
    listKind: `${given.kind}List`,
    shortNames: [],
    categories: [],
    namespaced: true,
    custom: false,
    statusSubresource: false,
    actions: {},
    verbs: ALL_VERBS,
    generation: 'never',
    nameRule: 'subdomain',
    unconditionalUpdate: true,
    createOnUpdate: false,
    returnsDeleted: false,
    selectableFields: [],
    ...given,
  };
}

/** A kind as a CRD defines it. */
export function defineCustom(given: Given & { group: string }): ResourceDefinition {
  return {
    ...defineBuiltIn(given),
    custom: true,
    generation: 'outside-metadata',
    unconditionalUpdate: false,
  };
}

export const apiVersionOf = ({ group, version }: { group: string; version: string }): string =>
  group ? `${group}/${version}` : version;

/** The kinds that are served, each with its versions. */
export class ResourceRegistry {
  readonly #byName = new Map<string, readonly ResourceDefinition[]>();
  readonly #listeners = new Set<(name: string) => void>();

  constructor(definitions: Iterable<ResourceDefinition>) {
    for (const definition of definitions) this.register(groupResource(definition), [definition]);
  }

  /** Serves a kind in these versions, and no longer in those that it had. */
  register(name: string, versions: readonly ResourceDefinition[]): void {
    const ordered = [...versions].sort((a, b) => compareVersions(a.version, b.version));
    this.#byName.set(name, ordered);
    for (const listener of this.#listeners) listener(name);
  }

  unregister(name: string): void {
    if (!this.#byName.delete(name)) return;
    for (const listener of this.#listeners) listener(name);
  }

  /** Calls `listener` with the name of each kind whose definition changes or goes. */
  onChange(listener: (name: string) => void): Close {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Every version of every kind. */
  all(): ResourceDefinition[] {
    return [...this.#byName.values()].flat();
  }

  /** Every kind once, in the version that comes first. */
  kinds(): ResourceDefinition[] {
    return [...this.#byName.values()].flatMap((versions) => versions.slice(0, 1));
  }

  find(group: string, version: string, plural: string): ResourceDefinition | undefined {
    const versions = this.#byName.get(groupResource({ group, plural, kind: '' }));
    return versions?.find((one) => one.version === version);
  }

  /** By the name that the store files objects under: `devices.devices.kubeedge.io`. */
  byName(name: string): ResourceDefinition | undefined {
    return this.#byName.get(name)?.[0];
  }

  /** Named groups with their versions, the preferred one first; the core group is not among them. */
  groups(): Map<string, string[]> {
    const groups = new Map<string, string[]>();
    for (const { group, version } of this.all()) {
      if (!group) continue;
      const versions = groups.get(group) ?? [];
      if (!versions.includes(version)) versions.push(version);
      groups.set(group, versions.sort(compareVersions));
    }
    return groups;
  }
}
