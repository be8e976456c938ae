import { parseArgs } from 'node:util';
import { measureApply } from './edge/apply.ts';
import { measureHistory } from './edge/history.ts';
import { measureIngest } from './edge/ingest.ts';
import { measureQuery } from './edge/query.ts';
import { measureRestart } from './edge/restart.ts';

/**
 * What an edge node takes: a query, a command, readings, a restart, history. One line of JSON per figure; all but `ingest`, which runs from
 * the sources, measure `dist/octograph.js` from outside.
 * Run: npm run build && node bench/edge.ts [query|apply|ingest|restart|history] [--properties 300] [--history-dir DIR]
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    properties: { type: 'string', default: '300' },
    /** Keeps the day of history there, and takes the one that it finds. */
    'history-dir': { type: 'string' },
  },
});

const parts: Record<string, () => Promise<void>> = {
  query: measureQuery,
  apply: measureApply,
  ingest: measureIngest,
  restart: measureRestart,
  history: () => measureHistory(Number(values.properties), values['history-dir']),
};
for (const name of positionals.length > 0 ? positionals : Object.keys(parts)) {
  const part = parts[name];
  if (!part) throw new Error(`${name}: expected one of ${Object.keys(parts).join(', ')}`);
  await part();
}
