// `npm run conformance`: tries an adapter of one's own (docs/adapters.md). It runs from the sources: an adapter that is written beside
// them is tried as it stands, without a build.
import { register } from 'node:module';
import { ensureInstalled } from './ensure-installed.mjs';

ensureInstalled();
register('./typescript-hooks.mjs', import.meta.url);
await import('../src/conformance/main.ts');
