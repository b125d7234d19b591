const every = (selector, within = document) => Array.from(within.querySelectorAll(selector));
const seen = (it) => it.getClientRects().length > 0;
const names = (table) => every(`#${table} tbody th`).map((it) => it.textContent).join();
const press = (key) => document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
const found = {};
found.headings = every('main h2[id]').map((it) => it.id).filter((it) => it !== 'answer-head').join();

const cost = document.querySelector('#ranking thead th:nth-child(2)');
cost.querySelector('button').click();
cost.querySelector('button').click();
found.sorted_down = names('ranking');
found.aria_sort = cost.getAttribute('aria-sort');
document.querySelector('#ranking thead th button').click();
found.sorted_names = names('ranking');

const state = () => {
  const rows = (table) => every(`#${table} tbody tr`).filter(seen);
  const columns = every('td', rows('harm')[0]).filter(seen).length;
  const trials = every('details.trial').filter(seen).length;
  const dots = every('#live-ranking .mark').length;
  return `ranking ${rows('ranking').length}, harm ${rows('harm').length} of ${columns}, ` +
    `differences ${rows('differences').length}, trials ${trials}, dots ${dots}`;
};
document.querySelector('.choose').open = true;
document.querySelector('#choice input[name=s][value="1"]').click();
document.querySelector('#choice input[name=c][value="1"]').click();
await wait(50);
found.filtered = state();
document.querySelector('#choice button[type=reset]').click();
await wait(50);
found.reset = state();

// a summary opens by Enter in every browser if it can have the focus; a script cannot press that key
const trial = document.querySelector('details.trial');
const summary = trial.querySelector('summary');
summary.focus();
const focus = document.activeElement === summary;
summary.click();
await wait(50);
const course = trial.querySelector('.course svg');
found.trial = `open ${trial.open}, focus ${focus}, course ${course !== null && seen(course)}`;
course.focus();
const tip = document.getElementById('tip');
const first = tip.textContent;
press('ArrowRight');
found.cursor = !tip.hidden && tip.textContent !== first ? 'moved' : `still at ${first}`;
press('Escape');

const dot = document.querySelector('#live-ranking .mark');
dot.focus();
found.dot_tip = !tip.hidden && /^canary\n\$30\.0 \(\$26\.4 to \$33\.6\)/.test(tip.textContent) ? 'shown' : tip.textContent;

const theme = document.getElementById('theme');
const mode = () => document.documentElement.dataset.theme;
theme.click();
found.theme = `${mode()} ${theme.getAttribute('aria-pressed')}`;
theme.click();
found.theme += ` ${mode()} ${theme.getAttribute('aria-pressed')}`;

// whatever can have the focus has a name
const focusable = every('a, button, input, select, summary, [tabindex="0"]').filter(seen);
const label = (it) => it.textContent.trim() || it.getAttribute('aria-label') || it.labels?.length;
found.unnamed = focusable.filter((it) => !label(it)).map((it) => it.outerHTML).join();
return found;
