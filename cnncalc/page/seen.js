// Draws a view at once while it is on the screen or near it, else when the page has nothing better to do.

const MARGIN = "300px 0px"; // beyond the screen, so that scrolling finds it drawn
const PAUSE = 300; // milliseconds without a change

/** Call `update` soon, and again after every call of the function returned: at once if `root` is near the screen, when it
 * comes there, before printing, and in a pause, for whoever searches or hears the page.
 * @param {HTMLElement} root @param {() => void} update @returns {() => void} */
export function whenSeen(root, update) {
  const idle = globalThis.requestIdleCallback ?? globalThis.setTimeout; // Safari has no idle callbacks
  let [stale, seen, pause] = [true, false, 0];
  const show = () => {
    if (!stale) return;
    stale = false;
    update();
  };
  const change = () => {
    stale = true;
    if (seen) return show();
    clearTimeout(pause);
    pause = setTimeout(() => idle(show), PAUSE);
  };
  new IntersectionObserver((entries) => {
    seen = entries[entries.length - 1].isIntersecting;
    if (seen) show();
  }, { rootMargin: MARGIN }).observe(root);
  globalThis.addEventListener("beforeprint", show);
  pause = setTimeout(() => idle(show)); // after the first picture
  return change;
}
