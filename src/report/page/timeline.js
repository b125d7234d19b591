// The course of a trial, drawn when it is opened: phases, the weight of the new release, failed and
// slow requests. The pointer or the arrow keys move a cursor that reads the values.
{
  const HEIGHT = 210;
  const BAND = 24;
  const marks = [
    ['first_symptom', 'symptom'], ['detected', 'detected'],
    ['rollback_began', 'rolling back'], ['rollback_done', 'rolled back'], ['rested', 'at rest'],
  ];

  const course = (place, it) => {
    const width = Math.max(300, place.clientWidth || 720);
    const [left, right, top, bottom] = [4, width - 4, BAND + 22, HEIGHT - 20];
    const x = (at) => left + (at / (it.length || 1)) * (right - left);
    const most = Math.max(1, ...it.points.map((point) => point.failed + point.slow));
    const y = (part) => bottom - part * (bottom - top);
    const svg = draw('svg', { class: 'drawn', viewBox: `0 0 ${width} ${HEIGHT}`, tabindex: 0, role: 'img',
      'aria-label': 'Course of the trial; the arrow keys read it point by point' });
    it.phases.forEach(([from, name], index) => {
      const next = it.phases[index + 1];
      const [start, end] = [x(from), x(next ? next[0] : it.length)];
      svg.append(draw('rect', { class: 'phase', x: start, y: 1, width: Math.max(0, end - start), height: BAND }));
      const text = name.replaceAll('_', ' ');
      if (end - start > 7 * text.length) svg.append(draw('text', { x: start + 5, y: 17 }, text));
    });
    let path = `M${x(0)},${y(0)}`;
    let before = 0;
    it.points.forEach((point) => { path += `H${x(before)}V${y(point.weight)}H${x(point.at)}`; before = point.at; });
    svg.append(draw('path', { class: 'weight', d: `${path}V${y(0)}Z` }));
    before = 0;
    it.points.forEach((point) => {
      const size = Math.max(1, x(point.at) - x(before) - 0.5);
      const failed = point.failed / most;
      const slow = point.slow / most;
      if (failed > 0) svg.append(draw('rect', { class: 'failed', x: x(before), y: y(failed), width: size, height: y(0) - y(failed) }));
      if (slow > 0) svg.append(draw('rect', { class: 'slow', x: x(before), y: y(failed + slow), width: size, height: y(failed) - y(failed + slow) }));
      before = point.at;
    });
    svg.append(draw('line', { class: 'zero', x1: left, x2: right, y1: bottom, y2: bottom }));
    let free = -Infinity;
    marks.forEach(([key, name]) => {
      const at = it[key];
      if (at === null || at === undefined) return;
      svg.append(draw('line', { class: 'moment', x1: x(at), x2: x(at), y1: BAND + 6, y2: bottom }));
      const end = x(at) > right - 90;
      const start = end ? x(at) - 6.2 * name.length - 4 : x(at) + 4;
      if (start > free) {
        svg.append(draw('text', { x: end ? x(at) - 4 : x(at) + 4, y: BAND + 16, 'text-anchor': end ? 'end' : 'start' }, name));
        free = start + 6.2 * name.length;
      }
    });
    svg.append(draw('text', { x: left, y: HEIGHT - 5 }, '0'));
    svg.append(draw('text', { x: right, y: HEIGHT - 5, 'text-anchor': 'end' }, span(it.length)));
    place.replaceChildren(svg, make('p', { class: 'note' },
      `Blue: weight of the new release, up to 100 %. Red: failed, orange: slow requests, up to ${fixed(most, 0)} in a stretch.`));
    read(svg, it, x, [top, bottom]);
  };

  const read = (svg, it, x, [top, bottom]) => {
    if (it.points.length === 0) return;
    const cursor = draw('line', { class: 'cursor', y1: top - 16, y2: bottom, visibility: 'hidden' });
    svg.append(cursor);
    let index = 0;
    const show = (next) => {
      index = Math.max(0, Math.min(it.points.length - 1, next));
      const point = it.points[index];
      cursor.setAttribute('x1', x(point.at));
      cursor.setAttribute('x2', x(point.at));
      cursor.setAttribute('visibility', 'visible');
      const phase = it.phases.filter(([from]) => from <= point.at).pop();
      const text = [`${span(point.at)}${phase ? `, ${phase[1].replaceAll('_', ' ')}` : ''}`,
        `weight ${amount(point.weight, 'ratio')}`,
        `${fixed(point.good, 0)} good, ${fixed(point.failed, 0)} failed, ${fixed(point.slow, 0)} slow`];
      showTip(cursor, text.join('\n'));
    };
    svg.addEventListener('mousemove', (event) => {
      const box = svg.getBoundingClientRect();
      const at = ((event.clientX - box.left) / box.width) * it.length;
      const found = it.points.findIndex((point) => point.at >= at);
      show(found < 0 ? it.points.length - 1 : found);
    });
    svg.addEventListener('keydown', (event) => {
      const steps = { ArrowRight: 1, ArrowLeft: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };
      if (!(event.key in steps)) return;
      event.preventDefault();
      show(index + steps[event.key]);
    });
    svg.addEventListener('focus', () => show(index));
    for (const event of ['mouseleave', 'blur']) {
      svg.addEventListener(event, () => { cursor.setAttribute('visibility', 'hidden'); hideTip(); });
    }
  };

  for (const trial of all('details.trial')) {
    trial.addEventListener('toggle', () => {
      if (trial.open) course(trial.querySelector('.course'), data.timelines[Number(trial.dataset.trial)]);
    });
  }
}
