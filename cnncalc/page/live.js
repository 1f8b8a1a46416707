// A page that `cnncalc view --watch` serves: it loads again when the spec has changed. The address keeps what was chosen.

export function listen() {
  if (document.documentElement.dataset.live === undefined) return;
  const events = new EventSource("events");
  let first = "";
  events.onmessage = ({ data }) => {
    first ||= data;
    if (data !== first) location.reload();
  };
}
