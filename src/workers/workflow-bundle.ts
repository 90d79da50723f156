import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundle } from '@temporalio/worker';
import { HAS_VERSION } from '../contracts/worker-versions.ts';

// Enough to tell builds apart, and to be read aloud.
const CODE_DIGITS = 12;

// The sources when they run as such (tests), the compiled code otherwise.
const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const entry = fileURLToPath(new URL(`../workflows/index.${extension}`, import.meta.url));
const tracing = fileURLToPath(new URL(`../workflows/tracing.${extension}`, import.meta.url));

/** Bundles our workflows, or those of another entry (tests replay edited copies). Takes seconds: once per process. */
export const buildWorkflowBundle = ({
  workflowsPath = entry,
  cacheDirectory,
}: {
  workflowsPath?: string;
  /** For whoever bundles nearly the same again and again: what is unchanged comes from there, and the map of the source is coarse. */
  cacheDirectory?: string;
} = {}): Promise<{ code: string }> =>
  bundleWorkflowCode({
    workflowsPath,
    // Always: without a trace it does nothing, and one that passes a worker without traces is not lost there.
    workflowInterceptorModules: [tracing],
    webpackConfigHook: (config) => ({
      ...allowTypeScriptSpecifiers(config),
      ...(cacheDirectory === undefined
        ? {}
        : { devtool: 'inline-nosources-cheap-source-map', cache: { type: 'filesystem', cacheDirectory } }),
    }),
    logger: new DefaultLogger('WARN'),
  });

/** A bundle that was built beforehand, or one built now; told whether its worker has a version. */
export async function loadWorkflowBundle(
  path: string | undefined,
  { hasVersion }: { hasVersion: boolean },
): Promise<WorkflowBundle> {
  const code = path === undefined ? (await buildWorkflowBundle()).code : await readFile(path, 'utf8');
  // On the same line as the code: the lines of errors stay what the map says.
  return { code: hasVersion ? `globalThis.${HAS_VERSION}=true;${code}` : code };
}

/** Which build of the workflows it is: the same for all workers of one. */
export const bundleCode = (bundle: { code: string }): string =>
  createHash('sha256').update(bundle.code).digest('hex').slice(0, CODE_DIGITS);

// The sources import each other by their real names (`./x.ts`); packages are found from here, wherever the entry lies.
const allowTypeScriptSpecifiers: NonNullable<Parameters<typeof bundleWorkflowCode>[0]['webpackConfigHook']> = (
  config,
) => ({
  ...config,
  resolve: {
    ...config.resolve,
    modules: ['node_modules', fileURLToPath(new URL('../../node_modules', import.meta.url))],
  },
});
