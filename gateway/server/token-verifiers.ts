import type { Principal, TokenVerifier } from './authentication.ts';

/** Asks one after another; the first that knows a token is right. Where none does, one that could not tell throws. */
export function firstThatKnows(verifiers: readonly TokenVerifier[]): TokenVerifier {
  return {
    async verify(token): Promise<Principal | undefined> {
      let failure: { error: unknown } | undefined;
      for (const verifier of verifiers) {
        try {
          const principal = await verifier.verify(token);
          if (principal) return principal;
        } catch (error) {
          failure ??= { error };
        }
      }
      if (failure) throw failure.error;
      return undefined;
    },
  };
}
