// `npm start`: installs and builds what is missing, then runs the stack in this very process, so that signals reach it.
import { build } from './build.mjs';

build();
await import('../dist/local/main.js');
