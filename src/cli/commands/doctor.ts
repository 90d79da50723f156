import { Exit } from '../exit-codes.ts';
import { clean } from '../output.ts';
import { examine } from '../doctor/checks.ts';
import type { Session } from '../session.ts';
import type { Register } from './command.ts';

export const doctorCommand: Register = (program, act) => {
  program
    .command('doctor')
    .summary('find out what is wrong')
    .description(
      'Looks at the address, the key, the clock, the disk of this machine and every part of the api (GET /health), and says of ' +
        'what is wrong what to do about it. Ends 1 when anything is.',
    )
    .addHelpText(
      'after',
      `\nExamples:\n  $ orders doctor\n  $ orders doctor --profile shop -o jsonl | jq 'select(.state == "wrong")'`,
    )
    .action(act((session) => doctor(session)));
};

async function doctor(session: Session): Promise<Exit> {
  const { io, form, paint, target } = session;
  const findings = await examine({ io, target });
  const wrong = findings.filter(({ state }) => state === 'wrong');
  if (form === 'json') io.out(`${JSON.stringify({ url: target.url, findings })}\n`);
  else if (form === 'jsonl') for (const finding of findings) io.out(`${JSON.stringify(finding)}\n`);
  else
    for (const { check, state, found, help } of findings) {
      const mark = { ok: paint.good('✓'), wrong: paint.bad('✗'), 'not asked': paint.quiet('·') }[state];
      io.out(`${mark} ${check.padEnd(18)} ${clean(found)}\n`);
      if (help !== null) io.out(`  ${' '.repeat(18)} → ${help}\n`);
    }
  io.say(wrong.length === 0 ? 'Nothing is wrong.' : `${wrong.length} of ${findings.length} checks found something.`);
  return wrong.length === 0 ? Exit.ok : Exit.failed;
}
