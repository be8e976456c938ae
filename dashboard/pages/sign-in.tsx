import { useState } from 'preact/hooks';
import type { Session } from '../api/session.ts';
import { Logo } from '../parts/logo.tsx';

/** Asks for a token. It goes to this server alone, and is kept in this tab unless told otherwise. */
export function SignIn({ session, message }: { session: Session; message: string }) {
  const [token, setToken] = useState('');
  const [remember, setRemember] = useState(false);
  return (
    <main id="main" class="sign-in">
      <form
        class="panel"
        onSubmit={(event) => {
          event.preventDefault();
          if (token.trim() !== '') session.signIn(token.trim(), remember);
        }}
      >
        <h1>
          <Logo /> Octograph
        </h1>
        <p role="status">{message}</p>
        <div class="field">
          <label for="token">Token</label>
          <input
            id="token"
            type="password"
            autocomplete="current-password"
            value={token}
            onInput={(event) => setToken(event.currentTarget.value)}
          />
        </div>
        <label class="check">
          <input
            type="checkbox"
            checked={remember}
            onChange={(event) => setRemember(event.currentTarget.checked)}
          />
          Keep it in this browser
        </label>
        <button type="submit">Sign in</button>
      </form>
    </main>
  );
}
