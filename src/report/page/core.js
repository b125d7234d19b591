const data = JSON.parse(document.getElementById('data').textContent);
const root = document.documentElement;
const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));
root.classList.add('js');

// Elements are made with text only, never with markup: names come from files.
const make = (name, attributes = {}, text = '', space = null) => {
  const element = space ? document.createElementNS(space, name) : document.createElement(name);
  for (const key of Object.keys(attributes)) element.setAttribute(key, attributes[key]);
  if (text !== '') element.textContent = text;
  return element;
};
const draw = (name, attributes, text = '') =>
  make(name, attributes, text, 'http://www.w3.org/2000/svg');

// Figures as the rest of the page writes them: about three digits, and the unit.
const digits = (value) => {
  const size = Math.abs(value);
  if (size >= 99.95 || size === 0) return 0;
  return size >= 9.995 ? 1 : size >= 0.0995 ? 2 : size >= 0.00995 ? 3 : 4;
};
const fixed = (value, decimals) => value.toLocaleString('en-US', {
  minimumFractionDigits: decimals, maximumFractionDigits: decimals,
});
const span = (seconds) => {
  if (seconds < 60) return seconds >= 9.95 ? `${fixed(seconds, 0)} s` : `${+seconds.toFixed(2)} s`;
  const units = [['d', 86400, 'h', 3600], ['h', 3600, 'm', 60], ['m', 60, 's', 1]];
  const [major, size, minor, part] = units.find((it) => seconds >= it[1]);
  const whole = Math.round(seconds / part) * part;
  return `${Math.floor(whole / size)}${major} ${String((whole % size) / part).padStart(2, '0')}${minor}`;
};
const amount = (value, unit, decimals = digits(value)) => {
  const size = Math.abs(value);
  const sign = value < 0 && Number(size.toFixed(decimals)) > 0 ? '−' : '';
  if (unit === 'seconds') return sign + span(size);
  if (unit === 'ratio') return `${sign}${fixed(100 * size, size === 0 || size >= 0.1 ? 1 : 2)} %`;
  if (unit === 'times') return `${sign}${fixed(size, decimals)} ×`;
  if (unit !== 'currency' || data.currency === '') return sign + fixed(size, decimals);
  const isWord = /[\p{L}\p{N}]/u.test(data.currency);
  const figure = fixed(size, decimals);
  return sign + (isWord ? `${figure} ${data.currency}` : data.currency + figure);
};

// What the form has chosen; charts read it here and are notified of changes.
const chosen = { s: new Set(data.strategies.keys()), c: new Set(data.classes.keys()) };
const watchers = [];
const tell = () => watchers.forEach((it) => it());

// The theme: as the system has it until the button is pressed.
const theme = document.getElementById('theme');
const systemDark = window.matchMedia('(prefers-color-scheme: dark)');
const isDark = () => (root.dataset.theme || (systemDark.matches ? 'dark' : 'light')) === 'dark';
const showTheme = () => theme.setAttribute('aria-pressed', String(isDark()));
theme.addEventListener('click', () => {
  root.dataset.theme = isDark() ? 'light' : 'dark';
  showTheme();
});
systemDark.addEventListener('change', showTheme);
showTheme();

// One note for whatever is under the pointer or has the focus.
const tip = document.getElementById('tip');
const showTip = (element, text) => {
  tip.textContent = text;
  tip.hidden = false;
  const box = element.getBoundingClientRect();
  const left = Math.min(box.left, root.clientWidth - tip.offsetWidth - 8);
  tip.style.left = `${window.scrollX + Math.max(8, left)}px`;
  const above = box.top - tip.offsetHeight - 6;
  tip.style.top = `${window.scrollY + (above < 0 ? box.bottom + 6 : above)}px`;
};
const hideTip = () => { tip.hidden = true; };
const tipped = (element, text) => {
  for (const event of ['mouseenter', 'focus']) element.addEventListener(event, () => showTip(element, text));
  for (const event of ['mouseleave', 'blur']) element.addEventListener(event, hideTip);
};
document.addEventListener('keydown', (event) => { if (event.key === 'Escape') hideTip(); });
