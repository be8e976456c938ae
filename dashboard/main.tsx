import { render } from 'preact';
import { createSession } from './api/session.ts';
import { App } from './app.tsx';

const session = createSession({ tab: sessionStorage, browser: localStorage });
render(<App session={session} />, document.getElementById('root')!);
