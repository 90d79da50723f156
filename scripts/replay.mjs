// `npm run replay`: builds what is missing, then runs it (docs/changing-workflows.md).
import { build } from './build.mjs';

build();
await import('../dist/replay/main.js');
