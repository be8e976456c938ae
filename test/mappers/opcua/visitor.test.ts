import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../../mappers/opcua/endpoint.ts';
import { parseVisitor } from '../../../mappers/opcua/visitor.ts';
import { property } from '../models.ts';

const address = (config: Record<string, unknown>) =>
  parseAddress({ url: 'opc.tcp://plc:4840', ...config }, 'default/boiler').endpoint;

describe('the configuration of an OPC UA device', () => {
  it('takes the fields of KubeEdge', () => {
    expect(
      address({
        userName: 'operator',
        password: '/ca/pass',
        securityPolicy: 'Basic256Sha256',
        securityMode: 'Sign',
        remoteCertificate: '/ca/server.pem',
      }),
    ).toEqual({
      url: 'opc.tcp://plc:4840',
      userName: 'operator',
      password: '/ca/pass',
      securityPolicy: 'Basic256Sha256',
      securityMode: 'Sign',
      remoteCertificate: '/ca/server.pem',
      timeoutMs: 5000,
    });
  });

  it.each([
    [{}, 'None', 'None'],
    [{ securityMode: 'Sign' }, 'Sign', 'Basic256Sha256'],
    [{ securityPolicy: 'Basic256Sha256' }, 'SignAndEncrypt', 'Basic256Sha256'],
    [{ securityMode: 'none', securityPolicy: 'none' }, 'None', 'None'],
  ])('of %j asks for mode %s with policy %s', (config, mode, policy) => {
    expect(address(config)).toMatchObject({ securityMode: mode, securityPolicy: policy });
  });

  it.each([
    [{ url: 'http://plc' }, /default\/boiler: url must be an opc.tcp:\/\/ address; got "http:\/\/plc"/],
    [{ securityPolicy: 'Basic128Rsa15' }, /securityPolicy must be one of None, Basic256Sha256/],
    [{ securityPolicy: 'None', securityMode: 'Sign' }, /securityMode must be None, as securityPolicy/],
    [
      { securityPolicy: 'Basic256Sha256', securityMode: 'None' },
      /securityMode must be Sign or SignAndEncrypt/,
    ],
  ])('%j is refused', (config, message) => expect(() => address(config)).toThrow(message));
});

describe('the visitor of an OPC UA property', () => {
  const parse = (visitor: Record<string, unknown>) =>
    parseVisitor(property('temperature', { visitor, collectCycleMs: 250 }), 'default/boiler');

  it('samples as often as the property is collected', () => {
    expect(parse({ nodeID: 'ns=2;s=Boiler.Temperature' })).toMatchObject({
      nodeId: 'ns=2;s=Boiler.Temperature',
      samplingMs: 250,
      deadband: undefined,
    });
  });

  it('has a sampling interval and a deadband of its own', () => {
    expect(
      parse({ nodeId: 'nsu=urn:x;i=5', samplingInterval: 50, deadband: '0.5', deadbandType: 'percent' }),
    ).toMatchObject({ samplingMs: 50, deadband: { kind: 'percent', value: 0.5 } });
  });

  it.each([
    [{ nodeID: 'Temperature' }, /property temperature: nodeID must be a node id, like ns=2;s=/],
    [{ nodeID: 'ns=2;s=x', deadband: -1 }, /deadband must be 0 or more/],
    [{ nodeID: 'ns=2;s=x', deadband: 101, deadbandType: 'percent' }, /deadband must be a percentage/],
    [{ nodeID: 'ns=2;s=x', samplingInterval: 1 }, /samplingInterval must be an integer from 10/],
  ])('%j is refused', (visitor, message) => expect(() => parse(visitor)).toThrow(message));
});
