// What is not spoken about with the api: these run beside it, with the database, Temporal or a stack of their own, in a process of
// theirs. Their options and exit codes are theirs, and said by themselves.
import { UsageError, type Io } from '../io.ts';
import type { Exit } from '../exit-codes.ts';
import type { Command } from 'commander';

const mains = [
  {
    name: 'keys',
    file: 'dist/adapters/postgres/keys-main.js',
    summary: 'make, list and revoke api keys (needs DATABASE_URL)',
    examples: ['orders keys create --tenant shop --name night-shift --scopes operate', 'orders keys list'],
  },
  {
    name: 'verify',
    file: 'dist/verify/main.js',
    summary: 'break a stack of its own, and check that nothing is lost',
    examples: ['orders verify --orders 600 --minutes 2 --seed 1'],
  },
  {
    name: 'replay',
    file: 'dist/replay/main.js',
    summary: 'say which open workflows this build would break',
    examples: ['orders replay', 'orders replay --live --type processOrder'],
  },
] as const;

/** Adds them; everything behind their name is theirs. */
export function registerMains(program: Command, io: Io, end: (exit: Exit) => void): void {
  for (const { name, file, summary, examples } of mains)
    program
      .command(name)
      .summary(summary)
      .description(
        `${summary[0]?.toUpperCase() ?? ''}${summary.slice(1)}. What is behind it is handed on: orders ${name} -- --help.`,
      )
      .argument('[options...]', `those of npm run ${name}`)
      .allowUnknownOption()
      .addHelpText('after', `\nExamples:\n${examples.map((example) => `  $ ${example}`).join('\n')}`)
      .action(async (args: string[]) => {
        const rc = await io.runMain(file, args);
        if (rc < 0) throw new UsageError(`${file} is not there: npm start builds it`);
        end(rc as Exit);
      });
}
