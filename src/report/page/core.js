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

// Figures as the rest of the page writes them: about three digits, the unit, no idle zeros; figures
// that belong together have the same decimals, no finer than their interval.
const step = (size, least) => {
  const index = least.findIndex((it) => size >= it);
  return index < 0 ? least.length : index;
};
const digits = (size) => step(size, [99.95, 9.995, 0.0995, 0.00995, 9.95e-4, 9.95e-5, 9.95e-6]);
const digitsOfHalf = (half) => step(half, [4.95, 0.495, 0.0495, 0.00495, 4.95e-4, 4.95e-5]);
const fixed = (value, decimals) => value.toLocaleString('en-US', {
  minimumFractionDigits: decimals, maximumFractionDigits: decimals,
});
const trimmed = (text) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
const number = (size) => {
  if (size === 0) return '0';
  if (size < 9.5e-7 || size >= 1e15) return size.toExponential(1).replace('.0e', 'e').replace('e+', 'e');
  const [unit, name] = [[1e12, ' tn'], [1e9, ' bn'], [1e6, ' M'], [1, '']].find((it) => size >= it[0] * 0.9995) || [1, ''];
  return trimmed(fixed(size / unit, digits(size / unit))) + name;
};
const span = (seconds) => {
  if (seconds === 0) return '0 s';
  if (seconds < 59.95) {
    const [unit, name] = [[1, 's'], [1e-3, 'ms'], [1e-6, 'µs'], [1e-9, 'ns']].find((it) => seconds >= it[0] * 0.9995) || [1e-9, 'ns'];
    return `${number(seconds / unit)} ${name}`;
  }
  const units = [['d', 86400, 'h', 3600], ['h', 3600, 'min', 60], ['min', 60, 's', 1]];
  const whole = Math.round(seconds);
  const index = units.findIndex((it) => whole >= it[1]);
  const [major, size, minor, part] = units[index];
  const rounded = Math.round(whole / part) * part;
  if (index > 0 && rounded >= units[index - 1][1]) return span(rounded);
  const rest = (rounded % size) / part;
  const larger = `${fixed(Math.floor(rounded / size), 0)} ${major}`;
  return rest === 0 ? larger : `${larger} ${rest} ${minor}`;
};
const share = (size, decimals) => {
  if (size === 0) return '0 %';
  if (size >= 1 - 1e-9 && size <= 1) return '100 %';
  if (decimals !== undefined) {
    const text = fixed(100 * size, decimals);
    return (size < 1 && text.startsWith('100')) || !/[1-9]/.test(text) ? share(size) : `${text} %`;
  }
  if (size < 1 && size > 0.99) return `${trimmed(fixed(Math.min(100 * size, 99.99), 2))} %`;
  return size < 1e-6 ? '< 0.0001 %' : `${number(100 * size)} %`;
};
// One figure; without decimals it has the digits that it has by itself.
const amount = (value, unit, decimals) => {
  const size = Math.abs(value);
  const cents = unit === 'currency' && size >= 0.0995 && size < 9.995 ? 2 : undefined;
  const places = decimals ?? cents;
  const bare = places === undefined || size === 0 ? number(size) : fixed(size, places);
  const figure = () => {
    if (unit === 'seconds') return span(size);
    if (unit === 'ratio') return share(size, decimals);
    if (unit === 'times') return `${bare} ×`;
    if (unit !== 'currency' || data.currency === '') return bare;
    return /[\p{L}\p{N}]/u.test(data.currency) ? `${bare} ${data.currency}` : data.currency + bare;
  };
  const text = figure();
  return value < 0 && /[1-9]/.test(text) ? `−${text}` : text;
};
// A round figure at an axis.
const tick = (value, unit) => (unit === 'currency' ? amount(value, unit).replace(/\.00(?!\d)/, '') : amount(value, unit));
// A figure and the ends of its interval.
const within = (it, unit) => {
  const scale = unit === 'ratio' ? 100 : 1;
  const all = [it.value, it.low, it.high];
  const sizes = all.map((value) => scale * Math.abs(value));
  const half = (scale * (it.high - it.low)) / 2;
  const largest = Math.max(sizes[0], half);
  if (sizes.some((size) => size >= 999500) || largest <= 0) return all.map((value) => amount(value, unit));
  let decimals = half > 0 ? Math.min(digits(largest), digitsOfHalf(half)) : digits(largest);
  const told = sizes.filter((size) => size > 0 && !(unit === 'ratio' && Math.abs(size - 100) < 1e-7));
  while (decimals > 0 && told.every((size) => fixed(size, decimals).endsWith('0'))) decimals -= 1;
  if (unit === 'currency' && decimals === 1 && largest < 9.995) decimals = 2;
  return all.map((value) => amount(value, unit, decimals));
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
