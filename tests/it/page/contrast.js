// Contrast by WCAG 2.2, 1.4.3, of every text outside of charts with what lies below it.
const linear = (it) => (it / 255 <= 0.04045 ? it / 255 / 12.92 : ((it / 255 + 0.055) / 1.055) ** 2.4);
const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
const parse = (text) => {
  const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number);
  return [r, g, b, a];
};
const over = (top, below) => [0, 1, 2].map((it) => top[it] * top[3] + below[it] * (1 - top[3]));
const ground = (element) => {
  const layers = [];
  for (let it = element; it; it = it.parentElement) layers.push(parse(getComputedStyle(it).backgroundColor));
  return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255]);
};
const contrast = (one, two) => {
  const [low, high] = [light(one), light(two)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
};
const ownText = (it) => Array.from(it.childNodes).some((node) => node.nodeType === 3 && node.data.trim());
document.querySelectorAll('details').forEach((it) => { it.open = true; });
document.documentElement.dataset.theme = 'light';
await wait(50);
const faint = new Set();
let texts = 0;
for (const theme of ['light', 'dark']) {
  document.documentElement.dataset.theme = theme;
  await wait(50);
  const elements = Array.from(document.querySelectorAll('body *')).filter((it) => ownText(it) && it.getClientRects().length > 0);
  for (const it of elements.filter((one) => !one.closest('.svg'))) {
    const style = getComputedStyle(it);
    const colour = parse(it.closest('svg') ? style.fill : style.color);
    const value = contrast(over(colour, ground(it)), ground(it));
    texts += 1;
    if (value < 4.5) faint.add(`${theme} ${it.tagName}.${it.className} ${value.toFixed(2)}`);
  }
}
return { texts, faint: Array.from(faint) };
