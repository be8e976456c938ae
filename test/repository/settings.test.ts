import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cloudCommand } from '../../cli/commands/cloud.ts';
import { demoCommand } from '../../cli/commands/demo.ts';
import { edgeCommand } from '../../cli/commands/edge.ts';
import { kubeCommand } from '../../cli/commands/kube.ts';
import { nodeCommand } from '../../cli/commands/node.ts';
import { simulateCommand } from '../../cli/commands/simulate.ts';
import { tokenCommand } from '../../cli/commands/token.ts';
import { COMMON, type Option, type Options } from '../../cli/settings.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/settings.md'), 'utf8');
const all: Options[] = [
  COMMON,
  ...[cloudCommand, edgeCommand, kubeCommand, tokenCommand, nodeCommand, demoCommand, simulateCommand].map(
    ({ options }) => options,
  ),
];

function rowOf([name, option]: [string, Option]): string {
  const values = option.default === undefined ? [] : [option.default].flat();
  const help = option.choices ? `${option.help}: ${option.choices.join(', ')}` : option.help;
  const cells = [
    `\`${name}\``,
    values.map((value) => `\`${value}\``).join(', '),
    help.replaceAll('|', '\\|'),
  ];
  return `| ${cells.join(' | ')} |`.replace('|  |', '| |');
}

describe('the page of settings', () => {
  it('has a row for each setting of each command, with its default, and no other row', () => {
    const rows = page.split('\n').filter((line) => line.startsWith('| `'));
    expect(rows.toSorted()).toEqual(
      [...new Set(all.flatMap((options) => Object.entries(options).map(rowOf)))].sort(),
    );
  });
});
