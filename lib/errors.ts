/** An error that a caller decides on: `code` is stable, `message` names the thing, the value and what was expected. */
export class OctographError extends Error {
  readonly code: string;
  /** What a program may want to read besides the code: `{ nodeName: 'edge-a' }`. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: string,
    message: string,
    options: ErrorOptions & { details?: Record<string, unknown> } = {},
  ) {
    super(message, options);
    this.name = 'OctographError';
    this.code = code;
    this.details = options.details ?? {};
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The code of Node's system errors (`ECONNREFUSED`, `EADDRINUSE`, …), of ours, or undefined. */
export function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}

export function assertNever(value: never): never {
  throw new Error(`unexpected ${JSON.stringify(value)}`);
}
