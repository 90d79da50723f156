import { InvalidArgumentError, Option } from 'commander';
import { newKey } from '#client';
import { playDemo } from '../demo/demo.ts';
import { scenes } from '../demo/scenes/index.ts';
import { findPlayground } from '../demo/where.ts';
import type { Exit } from '../exit-codes.ts';
import { UsageError } from '../io.ts';
import type { Session } from '../session.ts';
import type { Register } from './command.ts';

type Options = { scene?: string[]; fast?: boolean };

const names = scenes.map(({ name }) => name);

export const demoCommand: Register = (program, act) => {
  program
    .command('demo')
    .summary('break the stack of npm start, and check that money and stock stay right')
    .description(
      'Shows in two minutes, against the stack that npm start runs, what happens to orders when things go wrong: places them, breaks ' +
        'something, and compares what the api says with the provider’s own journal. Uses products and customers of its own; what it ' +
        'breaks it mends, also at Ctrl-C. Ends 1 when a check fails. Plays on a stack of one machine only.',
    )
    .addOption(
      new Option('--scene <name>', 'only this one; can be given several times').choices(names).argParser(readScene),
    )
    .option('--fast', 'no pauses to read')
    .addHelpText(
      'after',
      `
Scenes:
${scenes.map(({ name, headline }) => `  ${name.padEnd(14)} ${headline}`).join('\n')}

Examples:
  $ orders demo
  $ orders demo --scene answer-lost --scene cancel
  $ orders demo --fast -o json 2>/dev/null | jq '.scenes[] | {scene, state}'`,
    )
    .action(act(demo));
};

/** Its own reader, so that it can be given several times. */
function readScene(name: string, before: readonly string[] | undefined): string[] {
  if (!names.includes(name)) throw new InvalidArgumentError(`Allowed choices are ${names.join(', ')}.`);
  return [...(before ?? []), name];
}

async function demo(session: Session, { scene: wanted, fast = false }: Options): Promise<Exit> {
  const chosen = scenes.filter(({ name }) => wanted === undefined || wanted.includes(name));
  const playground = await findPlayground(session);
  if (wanted !== undefined && playground.processes === null && chosen.some(({ needs }) => needs === 'processes'))
    throw new UsageError(
      'Nothing may be broken on purpose in this stack, so that scene can not be played; nothing was placed.',
    );
  return playDemo(session, chosen, { run: newKey().slice(0, 6), isFast: fast, playground });
}
