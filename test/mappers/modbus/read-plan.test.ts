import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alone, planReads, splitRead } from '../../../mappers/modbus/read-plan.ts';
import { factsOf, REGISTER_KINDS, type Span } from '../../../mappers/modbus/register.ts';

const spans = fc.array(
  fc.record({
    kind: fc.constantFrom(...REGISTER_KINDS),
    address: fc.integer({ min: 0, max: 400 }),
    count: fc.integer({ min: 1, max: 60 }),
  }),
  { maxLength: 40 },
);

const holding = (address: number, count = 1): Span => ({ kind: 'HoldingRegister', address, count });

describe('a read plan', () => {
  it('reads every part exactly once, whole, within the limits of one request', () => {
    fc.assert(
      fc.property(spans, (parts) => {
        const plan = planReads(parts);
        expect(plan.flatMap((read) => read.parts)).toHaveLength(parts.length);
        for (const read of plan) {
          expect(read.count).toBeLessThanOrEqual(factsOf(read.kind).maxRead);
          for (const part of read.parts) {
            expect(part.kind).toBe(read.kind);
            expect(part.address).toBeGreaterThanOrEqual(read.address);
            expect(part.address + part.count).toBeLessThanOrEqual(read.address + read.count);
          }
        }
      }),
    );
  });

  it('asks for no more than three registers in a row that nobody wants', () => {
    fc.assert(
      fc.property(spans, (parts) => {
        for (const read of planReads(parts)) {
          let reached = read.address;
          for (const part of read.parts) {
            expect(part.address - reached).toBeLessThanOrEqual(3);
            reached = Math.max(reached, part.address + part.count);
          }
        }
      }),
    );
  });

  it('merges over a gap of three registers and not of four', () => {
    expect(planReads([holding(0), holding(4)])).toHaveLength(1);
    expect(planReads([holding(0), holding(5)])).toHaveLength(2);
  });

  it('does not merge kinds', () => {
    expect(planReads([holding(0), { kind: 'InputRegister', address: 1, count: 1 }])).toHaveLength(2);
  });

  it('asks for at most 125 registers at once', () => {
    const plan = planReads(Array.from({ length: 130 }, (_, address) => holding(address)));
    expect(plan.map(({ count }) => count)).toEqual([125, 5]);
  });
});

describe('a read that the device refused as a whole', () => {
  it('leaves alone the parts that failed and merges the others without gaps', () => {
    const [a, b, c, d] = [holding(0), holding(1), holding(2), holding(5)];
    const [read] = planReads([a, b, c, d]);
    if (!read) throw new Error('no read');
    const split = splitRead(read, new Set([b]));
    expect(split.map(({ address, count }) => [address, count])).toEqual([
      [0, 1],
      [2, 1],
      [5, 1],
      [1, 1],
    ]);
  });

  it('goes part by part when no part failed and there was no gap to blame', () => {
    const [read] = planReads([holding(0), holding(1)]);
    if (!read) throw new Error('no read');
    expect(splitRead(read, new Set())).toEqual([alone(holding(0)), alone(holding(1))]);
  });
});
