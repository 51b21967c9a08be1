import {badge, element} from '/words.js';

export function showOverview(tiles, bars, overview) {
  const online = overview.liveness.LIVENESS_ONLINE ?? 0;
  const numbers = [
    ['devices', overview.devices],
    ['online', online],
    ['sessions', overview.sessions],
    ['rollouts running', overview.rollouts.running],
  ];
  tiles.replaceChildren(...numbers.map(([name, value]) =>
    element('div', {}, element('dt', {}, name), element('dd', {}, String(value)))));
  bars.replaceChildren(...overview.installed.map((release) =>
    element('div', {className: 'row'},
      element('div', {}, `${release.line} ${release.version} `, element('small', {}, `on ${release.devices}`)),
      element('meter', {min: 0, max: Math.max(overview.devices, 1), value: release.devices}))));
}

// Why a device is not served counts for more than when it was last heard.
function standing(device) {
  if (device.clone_suspected) {
    return 'CLONE_SUSPECTED';
  }
  if (device.decommissioned) {
    return device.decommission_done ? 'DECOMMISSIONED' : 'DECOMMISSIONING';
  }
  return device.revoked ? 'REVOKED' : device.liveness;
}

export function showDevices(place, devices, total) {
  const head = element('tr', {}, ...['device', 'link', 'engine', 'runs', 'last report'].map((name) => element('th', {}, name)));
  const rows = devices.map((device) => element('tr', {},
    element('td', {}, device.id),
    element('td', {}, badge(standing(device), 'LIVENESS_')),
    element('td', {}, ...(device.condition?.lines ?? []).map((line) => badge(line.engine, 'ENGINE_CONDITION_'))),
    element('td', {}, (device.lines ?? []).map((line) => `${line.line} ${line.current?.version ?? 'nothing'}${line.trial ? ' (trial)' : ''}`).join(', ')),
    element('td', {}, device.last_report ? badge(device.last_report.state, 'DEPLOYMENT_STATE_') : '')));
  place.replaceChildren(devices.length === 0
    ? element('p', {className: 'why'}, 'No device has enrolled yet. Make a token: fleetctl enroll token create')
    : element('div', {className: 'scroll'}, element('table', {}, head, ...rows)));
  if (total > devices.length) {
    place.append(element('p', {className: 'why'}, `The first ${devices.length} of ${total}. All of them: fleetctl device list`));
  }
}
