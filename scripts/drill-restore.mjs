// `npm run drill:restore`: builds what is missing, then restores a backup under a running shop (docs/operations.md).
import { build } from './build.mjs';

build();
await import('../dist/verify/restore-drill-main.js');
