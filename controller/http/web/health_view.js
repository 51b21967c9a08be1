import {badge, element, plain} from '/words.js';

const COLLECTED = 'HEALTH_WINDOW_STATE_COLLECTED';

// The newest window that was collected, of the newest task that has one.
function newest(results) {
  for (const result of results) {
    const window = (result.windows ?? []).find((one) => one.state === COLLECTED);
    if (window) {
      return {task: result.task, window};
    }
  }
  return null;
}

function bar(bucket, reach, most) {
  const count = Number(bucket.count ?? 0);
  const low = Math.max(0, count - reach);
  return element('div', {className: 'row'},
    element('div', {}, `${bucket.label} `, element('small', {}, `${count}, true count ${low} to ${Math.max(0, count + reach)}`)),
    element('meter', {min: 0, max: Math.max(most, 1), value: Math.max(0, count)}));
}

function cohort(task) {
  const arm = plain(task.arm, 'HEALTH_ARM_');
  const seconds = Number.parseFloat(task.window ?? '0');
  const span = seconds >= 3600 ? `${seconds / 3600} h` : `${seconds} s`;
  return `${task.line} ${task.release}, arm ${arm}, windows of ${span}${task.demo ? ', a demonstration with simulated reporters' : ''}`;
}

function independence(task) {
  const who = task.helper_operator ? ` The helper is run by ${task.helper_operator}.` : '';
  return task.independent
    ? `The two aggregators are independent.${who}`
    : `The two aggregators are not independent: one organisation runs both.${who}`;
}

function shown({task, window}, promise) {
  const reach = window.interval_95 ?? 0;
  const most = Math.max(...window.buckets.map((bucket) => Number(bucket.count ?? 0)));
  return [
    element('h3', {}, task.metric),
    element('p', {className: 'why'}, `${cohort(task)}; ${window.reports} devices, at least ${task.minimum_batch}; window to ${window.ends_at}`),
    element('div', {className: 'bars'}, ...window.buckets.map((bucket) => bar(bucket, reach, most))),
    element('p', {className: 'why'}, `Each count is within ${reach} of the true one with a probability of 95 %. ${task.noise}; a device pays epsilon ${task.epsilon ?? 0}, delta ${task.delta ?? 0}.`),
    element('p', {className: 'why'}, independence(task)),
    element('p', {className: 'why'}, promise ?? ''),
  ];
}

// What is on its way, or why nothing is.
function waiting(health) {
  const results = health.results ?? [];
  if (results.length === 0) {
    return [element('p', {className: 'why'}, health.reason ?? '')];
  }
  return results.slice(0, 5).map(({task, windows}) => {
    const window = windows?.[0];
    return element('p', {className: 'why'}, `${task.metric} of ${cohort(task)}: `,
      badge(window?.state, 'HEALTH_WINDOW_STATE_'), ` ${window?.reason ?? ''}`);
  });
}

export function showHealth(place, health) {
  const found = newest(health.results ?? []);
  place.replaceChildren(...(found === null ? waiting(health) : shown(found, health.promise)));
}
