// The control of time travel. A day lasts 1000 s at 1x, so that at 1000x a week takes seven seconds.
const SECONDS_PER_DAY_AT_1X = 1000;
const SPEEDS = [1, 10, 100, 1000];
const MINUTES_PER_DAY = 24 * 60;
// How long the page may take to show a day before the next one is asked for all the same.
const PATIENCE_MS = 5000;

const TAKES_KEYS =
  "input, select, textarea, button, a, summary, [contenteditable], [tabindex]:not([tabindex='-1'])";

const MARKUP = `
  <div class="player" role="group" aria-label="time travel">
    <div class="buttons">
      <button type="button" data-do="reset" aria-label="back to the first day" title="back to the first day (Home)">|◀</button>
      <button type="button" data-do="back" aria-label="a day back" title="a day back (←)">◀</button>
      <button type="button" data-do="toggle" class="toggle" aria-label="play" title="play or pause (space)">▶</button>
      <button type="button" data-do="forward" aria-label="a day on" title="a day on (→)">▶|</button>
    </div>
    <div class="speeds" role="radiogroup" aria-label="speed">
      ${SPEEDS.map((speed) => `<button type="button" role="radio" data-speed="${speed}">${speed}x</button>`).join("")}
    </div>
    <input class="days" type="range" min="0" step="1" aria-label="day">
    <output class="clock" aria-live="off"></output>
    <progress class="within" max="${MINUTES_PER_DAY}" value="0" aria-label="time of the day"></progress>
  </div>`;

function render({ model, el }) {
  el.innerHTML = MARKUP;
  const find = (selector) => el.querySelector(selector);
  const toggle = find('[data-do="toggle"]');
  const slider = find(".days");
  const clock = find(".clock");
  const within = find(".within");

  let speed = 1000;
  let playing = false;
  let frame = null;
  let startedAt = 0; // when the day of startedFrom would have begun, in ms
  let startedFrom = 0;
  let asked = { index: model.get("index"), at: 0 };

  const days = () => model.get("days");
  const last = () => Math.max(days().length - 1, 0);
  const msPerDay = () => (SECONDS_PER_DAY_AT_1X * 1000) / speed;
  const isShown = (index) => document.querySelector(`[data-day-shown="${days()[index]}"]`) !== null;

  function show(index, minute) {
    const day = days()[index];
    slider.max = last();
    slider.value = index;
    slider.setAttribute("aria-valuetext", day ?? "");
    const hours = String(Math.floor(minute / 60)).padStart(2, "0");
    const minutes = String(Math.floor(minute % 60)).padStart(2, "0");
    clock.textContent = `${day} ${hours}:${minutes}`;
    within.value = minute;
    toggle.textContent = playing ? "❚❚" : "▶";
    toggle.setAttribute("aria-label", playing ? "pause" : "play");
    el.firstElementChild.dataset.playing = playing;
    for (const button of el.querySelectorAll("[data-speed]")) {
      const chosen = Number(button.dataset.speed) === speed;
      button.setAttribute("aria-checked", chosen);
      button.tabIndex = chosen ? 0 : -1;
    }
    el.hidden = !day;
  }

  function ask(index) {
    asked = { index, at: performance.now() };
    model.set("index", index);
    model.save_changes();
  }

  function tick(now) {
    if (!playing) return;
    const passed = Math.max(now - startedAt, 0) / msPerDay();
    const target = Math.min(startedFrom + Math.floor(passed), last());
    const answered = isShown(asked.index) || now - asked.at > PATIENCE_MS;
    if (target !== asked.index && answered) ask(target);
    const atEnd = startedFrom + passed >= last() + 1;
    show(asked.index, atEnd ? MINUTES_PER_DAY - 1 : (passed % 1) * MINUTES_PER_DAY);
    if (atEnd && asked.index === last()) pause();
    else frame = requestAnimationFrame(tick);
  }

  function play() {
    if (days().length === 0) return;
    const from = model.get("index") >= last() ? 0 : model.get("index");
    if (from !== model.get("index")) ask(from);
    else asked = { index: from, at: 0 };
    playing = true;
    startedFrom = from;
    startedAt = performance.now();
    frame = requestAnimationFrame(tick);
  }

  function pause() {
    playing = false;
    cancelAnimationFrame(frame);
    show(asked.index, 0);
  }

  function go(index) {
    playing = false;
    cancelAnimationFrame(frame);
    const bounded = Math.min(Math.max(index, 0), last());
    show(bounded, 0);
    if (bounded !== model.get("index")) ask(bounded);
  }

  function choose(chosen) {
    speed = chosen;
    if (playing) {
      startedFrom = asked.index;
      startedAt = performance.now();
    } else show(model.get("index"), 0);
  }

  const actions = {
    reset: () => go(0),
    back: () => go(model.get("index") - 1),
    forward: () => go(model.get("index") + 1),
    toggle: () => (playing ? pause() : play()),
  };
  el.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.speed) choose(Number(button.dataset.speed));
    else actions[button.dataset.do]();
  });
  slider.addEventListener("input", () => go(Number(slider.value)));
  find(".speeds").addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = (SPEEDS.indexOf(speed) + step + SPEEDS.length) % SPEEDS.length;
    choose(SPEEDS[next]);
    show(model.get("index"), 0);
    find(`[data-speed="${SPEEDS[next]}"]`).focus();
  });

  // Keys work wherever the focus is not on something that has a use of its own for them.
  const keys = {
    " ": actions.toggle,
    ArrowLeft: actions.back,
    ArrowRight: actions.forward,
    Home: actions.reset,
    End: () => go(last()),
  };
  function press(event) {
    const action = keys[event.key];
    if (!action || event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
    const target = event.composedPath()[0];
    const isOwnButton = target.closest?.(".buttons") && el.contains(target);
    if (isOwnButton ? event.key === " " : target.closest?.(TAKES_KEYS)) return;
    event.preventDefault();
    action();
  }
  document.addEventListener("keydown", press);

  // Another run has been published, or the dates were narrowed: the kernel says where we are.
  const changed = () => {
    if (playing && model.get("index") === asked.index && asked.index <= last()) return;
    if (playing) pause();
    asked = { index: model.get("index"), at: 0 };
    show(model.get("index"), 0);
  };
  model.on("change:days", changed);
  model.on("change:index", changed);
  show(model.get("index"), 0);

  return () => {
    playing = false;
    cancelAnimationFrame(frame);
    document.removeEventListener("keydown", press);
    model.off("change:days", changed);
    model.off("change:index", changed);
  };
}

export default { render };
