import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { readDefines, renderTemplate } from './go-template.ts';

export const CHART = new URL('../../deploy/chart/', import.meta.url).pathname;

/** A Kubernetes manifest. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  [field: string]: unknown;
}

export const chartFile = (path: string): string => readFileSync(join(CHART, path), 'utf8');

// As kubectl and Helm read it: 0440 is an octal number, `on` a boolean.
const YAML_1_1 = { version: '1.1' } as const;

/** The values that the chart cannot do without. */
export const REQUIRED = {
  api: { tlsSecret: 'api-tls', tokenSecret: 'tokens' },
  tunnel: { hosts: ['edge.example.org'] },
};

/** What is optional, switched on. */
export const EVERYTHING = {
  ...REQUIRED,
  api: { ...REQUIRED.api, kubernetesAccess: true, tokenAudiences: ['https://octograph.example.org'] },
  tunnel: { tlsSecret: 'tunnel-tls' },
  imagePullSecrets: [{ name: 'registry' }],
  webhook: {
    enabled: true,
    tlsSecret: 'webhook-tls',
    caBundle: 'TFMwdExRPT0=',
    annotations: { 'example.org/a': 'b' },
  },
  networkPolicy: { enabled: true, webhookFrom: [{ ipBlock: { cidr: '10.0.0.0/8' } }] },
  serviceMonitor: { enabled: true, tokenSecret: 'metrics-token', labels: { release: 'prometheus' } },
  serviceAccount: { annotations: { 'example.org/role': 'gateway' } },
  podAnnotations: { 'example.org/c': 'd' },
  podLabels: { team: 'edge' },
  nodeSelector: { 'kubernetes.io/os': 'linux' },
  tolerations: [{ key: 'gateway', operator: 'Exists' }],
  affinity: { nodeAffinity: {} },
};

type Values = Record<string, unknown>;

/** The chart's manifests, as `helm template` would give them. */
export function renderChart(
  values: Values = REQUIRED,
  { release = 'octograph', namespace = 'octograph-system' } = {},
): Manifest[] {
  const data = {
    Values: merge(parse(chartFile('values.yaml'), YAML_1_1), values),
    Chart: capitalized(parse(chartFile('Chart.yaml'))),
    Release: { Name: release, Namespace: namespace, Service: 'Helm' },
  };
  const defines = readDefines(chartFile('templates/_helpers.tpl'));
  const templates = readdirSync(join(CHART, 'templates')).filter((name) => name.endsWith('.yaml'));
  return templates.flatMap((name) => {
    const text = renderTemplate(chartFile(join('templates', name)), { data, defines });
    return parseAllDocuments(text, YAML_1_1).flatMap((document) => {
      if (document.errors.length > 0) throw new Error(`${name}: ${document.errors[0]!.message}\n${text}`);
      return (document.toJS() as Manifest | null) ?? [];
    });
  });
}

export function find(manifests: Manifest[], kind: string, name?: string): Manifest {
  const found = manifests.filter((one) => one.kind === kind && (!name || one.metadata.name === name));
  if (found.length !== 1) throw new Error(`${found.length} of ${kind} ${name ?? ''}; expected one`);
  return found[0]!;
}

/** As Helm merges values: maps field by field, all else as a whole. */
export function merge(base: Values, over: Values): Values {
  const merged = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const before = merged[key];
    merged[key] = isMap(value) && isMap(before) ? merge(before, value) : value;
  }
  return merged;
}

const isMap = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const capitalized = (fields: Values): Values =>
  Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key[0]!.toUpperCase() + key.slice(1), value]),
  );
