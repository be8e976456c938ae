/** Frames that once were, or could be, hard on a decoder: kept whatever the random ones find. */
export const CORPUS: ReadonlyArray<readonly [what: string, bytes: Uint8Array]> = [
  ['nothing', new Uint8Array()],
  ['a type alone', Uint8Array.of(0x01)],
  ['a hello that is nothing', Uint8Array.of(0x01, 0)],
  ...[0xdd, 0xdf, 0xdb, 0xc6, 0xc9].map(
    (head) =>
      [
        `a hello that announces 4 GiB after 0x${head.toString(16)}`,
        Uint8Array.of(0x01, 0, head, 255, 255, 255, 255),
      ] as const,
  ),
  ['lists in lists', Uint8Array.of(0x01, 0, ...new Uint8Array(60_000).fill(0x91))],
  [
    'maps in maps',
    Uint8Array.of(0x01, 0, ...Array.from({ length: 20_000 }, () => [0x81, 0xa1, 0x61]).flat()),
  ],
  [
    '64 KiB of a list that announces as much',
    Uint8Array.of(0x01, 0, 0xdc, 0xff, 0xf0, ...new Uint8Array(65_000)),
  ],
  ['a map with __proto__', Uint8Array.of(0x01, 0, 0x81, 0xa9, ...Buffer.from('__proto__'), 0x80)],
  ['a record that is not defined', Uint8Array.of(0x01, 0, 0x40)],
  ['an error object', Uint8Array.of(0x01, 0, 0xd4, 0x65, 0x91)],
  ['a timestamp beyond all dates', Uint8Array.of(0x01, 0, 0xc7, 12, 0xff, ...new Uint8Array(12).fill(255))],
  ['a bundle of strings that is none', Uint8Array.of(0x01, 0, 0xd4, 0x62, 0xff)],
  ['NaN where a clock is expected', Uint8Array.of(0x05, 0, ...new Uint8Array(24).fill(0xff))],
  ['a credit for no channel', Uint8Array.of(0x06, 0, ...new Uint8Array(16))],
  ['a fragment without bytes', Uint8Array.of(0x10, 1)],
  ['a frame of 1 MiB', new Uint8Array(1024 * 1024).fill(0x10, 0, 1)],
];
