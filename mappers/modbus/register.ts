/** The four tables of a Modbus device, in KubeEdge's words. */
export const REGISTER_KINDS = [
  'CoilRegister',
  'DiscreteInputRegister',
  'InputRegister',
  'HoldingRegister',
] as const;
export type RegisterKind = (typeof REGISTER_KINDS)[number];

interface KindFacts {
  /** In error messages. */
  plural: string;
  isBit: boolean;
  /** What one request may ask for. Source: Modbus Application Protocol 1.1b3, 6.1 to 6.4. */
  maxRead: number;
  /** What one request may write; 0 where nothing can be. Source: the same, 6.11 and 6.12. */
  maxWrite: number;
}

const FACTS: Record<RegisterKind, KindFacts> = {
  CoilRegister: { plural: 'coils', isBit: true, maxRead: 2000, maxWrite: 1968 },
  DiscreteInputRegister: { plural: 'discrete inputs', isBit: true, maxRead: 2000, maxWrite: 0 },
  InputRegister: { plural: 'input registers', isBit: false, maxRead: 125, maxWrite: 0 },
  HoldingRegister: { plural: 'holding registers', isBit: false, maxRead: 125, maxWrite: 123 },
};

export const factsOf = (kind: RegisterKind): KindFacts => FACTS[kind];

/** Neighbouring registers, or bits, of one table. */
export interface Span {
  kind: RegisterKind;
  /** Zero-based, as on the wire: "40001" is address 0. */
  address: number;
  count: number;
}

/** `holding registers 10..14`, `coil 3` */
export function nameOf({ kind, address, count }: Span): string {
  const { plural } = FACTS[kind];
  return count === 1 ? `${plural.slice(0, -1)} ${address}` : `${plural} ${address}..${address + count - 1}`;
}
