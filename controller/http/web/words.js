// Wire names as people read them, and the colour of each.

export function plain(name, prefix) {
  return (name ?? '').replace(prefix, '').toLowerCase().replaceAll('_', ' ');
}

const TONES = [
  [/COMPLETED|PASSED|SUCCEEDED|ALREADY_CURRENT|COLLECTED|ONLINE|SERVING/, 'good'],
  [/ABORT|FAILED|REJECTED|LOST|TIMED_OUT|OFFLINE|CRASH|SAFE_MODE|STOPPED|STATIC_ANSWER|REVOKED|CLONE_SUSPECTED/, 'bad'],
  [/PAUSED|HELD|GATED|LATE|ROLLING|ROLLED|INCONCLUSIVE|QUARANTINED|TOO_FEW|DECOMMISSIONING/, 'warn'],
  [/RUNNING|DISPATCHING|SOAKING|JUDGING|DOWNLOADING|TRIAL|ACTIVATING|TESTING|ACCEPTED|STAGED|VERIFYING|MEASURING|REPORTING/, 'busy'],
];

export function tone(name) {
  return TONES.find(([pattern]) => pattern.test(name ?? ''))?.[1] ?? 'idle';
}

// An element with text and children; the only way this page makes HTML, so nothing is ever parsed as markup.
export function element(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

export function badge(name, prefix) {
  return element('span', {className: `badge ${tone(name)}`}, plain(name, prefix));
}
