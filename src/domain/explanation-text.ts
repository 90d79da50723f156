import type { Attempt, Explanation } from './explanation-facts.ts';
import { asSentence, clause } from './sentence.ts';

// The card is read by people in a hurry, and stands in Temporal's Web UI: the newest tells most.
const MAX_ATTEMPTS = 5;
const MAX_HAPPENED = 30;

/** The card as Markdown. */
export function toMarkdown(explanation: Explanation): string {
  const { orderId, summary, waitingFor, mustAct, money, stock, parked, happened, attempts, notAsked } = explanation;
  const wait = waitingFor
    ? [
        `**Waits for** ${asSentence(waitingFor.what)}${waitingFor.until ? ` Until ${waitingFor.until}.` : ''}`,
        `**Who must act:** ${mustAct.who}. ${asSentence(mustAct.how)}`,
      ]
    : ['It has ended: it waits for nothing.'];
  const sections = [
    `# Order \`${orderId}\``,
    `**${summary}**`,
    ...wait,
    ...retryOf(explanation),
    `**Money:** ${money.sentence}`,
    `**Stock:** ${stock.sentence}`,
    section('Parked', parked.map(parkedLine)),
    section(
      'What happened',
      happened.slice(-MAX_HAPPENED).map(({ at, sentence }) => (at ? `${at} ${sentence}` : sentence)),
    ),
    section('Last failed tries', attempts.slice(0, MAX_ATTEMPTS).map(attemptLine)),
    section('Could not be asked', notAsked),
  ];
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`;
}

function retryOf({ nextRetry }: Explanation): string[] {
  if (!nextRetry) return [];
  const { attempt, step, at } = nextRetry;
  return [`**Next try:** number ${attempt} of ${step}, ${at ?? 'under way now'}.`];
}

const attemptLine = ({ at, step, attempt, message }: Attempt): string =>
  asSentence(`${at} ${step}, try ${attempt}: ${message}`);

const parkedLine = (parked: Explanation['parked'][number]): string => {
  const { step, since, reason, workflowId, possibleActions, atStake } = parked;
  const stake = `${atStake.sentence.slice(0, 1).toLowerCase()}${atStake.sentence.slice(1)}`;
  const actions = possibleActions.join(', ');
  return `${step} since ${since} (${workflowId}): ${clause(reason)}. At stake: ${stake} Can be decided: ${actions}.`;
};

/** Nothing where there are no lines. */
export const section = (title: string, lines: readonly string[]): string =>
  lines.length === 0 ? '' : `## ${title}\n\n${lines.map((line) => `- ${oneLine(line)}`).join('\n')}`;

/** What others have said must not begin a heading or a link of its own. */
const oneLine = (text: string): string => text.replace(/\s+/g, ' ').replace(/[<>[\]`]/g, '\\$&');
