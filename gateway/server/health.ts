import type { ServerResponse } from 'node:http';
import { sendText } from './answers.ts';

export interface HealthCheck {
  name: string;
  ok: boolean;
  detail: string;
}

/** What the process says of itself to probes and scrapers. */
export interface Health {
  /** False asks whoever watches to restart the process. */
  live(): boolean;
  ready(): { ok: boolean; checks: HealthCheck[] };
  /** Prometheus text. */
  metrics(): Promise<string>;
}

/** `/livez`: one word. */
export function answerLive(response: ServerResponse, health: Health): void {
  const ok = health.live();
  sendText(response, ok ? 200 : 500, ok ? 'ok\n' : 'failed\n');
}

/** `/readyz`: one word; with `verbose` a line per check before it, as the Kubernetes API server writes them. */
export function answerReady(
  response: ServerResponse,
  health: Health,
  draining: boolean,
  verbose: boolean,
): void {
  const { ok, checks } = health.ready();
  const ready = ok && !draining;
  const shutdown: HealthCheck = {
    name: 'shutdown',
    ok: !draining,
    detail: draining ? 'draining' : 'not asked for',
  };
  const lines = verbose
    ? [...checks, shutdown].map(
        (check) => `[${check.ok ? '+' : '-'}]${check.name} ${check.ok ? 'ok' : 'failed'}: ${check.detail}\n`,
      )
    : [];
  sendText(response, ready ? 200 : 503, `${lines.join('')}${ready ? 'ok' : 'failed'}\n`);
}

/** `/metrics`. */
export async function answerMetrics(response: ServerResponse, health: Health): Promise<void> {
  const body = await health.metrics();
  response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8');
  response.end(body);
}
