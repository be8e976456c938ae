import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { cloudCommand } from '../../cli/commands/cloud.ts';
import { readSettings } from '../../cli/settings.ts';
import { WEBHOOK_PATH } from '../../kubernetes/webhook.ts';
import { chartFile, EVERYTHING, find, type Manifest, merge, REQUIRED, renderChart } from './chart.ts';
import { violations } from './json-schema.ts';

const schema = JSON.parse(chartFile('values.schema.json'));
const values = () => parse(chartFile('values.yaml'));

interface PodSpec {
  containers: Array<{
    args: string[];
    env: Array<{ name: string; value: string }>;
    ports: Array<{ name: string; containerPort: number }>;
    volumeMounts: Array<{ name: string; mountPath: string }>;
    [field: string]: unknown;
  }>;
  volumes: Array<{ name: string; [source: string]: unknown }>;
  [field: string]: unknown;
}

const deploymentOf = (manifests: Manifest[]) =>
  find(manifests, 'Deployment').spec as {
    replicas: number;
    strategy: { type: string };
    selector: { matchLabels: Record<string, string> };
    template: { metadata: { labels: Record<string, string> }; spec: PodSpec };
  };

describe('the values of the chart', () => {
  it('hold to their own schema, alone and with everything switched on', () => {
    expect(violations(schema, values())).toEqual([]);
    expect(violations(schema, merge(values(), EVERYTHING))).toEqual([]);
  });

  it.each([
    ['an unknown name', { replicas: 3 }, 'values.replicas is unknown'],
    ['a port as text', { api: { port: '4000' } }, 'values.api.port is string; expected integer'],
    ['a budget of nothing', { statusWritesPerSecond: 0 }, 'out of range'],
    ['an origin that is none', { api: { allowedOrigins: ['example.org'] } }, 'does not match'],
    ['another failure policy', { webhook: { failurePolicy: 'Maybe' } }, 'is not one of Ignore, Fail'],
  ])('are refused with %s', (_what, wrong, reason) => {
    expect(violations(schema, merge(values(), wrong)).join()).toContain(reason);
  });

  it('are all described: each default has a place in the schema', () => {
    const undescribed = (
      value: unknown,
      at: { properties?: Record<string, never>; $ref?: string },
    ): string[] => {
      const here = at.$ref ? schema.definitions[at.$ref.replace('#/definitions/', '')] : at;
      if (typeof value !== 'object' || value === null || Array.isArray(value) || !here.properties) return [];
      return Object.entries(value).flatMap(([name, field]) =>
        here.properties[name] ? undescribed(field, here.properties[name]) : [name],
      );
    };
    expect(undescribed(values(), schema)).toEqual([]);
  });
});

