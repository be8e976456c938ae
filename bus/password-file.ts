import { createHash, pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { OctographError } from '../lib/errors.ts';

const derive = promisify(pbkdf2);

/** `$6$`: SHA-512 of password and salt; `$7$`: PBKDF2 with it. */
type Secret = { iterations: number | undefined; salt: Buffer; hash: Buffer };

const SECRET = /^\$(?:6|7\$(\d+))\$([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+)$/;
/** A file that asks for more would let anybody keep our processors busy. */
const MAX_ITERATIONS = 1_000_000;

/**
 * Who may connect to the broker: a file of `mosquitto_passwd`, a line for each user.
 * @throws OctographError `SETTINGS` naming file, line and what was expected
 */
export class PasswordFile {
  readonly #secrets: ReadonlyMap<string, Secret>;

  constructor(text: string, name: string) {
    this.#secrets = new Map(
      text.split(/\r?\n/).flatMap((line, index) => {
        if (line.trim() === '' || line.startsWith('#')) return [];
        return [parseLine(line, `${name}, line ${index + 1}`)];
      }),
    );
  }

  async verify(user: string | undefined, password: string | undefined): Promise<boolean> {
    const secret = this.#secrets.get(user ?? '');
    if (!secret || password === undefined) return false;
    const { iterations, salt, hash } = secret;
    const given =
      iterations === undefined
        ? createHash('sha512').update(password).update(salt).digest()
        : await derive(password, salt, iterations, hash.length, 'sha512');
    return given.length === hash.length && timingSafeEqual(given, hash);
  }
}

function parseLine(line: string, where: string): [user: string, secret: Secret] {
  const colon = line.indexOf(':');
  const match = SECRET.exec(line.slice(colon + 1).trim());
  const iterations = match?.[1] === undefined ? undefined : Number(match[1]);
  if (colon < 1 || !match || (iterations ?? 1) < 1 || (iterations ?? 1) > MAX_ITERATIONS) {
    // The line itself stays out of the message: it may hold a password in the clear.
    throw new OctographError(
      'SETTINGS',
      `${where}: expected user:$7$… or user:$6$…, as mosquitto_passwd writes it`,
    );
  }
  const [salt, hash] = [match[2], match[3]].map((text) => Buffer.from(text as string, 'base64'));
  return [line.slice(0, colon), { iterations, salt: salt as Buffer, hash: hash as Buffer }];
}
