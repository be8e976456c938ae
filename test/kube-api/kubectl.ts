import { type ChildProcessWithoutNullStreams, execFile, execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Cluster } from './cluster.ts';

/** Why the suites that need kubectl cannot run here; undefined when they can. */
export const kubectlMissing: string | undefined = (() => {
  try {
    execFileSync('kubectl', ['version', '--client'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'kubectl is not installed';
  }
})();

export interface KubectlResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** The real kubectl in the cluster's test namespace, with a home and a cache of its own. */
export function createKubectl(cluster: () => Cluster) {
  const argumentsOf = (args: string[]) => [
    `--kubeconfig=${cluster().kubeconfigPath}`,
    `--cache-dir=${join(cluster().directory, 'kubectl-cache')}`,
    `--namespace=${cluster().namespace}`,
    ...args,
  ];
  const env = () => ({ PATH: process.env.PATH, HOME: cluster().directory });

  const run = (args: string[], input?: string): Promise<KubectlResult> =>
    new Promise((resolve) => {
      const child = execFile('kubectl', argumentsOf(args), { env: env() }, (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr });
      });
      child.stdin?.end(input);
    });

  /** Runs what must succeed, and returns what it printed. */
  const ok = async (args: string[], input?: string): Promise<string> => {
    const { code, stdout, stderr } = await run(args, input);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')} ended with ${code}: ${stderr}`);
    return stdout;
  };

  const start = (args: string[]): { child: ChildProcessWithoutNullStreams; output: () => string } => {
    const child = spawn('kubectl', argumentsOf(args), { env: env() });
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
    });
    return { child, output: () => text };
  };

  return { run, ok, start };
}
