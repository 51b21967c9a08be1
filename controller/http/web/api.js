// Talks to the controller this page came from; no other origin is asked for anything.

const fragment = new URLSearchParams(location.hash.slice(1));
if (fragment.has('token')) {
  sessionStorage.setItem('token', fragment.get('token'));
  history.replaceState(null, '', location.pathname);
}

function headers(extra = {}) {
  const token = sessionStorage.getItem('token');
  return token ? {...extra, Authorization: `Bearer ${token}`} : extra;
}

export class Refused extends Error {}

// The JSON of a GET; throws Refused for 401 and 403, Error with the controller's own words otherwise.
export async function get(path) {
  const answer = await fetch(path, {headers: headers()});
  if (answer.ok) {
    return answer.json();
  }
  const problem = await answer.json().catch(() => ({}));
  const text = problem.detail ?? `the controller answered ${answer.status}`;
  throw answer.status === 401 || answer.status === 403 ? new Refused(text) : new Error(text);
}

// Reads server-sent events for ever, with the token that EventSource cannot send; resumes with Last-Event-ID.
export async function follow(path, onEvent, onLink) {
  let lastId = '';
  for (let delay = 500; ; delay = Math.min(delay * 2, 15000)) {
    try {
      const answer = await fetch(path, {headers: headers(lastId ? {'Last-Event-ID': lastId} : {})});
      if (!answer.ok) {
        throw new Error(`events: ${answer.status}`);
      }
      onLink(true);
      delay = 500;
      lastId = await readFrames(answer.body, lastId, onEvent);
    } catch {
      // told below
    }
    onLink(false);
    await new Promise((resume) => setTimeout(resume, delay * (0.5 + Math.random() / 2)));
  }
}

async function readFrames(body, lastId, onEvent) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  try {
    for (;;) {
      const {value, done} = await reader.read();
      if (done) {
        return lastId;
      }
      text += value;
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const frame = parseFrame(text.slice(0, end));
        text = text.slice(end + 2);
        lastId = frame.id ?? lastId;
        if (frame.event) {
          onEvent(frame.event, JSON.parse(frame.data ?? '{}'));
        }
      }
    }
  } catch {
    return lastId;
  }
}

function parseFrame(text) {
  const frame = {};
  for (const line of text.split('\n')) {
    const colon = line.indexOf(': ');
    if (colon > 0) {
      frame[line.slice(0, colon)] = line.slice(colon + 2);
    }
  }
  return frame;
}
