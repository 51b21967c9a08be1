import {badge, element, plain} from '/words.js';

const SUCCEEDED = 200;
const ALREADY_CURRENT = 210;
const FIRST_FAILURE = 300;
const FIRST_NEUTRAL = 400;

function tally(wave) {
  let done = 0;
  let failed = 0;
  for (const [code, count] of Object.entries(wave.counts ?? {})) {
    const state = Number(code);
    done += state === SUCCEEDED || state === ALREADY_CURRENT ? count : 0;
    failed += state >= FIRST_FAILURE && state < FIRST_NEUTRAL ? count : 0;
  }
  return {done, failed};
}

function waveCard(wave) {
  const {done, failed} = tally(wave);
  const members = wave.members ?? 0;
  const judged = members > 0 && !wave.small && wave.llr_abort;
  const evidence = !judged
    ? ''
    : `evidence ${(wave.llr ?? 0).toFixed(2)} of [${wave.llr_pass.toFixed(2)}, ${wave.llr_abort.toFixed(2)}]`;
  return element('div', {className: 'wave'},
    element('b', {}, wave.spec.name),
    badge(wave.state, 'WAVE_STATE_'),
    element('progress', {max: Math.max(members, 1), value: done}),
    element('div', {}, `${done} of ${members} done${failed ? `, ${failed} failed` : ''}`),
    element('small', {}, evidence));
}

// The private gates of a rollout's waves, a sentence each.
function guardLines(rollout) {
  return (rollout.waves ?? []).filter((wave) => wave.guard).map((wave) => {
    const informs = wave.guard.shadow ? ' (informs only)' : '';
    return element('p', {className: 'why'},
      `Private gate of wave ${wave.spec.name}${informs}: ${wave.guard.why ?? ''}`);
  });
}

function rolloutCard(rollout) {
  const paused = rollout.pause_reason ? `: ${plain(rollout.pause_reason, 'PAUSE_REASON_')}` : '';
  return element('article', {className: 'rollout'},
    element('h3', {}, element('span', {}, `${rollout.id} → ${rollout.spec.line} ${rollout.spec.version}`),
      element('span', {}, badge(rollout.state, 'ROLLOUT_STATE_'), paused)),
    element('div', {className: 'waves'}, ...(rollout.waves ?? []).map(waveCard)),
    element('p', {className: 'why'}, rollout.why ?? ''),
    ...guardLines(rollout));
}

export function showRollouts(place, rollouts) {
  place.replaceChildren(...(rollouts.length === 0
    ? [element('p', {className: 'why'}, 'No rollout yet. Make one: fleetctl rollout create')]
    : rollouts.map(rolloutCard)));
}
