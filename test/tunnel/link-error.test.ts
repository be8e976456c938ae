import { beforeAll, describe, expect, it } from 'vitest';
import { explainLinkError } from '../../tunnel/link-error.ts';
import type { TlsFiles } from '../../tunnel/tls-files.ts';
import { createPki } from './harness.ts';

const DAY_MS = 24 * 3600_000;

describe('what an operator reads', () => {
  const now = Date.now();
  let tls: TlsFiles;
  beforeAll(async () => {
    tls = await (await createPki()).node('edge-a');
  });

  const explain = (code: string, { at = now, files = tls } = {}) =>
    explainLinkError(Object.assign(new Error('boom'), { code }), {
      url: 'wss://gateway:4443',
      tls: files,
      now: at,
    });

  it.each([
    ['ENOTFOUND', 'DNS: the name gateway is not found (ENOTFOUND)'],
    ['EAI_AGAIN', 'DNS: the name gateway is not found (EAI_AGAIN)'],
    ['ECONNREFUSED', 'refused: nothing listens at gateway:4443'],
    ['EHOSTUNREACH', 'no route to gateway:4443 (EHOSTUNREACH)'],
    ['ETIMEDOUT', 'no answer from gateway:4443'],
    ['ECONNRESET', 'gateway:4443 hung up before the tunnel was open (ECONNRESET)'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', "the gateway's certificate is not for gateway"],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'unknown authority'],
    ['SOMETHING_ELSE', 'gateway:4443: boom'],
  ])('[W27] for %s is: %s', (code, words) => {
    expect(explain(code)).toContain(words);
  });

  it('[W27] names the clock where that may be what is wrong', () => {
    const clock = `this node's clock says ${new Date(now).toISOString()}`;
    expect(explain('CERT_NOT_YET_VALID')).toContain(clock);
    expect(explain('CERT_HAS_EXPIRED')).toContain(clock);
    expect(explain('ECONNRESET', { at: now + 400 * DAY_MS })).toMatch(
      /^this node's certificate has expired at/,
    );
    expect(explain('ECONNRESET', { at: now - 400 * DAY_MS })).toMatch(
      /^this node's certificate is valid from/,
    );
  });

  it('[W27] knows the own certificate by any authority of a bundle', async () => {
    const other = await createPki('another authority');
    const bundle = { ...tls, ca: `${other.ca.certificatePem}${tls.ca}` };
    expect(explain('ECONNRESET', { files: bundle })).toContain('hung up before the tunnel was open');
    expect(explain('ECONNRESET', { files: { ...tls, ca: other.ca.certificatePem } })).toMatch(
      /^unknown authority/,
    );
  });
});
