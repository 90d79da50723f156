// `npm run test:browser`: the console in a real browser, against the product as it runs. Not part of `npm test`: it needs a Chromium.
import base from './jest.config.js';

/** @type {import('jest').Config} */
export default { ...base, testMatch: ['<rootDir>/test/browser/*.browser.ts'], maxWorkers: 1, testTimeout: 120_000 };
