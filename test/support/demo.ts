// `orders demo` against the stack that `npm start` runs in a folder.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect } from '@jest/globals';

/** All of them pass; the long ones beside the others, so that the worker is killed while all of them are played. */
export async function playEveryScene(folder: string): Promise<void> {
  const quick = ['happy', 'same-key', 'declined', 'flash-sale', 'answer-lost', 'cancel'];
  const rans = await Promise.all([['worker-killed'], ['provider-down'], quick].map((scenes) => play(folder, scenes)));
  expect(rans).toEqual([
    { code: 0, states: ['passed'] },
    { code: 0, states: ['passed'] },
    { code: 0, states: quick.map(() => 'passed') },
  ]);
}

/** The command finds the stack by itself, in the folder that it was started in. */
const play = (folder: string, scenes: readonly string[]): Promise<{ code: unknown; states: string[] }> =>
  new Promise((resolve, reject) => {
    const args = scenes.flatMap((name) => ['--scene', name]);
    const env = { PATH: process.env['PATH'], XDG_CONFIG_HOME: folder };
    const run = [join(folder, 'dist/cli/main.js'), 'demo', '--fast', '-o', 'jsonl', ...args];
    execFile(process.execPath, run, { env, timeout: 90_000 }, (error, out, said) => {
      const lines = out.split('\n').filter((line) => line !== '');
      const states = lines.map((line) => (JSON.parse(line) as { state: string }).state);
      if (states.length < scenes.length) return reject(new Error(`orders demo ended early:\n${said}`));
      // With the story of what failed.
      if (error) process.stderr.write(said);
      resolve({ code: error?.code ?? 0, states });
    });
  });
