import { isDeepStrictEqual } from 'node:util';
import type { DeviceModelObject, DeviceObject } from '../twin/device-object.ts';
import {
  type Finding,
  findingsOfChange,
  findingText,
  type ModelLookup,
  validateDevice,
  validateModel,
} from '../twin/validate.ts';
import type { KubeObject } from './resources.ts';

/** Source: k8s.io/api/admission/v1 AdmissionReview, only the fields that we read. */
export interface AdmissionRequest {
  uid: string;
  kind: { group: string; version: string; kind: string };
  operation: string;
  namespace?: string;
  /** Absent for DELETE. */
  object?: KubeObject | null;
  /** Present for UPDATE and DELETE. */
  oldObject?: KubeObject | null;
}

export interface AdmissionResponse {
  uid: string;
  allowed: boolean;
  status?: { status: 'Failure'; code: number; reason: string; message: string };
  /** Shown by kubectl. */
  warnings?: string[];
}

/** The API server cuts longer ones, and drops what goes beyond 4096 characters in all. */
const WARNING_LIMIT = 256;
const WARNINGS_LIMIT = 10;

/** Judges one object that is about to be stored. `modelOf` looks up the model that a device names. */
export async function reviewAdmission(
  request: AdmissionRequest,
  modelOf: (namespace: string, name: string) => Promise<ModelLookup>,
): Promise<AdmissionResponse> {
  const { uid, operation, object, oldObject } = request;
  // What is on its way out is let go, and a change of status or metadata is not about what we check.
  if (!object || object.metadata?.deletionTimestamp) return { uid, allowed: true };
  if (operation === 'UPDATE' && isDeepStrictEqual(specOf(object), specOf(oldObject)))
    return { uid, allowed: true };
  const after = await findingsIn(object, request, modelOf);
  const before = oldObject ? await findingsIn(oldObject, request, modelOf) : [];
  return answer(request, findingsOfChange(before, after));
}

async function findingsIn(
  object: KubeObject,
  { kind, namespace = 'default' }: AdmissionRequest,
  modelOf: (namespace: string, name: string) => Promise<ModelLookup>,
): Promise<Finding[]> {
  switch (kind.kind) {
    case 'DeviceModel':
      return validateModel(object as DeviceModelObject);
    case 'Device': {
      const device = object as DeviceObject;
      const name = device.spec?.deviceModelRef?.name;
      return validateDevice(device, name ? await modelOf(namespace, name) : { kind: 'missing' });
    }
    default:
      return [];
  }
}

function answer({ uid, kind, object }: AdmissionRequest, findings: Finding[]): AdmissionResponse {
  const textsOf = (severity: Finding['severity']) =>
    findings.filter((finding) => finding.severity === severity).map(findingText);
  const errors = textsOf('error');
  const warnings = textsOf('warning')
    .slice(0, WARNINGS_LIMIT)
    .map((text) => (text.length > WARNING_LIMIT ? `${text.slice(0, WARNING_LIMIT - 1)}…` : text));
  const told = warnings.length > 0 ? { warnings } : {};
  if (errors.length === 0) return { uid, allowed: true, ...told };
  const message = `${kind.kind} ${object?.metadata?.name ?? ''} is invalid: ${errors.join('; ')}`;
  return {
    uid,
    allowed: false,
    status: { status: 'Failure', code: 422, reason: 'Invalid', message },
    ...told,
  };
}

const specOf = (object: KubeObject | null | undefined) => (object as { spec?: unknown } | null)?.spec;