describe('the manifests of the chart', () => {
  it.each([
    ['as they come', REQUIRED],
    ['with everything switched on', EVERYTHING],
    [
      'without volume, roles and account',
      {
        ...REQUIRED,
        persistence: { enabled: false },
        rbac: { create: false },
        serviceAccount: { create: false },
      },
    ],
  ])('parse, and are objects in their right place: %s', (_what, given) => {
    const manifests = renderChart(given, { release: 'plant-7' });
    for (const { apiVersion, kind, metadata } of manifests) {
      expect(apiVersion, kind).toMatch(/^([a-z.0-9]+\/)?v\d/);
      expect(metadata.name, kind).toMatch(/^plant-7-octograph[a-z-]*$/);
      const isClusterWide = /^Cluster|^ValidatingWebhook/.test(kind);
      expect(metadata.namespace === undefined, `${kind} ${metadata.name}`).toBe(isClusterWide);
      expect(metadata.labels?.['app.kubernetes.io/instance'], kind).toBe('plant-7');
    }
    const names = manifests.map(({ kind, metadata }) => `${kind}/${metadata.namespace}/${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it('lack what is switched off', () => {
    const kinds = (given: object) => new Set(renderChart(given as never).map(({ kind }) => kind));
    const optional = ['NetworkPolicy', 'ServiceMonitor', 'ValidatingWebhookConfiguration'];
    for (const kind of optional) {
      expect(kinds(REQUIRED).has(kind), kind).toBe(false);
      expect(kinds(EVERYTHING).has(kind), kind).toBe(true);
    }
    expect(kinds({ ...REQUIRED, rbac: { create: false } })).not.toContain('ClusterRole');
    expect(kinds({ ...REQUIRED, persistence: { existingClaim: 'mine' } })).not.toContain(
      'PersistentVolumeClaim',
    );
  });

  it.each([
    ['api.tlsSecret', { ...REQUIRED, api: { tokenSecret: 't' } }],
    ['api.tokenSecret', { ...REQUIRED, api: { tlsSecret: 't' } }],
    ['tunnel.hosts', { api: REQUIRED.api }],
    ['webhook.tlsSecret', { ...REQUIRED, webhook: { enabled: true } }],
    ['serviceMonitor.tokenSecret', { ...REQUIRED, serviceMonitor: { enabled: true } }],
  ])('are refused in words without %s', (name, given) => {
    expect(() => renderChart(given)).toThrow(`${name} is not set`);
  });

  it('run one gateway, and end it before the next one begins', () => {
    const { replicas, strategy } = deploymentOf(renderChart());
    expect({ replicas, strategy }).toEqual({ replicas: 1, strategy: { type: 'Recreate' } });
  });

  it('run it with no more rights on its machine than it needs', () => {
    const { spec } = deploymentOf(renderChart(EVERYTHING)).template;
    expect(spec.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 1000,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(spec.containers[0]!.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(spec.enableServiceLinks).toBe(false);
    expect(spec).not.toHaveProperty('hostNetwork');
    const secrets = spec.volumes.flatMap(({ secret }) => (secret ? [secret as { defaultMode: number }] : []));
    expect(secrets.map(({ defaultMode }) => defaultMode)).toEqual([0o440, 0o440, 0o440, 0o440]);
  });

  it('give the command settings that it knows, and paths that are mounted', () => {
    const { containers, volumes } = deploymentOf(
      renderChart(
        merge(EVERYTHING, {
          api: { allowedHosts: ['api.example.org'], allowedOrigins: ['https://a.example'] },
        }),
      ),
    ).template.spec;
    const [container] = containers;
    const [command, ...argv] = container!.args;
    expect(command).toBe('cloud');
    const env = Object.fromEntries(container!.env.map(({ name, value }) => [name, value]));
    const { settings } = readSettings(cloudCommand.options, { argv, env, readFile: () => '' });
    expect(settings).toMatchObject({
      'state-dir': container!.volumeMounts.find(({ name }) => name === 'state')?.mountPath,
      listen: { host: '0.0.0.0', port: 4000 },
      'tunnel-listen': { host: '0.0.0.0', port: 4443 },
      webhook: { host: '0.0.0.0', port: 8443 },
      'lease-namespace': 'octograph-system',
      'status-writes-per-second': 10,
      'allowed-hosts': [
        'octograph',
        'octograph.octograph-system',
        'octograph.octograph-system.svc',
        'api.example.org',
      ],
      'allowed-origins': ['https://a.example'],
    });
    const mounts = container!.volumeMounts;
    for (const path of argv.flatMap((arg) => /=(\/.*)$/.exec(arg)?.[1] ?? [])) {
      expect(
        mounts.some(({ mountPath }) => path.startsWith(`${mountPath}/`)),
        path,
      ).toBe(true);
    }
    expect(mounts.map(({ name }) => name).sort()).toEqual(volumes.map(({ name }) => name).sort());
  });

  it('let the gateway make the tunnel’s certificates where none are brought along', () => {
    const { containers, volumes } = deploymentOf(renderChart()).template.spec;
    const { settings } = readSettings(cloudCommand.options, {
      argv: containers[0]!.args.slice(1),
      env: {},
      readFile: () => '',
    });
    expect(settings['tunnel-hosts']).toEqual(['edge.example.org']);
    expect(settings['tunnel-cert']).toBeUndefined();
    expect(volumes.map(({ name }) => name)).not.toContain('tunnel-tls');
  });

  it('lead every Service, monitor and policy to the pod and to a port that it has', () => {
    const manifests = renderChart(EVERYTHING);
    const { selector, template } = deploymentOf(manifests);
    const ports = template.spec.containers[0]!.ports.map(({ name }) => name);
    expect(template.metadata.labels).toMatchObject(selector.matchLabels);
    const services = manifests.filter(({ kind }) => kind === 'Service') as Array<
      Manifest & {
        spec: { selector: object; ports: Array<{ targetPort: string; name: string; port: number }> };
      }
    >;
    expect(services).toHaveLength(3);
    for (const { spec } of services) {
      expect(spec.selector).toEqual(selector.matchLabels);
      for (const { targetPort } of spec.ports) expect(ports).toContain(targetPort);
    }
    const monitor = find(manifests, 'ServiceMonitor').spec as { selector: { matchLabels: object } };
    const monitored = services.filter(({ metadata }) => {
      return Object.entries(monitor.selector.matchLabels).every(
        ([key, value]) => metadata.labels?.[key] === value,
      );
    });
    expect(monitored.map(({ metadata }) => metadata.name)).toEqual(['octograph']);
    const policy = find(manifests, 'NetworkPolicy').spec as {
      ingress: Array<{ ports: Array<{ port: string }> }>;
    };
    expect(policy.ingress.map(({ ports: [first] }) => first!.port)).toEqual(ports);
  });

  it('name the webhook as it is served, with a Service that is there', () => {
    const manifests = renderChart(EVERYTHING);
    const [webhook] = find(manifests, 'ValidatingWebhookConfiguration').webhooks as Array<{
      clientConfig: { service: { name: string; path: string } };
      rules: object[];
    }>;
    expect(webhook!.clientConfig.service.path).toBe(WEBHOOK_PATH);
    find(manifests, 'Service', webhook!.clientConfig.service.name);
    expect(webhook!.rules).toEqual([
      expect.objectContaining({ operations: ['CREATE', 'UPDATE'], resources: ['devices', 'devicemodels'] }),
    ]);
  });
});

describe('the image', () => {
  const text = readFileSync(new URL('../../deploy/Containerfile', import.meta.url), 'utf8');
  const lines = text.split('\n').filter((line) => !line.startsWith('#'));

  it('stands on a slim glibc base with the Node that we need, and runs as nobody special', () => {
    const bases = lines.filter((line) => line.startsWith('FROM')).map((line) => line.split(' ')[1]);
    expect(new Set(bases)).toEqual(new Set(['node:24-bookworm-slim']));
    const users = lines.filter((line) => line.startsWith('USER'));
    expect(users).toEqual(['USER 1000:1000']);
    expect(lines.indexOf(users[0]!)).toBeGreaterThan(lines.findLastIndex((line) => line.startsWith('RUN')));
  });

  it('starts the command that the package brings', () => {
    const { bin } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    const [, path] = JSON.parse(/^ENTRYPOINT (.*)$/m.exec(text)![1]!) as [string, string];
    expect(path).toBe(`/opt/octograph/node_modules/octograph/${bin.octograph}`);
  });

  it('has the chart’s version: the one that is packed', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(parse(chartFile('Chart.yaml'))).toMatchObject({ version, appVersion: version });
  });
});
