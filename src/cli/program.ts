// The command `orders`: its commands, and what all of them have. A new command is a file below commands/ and a line here.
import { Argument, Command, CommanderError, Option } from 'commander';
import { afterSaleCommands } from './commands/after-sale.ts';
import { changeCommands } from './commands/changes.ts';
import { actionsOf, type Register } from './commands/command.ts';
import { demoCommand } from './commands/demo.ts';
import { doctorCommand } from './commands/doctor.ts';
import { erasureCommands } from './commands/erasures.ts';
import { eventCommands } from './commands/events.ts';
import { registerMains } from './commands/mains.ts';
import { orderCommands } from './commands/orders.ts';
import { productCommands } from './commands/products.ts';
import { reconcileCommand } from './commands/reconcile.ts';
import { resolveCommand } from './commands/resolve.ts';
import { registerSetup } from './commands/setup.ts';
import { webhookCommands } from './commands/webhooks.ts';
import { UnknownOutcome } from './ask.ts';
import { completionScript, shells, type Shell } from './completion.ts';
import { Exit, exitCodes } from './exit-codes.ts';
import { explainFailure } from './failures.ts';
import { Interrupted, type Io } from './io.ts';
import { forms, paintOf } from './session.ts';

const WIDTH = 110;

/** What speaks to the api, in the order of the help. */
const commands: readonly Register[] = [
  ...orderCommands,
  eventCommands,
  ...changeCommands,
  resolveCommand,
  afterSaleCommands,
  ...productCommands,
  webhookCommands,
  reconcileCommand,
  ...erasureCommands,
  demoCommand,
  doctorCommand,
];

/** Runs one command line; resolves to its exit code, and never rejects. */
export async function runCli(args: readonly string[], io: Io): Promise<Exit> {
  let exit: Exit = Exit.ok;
  const program = createProgram(io, (found) => void (exit = found));
  try {
    await program.parseAsync(args, { from: 'user' });
    return exit;
  } catch (error) {
    // It has been said already, or is the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? Exit.ok : Exit.usage;
    const failure = explainFailure(io.signal.aborted && !(error instanceof UnknownOutcome) ? new Interrupted() : error);
    const [first = '', ...rest] = failure.lines;
    const { bad } = paintOf({ ...io, isTerminal: io.canAsk }, { color: true });
    io.say([`${bad('orders:')} ${first}`, ...rest].join('\n'));
    return failure.exit;
  }
}

/** The program, for running it and for describing it. */
export function createProgram(io: Io, end: (exit: Exit) => void): Command {
  const program = new Command('orders');
  program
    .description('Places, looks at and looks after orders, over HTTP.')
    .exitOverride()
    .configureOutput({
      writeOut: io.out,
      writeErr: (text) => io.say(text.trimEnd()),
      getOutHelpWidth: () => WIDTH,
      getErrHelpWidth: () => WIDTH,
    })
    .showHelpAfterError('(--help says how)')
    .addOption(
      new Option('-o, --output <form>', 'table for people; json is what the api has sent; jsonl an item a line')
        .choices(forms)
        .default('table'),
    )
    .option('--url <url>', 'where the api is')
    .option('--profile <name>', 'the profile to use (orders setup)')
    .option('--api-key-file <file>', 'the key, in a file (- for stdin): arguments are seen by everybody')
    .option('--no-color', 'no colours; there are none either where nobody looks, or with NO_COLOR')
    .addHelpText('after', footer);
  const act = actionsOf(io, end);
  for (const register of commands) register(program, act);
  registerMains(program, io, end);
  registerSetup(program, io, end);
  program
    .command('completion')
    .summary('completion for your shell')
    .description('Writes the completion of a shell.')
    .addArgument(new Argument('<shell>', 'which one').choices(shells))
    .addHelpText(
      'after',
      `\nExamples:\n  $ eval "$(orders completion bash)"\n  $ orders completion zsh > "\${fpath[1]}/_orders"\n  $ orders completion fish > ~/.config/fish/completions/orders.fish`,
    )
    .action((shell: Shell) => io.out(completionScript(program, shell)));
  return program;
}

const footer = `
Where to: --url, else ORDERS_API_URL, else the profile (--profile, ORDERS_PROFILE, or "default"), else what npm start
runs in this folder, else http://127.0.0.1:3000. The key: --api-key-file, else ORDERS_API_KEY, else the profile's.

Exit codes:
${exitCodes.map(([code, words]) => `  ${String(code).padEnd(4)} ${words}`).join('\n')}
  verify, replay and keys have those of their own.

Examples:
  $ orders place --customer customer-1 --item espresso-beans:2 --payment-method pm_card_visa --wait 10
  $ orders watch ORDER
  $ orders list --parked -o jsonl | jq -r .id`;
