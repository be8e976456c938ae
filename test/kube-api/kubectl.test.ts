import { describe, expect, onTestFinished, test } from 'vitest';
import { waitFor } from '../harness/wait.ts';
import { device, useCluster } from './cluster.ts';
import { createKubectl, kubectlMissing } from './kubectl.ts';

const cluster = useCluster();
const { run, ok, start } = createKubectl(cluster);

const manifest = (name: string, nodeName = 'edge-a', labels = {}) =>
  JSON.stringify(device(name, nodeName, labels));
const field = (name: string, path: string) => ok(['get', 'device', name, '-o', `jsonpath={${path}}`]);
const pod = (image: string, labels: Record<string, string> = {}) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', labels },
    spec: { nodeName: 'edge-a', containers: [{ name: 'web', image, env: [{ name: 'A', value: '1' }] }] },
  });

describe.skipIf(kubectlMissing)(`kubectl${kubectlMissing ? ` (skipped: ${kubectlMissing})` : ''}`, () => {
  test('lists what the server serves', async () => {
    const resources = await ok(['api-resources', '-o', 'wide']);
    expect(resources).toMatch(/^devices\s+\S*\s+devices\.kubeedge\.io\/v1beta1\s+true\s+Device\s/m);
    expect(resources).toMatch(/^nodes\s+no\s+v1\s+false\s+Node\s/m);
    expect(await ok(['version'])).toContain('Server Version: v1.');
  });

  test('creates and shows a device, as a table, wide, by YAML and over all namespaces', async () => {
    expect(await ok(['create', '-f', '-'], manifest('shown'))).toBe(
      'device.devices.kubeedge.io/shown created\n',
    );
    expect(await ok(['get', 'device', 'shown'])).toMatch(/^NAME\s.*AGE\s*\nshown\s/);
    expect(await ok(['get', 'devices', '-o', 'wide'])).toContain('shown');
    expect(await ok(['get', 'devices', '-A'])).toMatch(
      new RegExp(`^${cluster().namespace}\\s+shown\\s`, 'm'),
    );
    expect(await ok(['get', 'device', 'shown', '-o', 'yaml'])).toContain('nodeName: edge-a');
    expect(await ok(['get', 'device', 'shown', '-o', 'name'])).toBe('device.devices.kubeedge.io/shown\n');
    expect(await ok(['describe', 'device', 'shown'])).toMatch(/^Name:\s+shown$/m);
    expect(
      await ok(['get', 'devices', '--chunk-size=1', '--field-selector', 'metadata.name=shown']),
    ).toContain('shown');
  });

  test('refuses an unknown field by its name', async () => {
    const text = manifest('typo').replace('"nodeName"', '"nodeNam"');
    const { code, stderr } = await run(['create', '-f', '-'], text);
    expect(code).toBe(1);
    expect(stderr).toContain('unknown field "spec.nodeNam"');
    expect((await run(['create', '--validate=warn', '-f', '-'], text)).stderr).toContain(
      'unknown field "spec.nodeNam"',
    );
  });

  test('creates all that a list holds', async () => {
    const items = [device('listed-1'), device('listed-2')];
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    expect(await ok(['create', '-f', '-'], list)).toMatch(/listed-1 created\n.*listed-2 created/);
    const typo = list.replace('"nodeName"', '"nodeNam"').replaceAll('listed', 'mistyped');
    expect((await run(['create', '-f', '-'], typo)).stderr).toContain('unknown field "spec.nodeNam"');
  });

  test('applies a device again and again', async () => {
    expect(await ok(['apply', '-f', '-'], manifest('applied'))).toContain('created');
    expect(await ok(['apply', '-f', '-'], manifest('applied'))).toContain('unchanged');
    expect(await ok(['apply', '-f', '-'], manifest('applied', 'edge-b'))).toContain('configured');
    expect(await field('applied', '.spec.nodeName')).toBe('edge-b');
    expect(await field('applied', '.metadata.generation')).toBe('2');
  });

  test('applies a pod again with another image and another label', async () => {
    expect(await ok(['apply', '-f', '-'], pod('web:1', { a: '1' }))).toContain('created');
    expect(await ok(['apply', '-f', '-'], pod('web:1', { a: '1' }))).toContain('unchanged');
    expect(await ok(['apply', '-f', '-'], pod('web:2', { b: '2' }))).toContain('configured');
    const path = '{.spec.containers[*].image} {.spec.containers[0].env[0].name} {.metadata.labels}';
    expect(await ok(['get', 'pod', 'web', '-o', `jsonpath=${path}`])).toBe('web:2 A {"b":"2"}');
    expect(await ok(['get', 'pods', '--field-selector', 'spec.nodeName=edge-a'])).toContain('web');
    expect(await ok(['describe', 'pod', 'web'])).toMatch(/^Status:\s+Pending$/m);
    expect(await ok(['get', 'all'])).toMatch(/^(pod\/)?web\s/m);
    await ok(['delete', 'pod', 'web', '--grace-period=0', '--force']);
  });

  test('patches by JSON patch and by merge patch', async () => {
    await ok(['create', '-f', '-'], manifest('patched'));
    const replaceOp = { op: 'replace', path: '/spec/properties/0/desired/value', value: '23' };
    const testOp = { op: 'test', path: '/spec/properties/0/name', value: 'setpoint' };
    await ok(['patch', 'device', 'patched', '--type=json', '-p', JSON.stringify([testOp, replaceOp])]);
    expect(await field('patched', '.spec.properties[0].desired.value')).toBe('23');
    const failing = JSON.stringify([{ ...testOp, value: 'other' }, replaceOp]);
    const { code, stderr } = await run(['patch', 'device', 'patched', '--type=json', '-p', failing]);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'The request is invalid: the server rejected our request due to an error in our request\n',
    });
    await ok(['patch', 'device', 'patched', '--type=merge', '-p', '{"spec":{"nodeName":"edge-c"}}']);
    expect(await field('patched', '.spec.nodeName')).toBe('edge-c');
  });

  test('labels, annotates and selects', async () => {
    await ok(['create', '-f', '-'], manifest('labelled'));
    await ok(['label', 'device', 'labelled', 'room=kitchen']);
    await ok(['annotate', 'device', 'labelled', 'octograph.dev/local-only=true']);
    expect(await ok(['get', 'devices', '-l', 'room=kitchen', '-o', 'name'])).toContain('labelled');
    expect(await ok(['get', 'devices', '-l', 'room!=kitchen', '-o', 'name'])).not.toContain('labelled');
    expect(await field('labelled', '.metadata.annotations.octograph\\.dev/local-only')).toBe('true');
    await ok(['label', 'device', 'labelled', 'room-']);
    expect(await ok(['get', 'devices', '-l', 'room', '-o', 'name'])).toBe('');
  });

  test('waits for a field and for a condition', async () => {
    const { core, namespace } = cluster();
    await ok(['create', '-f', '-'], manifest('awaited'));
    const waiting = ok(['wait', 'device/awaited', '--for=jsonpath={.spec.nodeName}=edge-w', '--timeout=20s']);
    await ok(['patch', 'device', 'awaited', '--type=merge', '-p', '{"spec":{"nodeName":"edge-w"}}']);
    expect(await waiting).toContain('condition met');

    const name = `ready-${namespace}`;
    await core.createNode({ body: { metadata: { name } } });
    onTestFinished(async () => {
      await core.deleteNode({ name }).catch(() => {});
    });
    const ready = ok(['wait', `node/${name}`, '--for=condition=Ready', '--timeout=20s']);
    const status = {
      conditions: [{ type: 'Ready', status: 'True', reason: 'Test', message: 'of the test' }],
    };
    await ok(['patch', 'node', name, '--subresource=status', '-p', JSON.stringify({ status })]);
    expect(await ready).toContain('condition met');
    expect(await ok(['get', 'node', name])).toMatch(/\sReady\s/);
    expect(await ok(['describe', 'node', name])).toMatch(/Ready\s+True/);
    await ok(['cordon', name]);
    expect(await ok(['get', 'node', name])).toContain('SchedulingDisabled');
    await ok(['delete', 'node', name]);
  });

  test('watches creation, change and deletion', async () => {
    // Columns of the CRD are the cluster's own: KubeEdge's has none.
    const columns = 'custom-columns=NAME:.metadata.name,NODE:.spec.nodeName';
    const watch = start(['get', 'devices', '-l', 'watched=yes', '--watch', '-o', columns]);
    const yaml = start(['get', 'devices', '-l', 'watched=yes', '--watch', '-o', 'name']);
    try {
      await ok(['create', '-f', '-'], manifest('watched', 'edge-a', { watched: 'yes' }));
      await waitFor('its row', () => /^watched\s+edge-a\s/m.test(watch.output()));
      expect(watch.output()).toMatch(/^NAME\s/);
      await ok(['patch', 'device', 'watched', '--type=merge', '-p', '{"spec":{"nodeName":"edge-b"}}']);
      await waitFor('the changed row', () => /^watched\s+edge-b\s/m.test(watch.output()));
      await ok(['delete', 'device', 'watched']);
      await waitFor('all three events', () => yaml.output().split('\n').length > 3);
    } finally {
      watch.child.kill();
      yaml.child.kill();
    }
  });

  test('deletes one, and waits until it is gone', async () => {
    await ok(['create', '-f', '-'], manifest('deleted'));
    expect(await ok(['delete', 'device', 'deleted'])).toContain('deleted');
    expect((await run(['get', 'device', 'deleted'])).stderr).toBe(
      'Error from server (NotFound): devices.devices.kubeedge.io "deleted" not found\n',
    );
  });

  test('creates namespaces, config maps and secrets from its own generators', async () => {
    const { namespace, controllersMissing } = cluster();
    const name = `${namespace}-made`;
    await ok(['create', 'namespace', name]);
    await ok(['create', 'configmap', 'settings', '--from-literal=a=1', '--from-literal=b=']);
    await ok(['create', 'secret', 'generic', 'hidden', '--from-literal=password=geheim']);
    expect(await ok(['get', 'configmap', 'settings', '-o', 'jsonpath={.data}'])).toBe('{"a":"1","b":""}');
    expect(await ok(['get', 'secret', 'hidden', '-o', 'jsonpath={.data.password}'])).toBe('Z2VoZWlt');
    await ok(['delete', 'namespace', name, `--wait=${!controllersMissing}`]);
    if (!controllersMissing) expect((await run(['get', 'namespace', name])).code).toBe(1);
  }, 90_000);

  test('explains a field, and tries without doing', async () => {
    // The documents of a kind that was just defined come a moment after it.
    await waitFor('the explanation', async () =>
      (await ok(['explain', 'device.spec.nodeName'])).includes('nodeName'),
    );
    expect(await ok(['create', '--dry-run=server', '-f', '-'], manifest('imagined'))).toContain('created');
    expect((await run(['get', 'device', 'imagined'])).code).toBe(1);
  });
});
