const frame = document.querySelector('iframe');
const inside = frame.contentDocument;
inside.querySelectorAll('details').forEach((it) => { it.open = true; });
await wait(200);
const root = inside.documentElement;
const beyond = Array.from(inside.querySelectorAll('body *')).filter((it) =>
  it.getBoundingClientRect().right > 361 && !it.closest('.wide, pre, svg, .svg, .skip, #tip'));
return {
  width: frame.contentWindow.innerWidth,
  overflow: root.scrollWidth - root.clientWidth,
  beyond: beyond.slice(0, 5).map((it) => it.outerHTML.slice(0, 120)),
};
