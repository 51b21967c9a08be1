// The page: reads the fleet once, then again whenever an event says that something changed (at most twice a second).
import {follow, get, Refused} from '/api.js';
import {showDevices, showOverview} from '/fleet_view.js';
import {showHealth} from '/health_view.js';
import {showRollouts} from '/rollout_view.js';
import {element} from '/words.js';

const REFRESH_MS = 500;
const KEPT_EVENTS = 60;
const HEALTH_MS = 5000;
const place = (id) => document.getElementById(id);

let refreshing = false;
let wanted = false;

function say(text) {
  place('notice').textContent = text;
  place('notice').hidden = text === '';
}

async function refresh() {
  if (refreshing) {
    wanted = true;
    return;
  }
  refreshing = true;
  try {
    const [overview, rollouts, devices, health] = await Promise.all([
      get('/api/v1/overview'), get('/api/v1/rollouts'), get('/api/v1/devices?page_size=200'),
      get('/api/v1/health'),
    ]);
    showOverview(place('overview'), place('releases'), overview);
    showRollouts(place('rollouts'), rollouts.rollouts);
    showDevices(place('devices'), devices.devices, overview.devices);
    showHealth(place('health'), health);
    say('');
  } catch (error) {
    say(error instanceof Refused
      ? `${error.message}. Open the address that "fleetctl dashboard" prints.`
      : `The controller does not answer: ${error.message}`);
  }
  setTimeout(() => {
    refreshing = false;
    if (wanted) {
      wanted = false;
      refresh();
    }
  }, REFRESH_MS);
}

function note(event, data) {
  const time = new Date().toLocaleTimeString([], {hour12: false});
  const text = [event, data.id, data.state, data.text].filter(Boolean).join(' ');
  const list = place('events');
  list.prepend(element('li', {}, element('time', {}, time), text));
  while (list.children.length > KEPT_EVENTS) {
    list.lastElementChild.remove();
  }
}

function link(up) {
  place('link').textContent = up ? 'live' : 'reconnecting';
  place('link').className = `badge ${up ? 'good' : 'warn'}`;
  if (up) {
    refresh();
  }
}

refresh();
// A window that is collected is no event.
setInterval(refresh, HEALTH_MS);
follow('/api/v1/events', (event, data) => {
  note(event, data);
  refresh();
}, link);
