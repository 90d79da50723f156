// `npm run verify`: builds what is missing, then runs it (docs/verify.md).
import { build } from './build.mjs';

build();
await import('../dist/verify/main.js');
