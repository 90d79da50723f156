// The scripts of completion, run by the shells that are there; and the page of the manual, which is made from the same commands.
import { execFileSync, spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { orders } from '../../support/cli.ts';

const script = async (shell: string): Promise<string> => (await orders(null, ['completion', shell])).out;
const has = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0;

/** What bash offers behind these words, the last of which is being typed. */
function complete(text: string, words: readonly string[]): string[] {
  const list = words.map((word) => `'${word}'`).join(' ');
  const run = `${text}\nCOMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; _orders; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['--norc', '-c', run], { encoding: 'utf8' }).trim().split('\n');
}

test('bash offers commands, their commands, options and the values of options', async () => {
  const text = await script('bash');
  const offered = (...words: string[]) => complete(text, ['orders', ...words]);
  expect(offered('re')).toEqual(
    expect.arrayContaining(['refund', 'resolve', 'return', 'reconcile', 'review', 'replay']),
  );
  expect(offered('webhooks', 'p')).toEqual(['pause', 'ping']);
  expect(offered('-o', 'jsonl', 'stock', 'adjust', '--w')).toEqual(['--warehouse']);
  expect(offered('list', '--status', 're')).toEqual(['reserved', 'rejected']);
  expect(offered('list', '-o', '')).toEqual(['table', 'json', 'jsonl']);
  expect(offered('completion', 'z')).toEqual(['zsh']);
  expect(offered('get', 'order_1', '--ou')).toEqual(['--output']);
});

test.each(['bash', 'zsh', 'fish'])('%s can read its script, where there is one', async (shell) => {
  const text = await script(shell);
  expect(text).toContain('orders');
  if (!has(shell)) return;
  expect(spawnSync(shell, ['-n'], { input: text, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
});
