// What must hold whatever is broken: a word and a sign for each, the colour only helps.
import type { Invariant } from './control.ts';

const signs: Record<Invariant['state'], [tone: string, sign: string]> = {
  holds: ['good', '✓'],
  broken: ['bad', '✗'],
  unknown: ['alert', '?'],
};

/** `isStale`: what was told last is not told any more, so that nobody knows. */
export const Invariants = ({ of, isStale }: { of: readonly Invariant[]; isStale: boolean }) => (
  <section aria-labelledby="invariants">
    <h2 id="invariants">What must hold, by rows and by the provider’s journal</h2>
    <ul class="invariants">
      {of.map(({ name, state, says }) => {
        const shown = isStale ? 'unknown' : state;
        const [tone, sign] = signs[shown];
        return (
          <li key={name} class={tone} data-state={shown}>
            <p>
              <b>
                <span aria-hidden="true">{sign} </span>
                {name}
              </b>
              <span class="state">{shown}</span>
            </p>
            <small>{isStale ? 'The control server says nothing just now.' : says}</small>
          </li>
        );
      })}
    </ul>
  </section>
);
