import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { buildWorkflowBundle } from './workflow-bundle.ts';

// Part of the build: a worker with a bundle at hand starts seconds earlier, and all workers run exactly the same one.
const { code } = await buildWorkflowBundle();
await writeFile(fileURLToPath(new URL('../workflow-bundle.js', import.meta.url)), code);
