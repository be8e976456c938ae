import type { ColumnType } from '../columns.ts';
import type { KubeObject } from '../kube-object.ts';

/** A CRD as a client sent it: of the right types where something is, and perhaps not there. */
export interface UncheckedCrd extends KubeObject {
  spec?: Partial<CustomSpec>;
  status?: {
    acceptedNames?: CustomNames;
    conditions?: Condition[];
    storedVersions?: string[];
  };
}

/** A CRD that is valid. */
export interface CustomResourceDefinition extends UncheckedCrd {
  spec: CustomSpec;
}

export interface CustomSpec {
  group: string;
  names: CustomNames;
  scope: string;
  versions: CustomVersion[];
  conversion?: { strategy?: string };
  preserveUnknownFields?: boolean;
}

export interface CustomNames {
  plural: string;
  singular?: string;
  kind: string;
  listKind?: string;
  shortNames?: string[];
  categories?: string[];
}

export interface CustomVersion {
  name: string;
  served: boolean;
  storage: boolean;
  deprecated?: boolean;
  deprecationWarning?: string;
  schema?: { openAPIV3Schema?: Record<string, unknown> };
  subresources?: { status?: object; scale?: object };
  additionalPrinterColumns?: PrinterColumn[];
  selectableFields?: Array<{ jsonPath: string }>;
}

export interface PrinterColumn {
  name: string;
  type: ColumnType;
  jsonPath: string;
  format?: string;
  description?: string;
  priority?: number;
}

export interface Condition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason: string;
  message: string;
  lastTransitionTime: string;
}

/** What holds a deleted CRD until the last of its objects is gone. */
export const CRD_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';
