import { AGE_COLUMN, type Column, jsonPathColumn, NAME_COLUMN } from '../columns.ts';
import { compileJsonPath } from '../json-path.ts';
import type { KubeObject } from '../kube-object.ts';
import { apiVersionOf, defineCustom, type ResourceDefinition } from '../resources.ts';
import { applyDefaults, type StructuralSchema } from '../schema/structural.ts';
import { parseSchema } from './parse-schema.ts';
import type { CustomResourceDefinition, CustomVersion } from './types.ts';

/** The kinds that a valid CRD defines: one per version that it serves. */
export function definitionsOf(crd: CustomResourceDefinition): ResourceDefinition[] {
  return crd.spec.versions.filter(({ served }) => served).map((version) => define(crd, version));
}

function define({ spec, metadata }: CustomResourceDefinition, version: CustomVersion): ResourceDefinition {
  const { group, names, scope } = spec;
  const { schema } = parseSchema(version.schema?.openAPIV3Schema ?? {}, '');
  const statusSubresource = version.subresources?.status !== undefined;
  const apiVersion = apiVersionOf({ group, version: version.name });
  const hasDefaults = definesDefaults(schema);
  return {
    ...defineCustom({
      group,
      version: version.name,
      kind: names.kind,
      plural: names.plural,
      singular: names.singular ?? names.kind.toLowerCase(),
      listKind: names.listKind,
      shortNames: names.shortNames ?? [],
      categories: names.categories ?? [],
      namespaced: scope === 'Namespaced',
      schema,
      columns: columnsOf(version),
      selectableFields: (version.selectableFields ?? []).map(({ jsonPath }) => jsonPath.slice(1)),
    }),
    statusSubresource,
    generation: statusSubresource ? 'outside-metadata-and-status' : 'outside-metadata',
    terminating: metadata.deletionTimestamp !== undefined,
    ...(version.deprecated
      ? {
          deprecationWarning: version.deprecationWarning || `${apiVersion} ${names.kind} is deprecated`,
        }
      : {}),
    prepareForCreate(object) {
      if (statusSubresource) delete object.status;
    },
    present(object) {
      const shown: KubeObject = { ...(hasDefaults ? structuredClone(object) : object), apiVersion };
      if (hasDefaults) applyDefaults(schema, shown);
      return shown;
    },
  };
}

function definesDefaults(schema: StructuralSchema): boolean {
  const { properties = {}, additionalProperties, items } = schema;
  const below = [...Object.values(properties), additionalProperties, items];
  return schema.default !== undefined || below.some((one) => one !== undefined && definesDefaults(one));
}

function columnsOf({ additionalPrinterColumns = [] }: CustomVersion): Column[] {
  if (additionalPrinterColumns.length === 0) return [NAME_COLUMN, AGE_COLUMN];
  const columns = additionalPrinterColumns.map(({ jsonPath, ...column }) =>
    jsonPathColumn({ ...column, jsonPath, find: compileJsonPath(jsonPath) ?? (() => []) }),
  );
  return [NAME_COLUMN, ...columns];
}
