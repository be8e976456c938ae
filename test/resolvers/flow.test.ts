import { describe, expect, it } from 'vitest';
import { type FlowInput, flowOf } from '../../resolvers/flow.ts';

describe('a flow', () => {
  it.each<[FlowInput | null, unknown]>([
    [null, undefined],
    [{}, undefined],
    [{ conflate: 'EVERY' }, undefined],
    [{ minIntervalMs: 500, conflate: 'LATEST' }, { minIntervalMs: 500 }],
    [{ minIntervalMs: 500 }, { minIntervalMs: 500 }],
    [{ minIntervalMs: 500, conflate: 'EVERY' }, { minIntervalMs: 500 }],
    [{ minIntervalMs: 0 }, undefined],
    [{ conflate: 'LATEST' }, { minIntervalMs: 100 }],
    [{ deadband: { absolute: 0.5 } }, { minIntervalMs: 0, deadband: { kind: 'absolute', size: 0.5 } }],
    [
      { deadband: { percent: 100 }, minIntervalMs: 1, conflate: 'LATEST' },
      { minIntervalMs: 1, deadband: { kind: 'percent', size: 100 } },
    ],
  ])('%j is understood', (input, flow) => {
    expect(flowOf(input)).toEqual(flow);
  });

  it.each<[FlowInput, string]>([
    [{ minIntervalMs: -1 }, 'flow.minIntervalMs is -1: expected 0 to 3600000'],
    [{ minIntervalMs: 3_600_001, conflate: 'LATEST' }, 'flow.minIntervalMs is 3600001'],
    [{ deadband: {} }, 'flow.deadband has neither: expected absolute or percent'],
    [{ deadband: { absolute: 1, percent: 1 } }, 'flow.deadband has both: expected absolute or percent'],
    [{ deadband: { absolute: -0.1 } }, 'flow.deadband.absolute is -0.1: expected 0 or more'],
    [{ deadband: { percent: -1 } }, 'flow.deadband.percent is -1: expected 0 to 100'],
    [{ deadband: { percent: 100.5 } }, 'flow.deadband.percent is 100.5: expected 0 to 100'],
  ])('%j is refused', (input, message) => {
    expect(() => flowOf(input)).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }));
    expect(() => flowOf(input)).toThrow(message);
  });
});
