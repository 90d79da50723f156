import { Exit } from '../exit-codes.ts';
import { UsageError, type Io } from '../io.ts';
import { examine } from '../doctor/checks.ts';
import { profileName, profilesFile, writeProfile } from '../profiles.ts';
import { readKey, type Globals, type Target } from '../session.ts';
import type { Command } from 'commander';

const LOCAL = 'http://127.0.0.1:3000';

/** Not an action like the others: it must work where the profile that is asked for is not there yet. */
export function registerSetup(program: Command, io: Io, end: (exit: Exit) => void): void {
  program
    .command('setup')
    .summary('write down where the api is, and the key')
    .description(
      'Asks (or takes from --url and --api-key-file) where the api is and with which key, checks both, and writes them down as a ' +
        'profile, in a file that only you can read. Nothing is written when they are not right.',
    )
    .addHelpText(
      'after',
      `
Examples:
  $ orders setup
  $ orders setup --profile shop --url https://orders.shop.example --api-key-file - < key.txt
  $ orders list --profile shop`,
    )
    .action(async (_options: object, command: Command) => end(await setup(io, command.optsWithGlobals())));
}

async function setup(io: Io, globals: Globals): Promise<Exit> {
  const name = globals.profile ?? io.settings.ORDERS_PROFILE ?? 'default';
  if (!profileName.test(name)) throw new UsageError('--profile: letters, digits, dots and dashes, 40 at most');
  const target = await whereTo(io, globals);
  io.say(`Looking at ${target.url} …`);
  const findings = await examine({ io, target });
  const wrong = findings.find(({ check, state }) => (check === 'address' || check === 'key') && state !== 'ok');
  if (wrong) {
    io.say(`${wrong.found}.${wrong.help ? ` ${wrong.help}` : ''}\nNothing was written.`);
    return Exit.failed;
  }
  const file = profilesFile(io.settings);
  await writeProfile(file, name, { url: target.url, ...(target.key === undefined ? {} : { key: target.key }) });
  const others = findings.filter(({ state }) => state === 'wrong').length;
  io.say(
    `The profile ${name} is written to ${file}.${others > 0 ? ' Not all is well there: orders doctor says what.' : ''}`,
  );
  return Exit.ok;
}

async function whereTo(io: Io, { url, apiKeyFile }: Globals): Promise<Target> {
  if (url === undefined && !io.canAsk)
    throw new UsageError('Nobody can be asked here: give --url, and --api-key-file where a key is needed');
  const address = (url ?? (await io.askPerson(`Where is the api? [${LOCAL}] `))).trim() || LOCAL;
  if (!/^https?:\/\//.test(address) || !URL.canParse(address))
    throw new UsageError(`--url: expected an address such as ${LOCAL}`);
  const key = await keyOf(io, url !== undefined, apiKeyFile);
  return { url: address.replace(/\/+$/, ''), key: key === '' ? undefined : key, from: 'what you said' };
}

async function keyOf(io: Io, isGiven: boolean, apiKeyFile: string | undefined): Promise<string> {
  if (apiKeyFile !== undefined) return readKey(io, apiKeyFile);
  if (isGiven) return io.settings.ORDERS_API_KEY ?? '';
  return (await io.askPerson('Which key? (nothing where none is needed; it is not shown) ', { secret: true })).trim();
}
