// Two charts that answer to the form: estimates with their intervals, and paired differences.
{
  const names = {
    cost: 'Cost', users_hurt: 'Users hurt', downtime: 'Downtime', escaped: 'Escaped defects',
    false_rollback: 'False rollbacks', detected: 'Detected', detection_time: 'Time to detect',
    rollback_time: 'Time to roll back', rollout_time: 'Time to complete', pages: 'Pages',
    error_budget: 'Error budget', users_hurt_undetected: 'Users hurt undetected',
    users_hurt_detecting: 'Users hurt while detecting', users_hurt_rolling_back: 'Users hurt while rolling back',
    users_hurt_after_detection: 'Users hurt after detection without a rollback',
    users_hurt_unmet: 'Users hurt without meeting the release', instances_peak: 'Instances, most at once',
  };
  const ROW = 34;
  const WIDTH = () => Math.max(300, Math.min(1040, document.getElementById('live').clientWidth || 720));

  // Round figures that part a range into about `wanted` pieces.
  const ticks = (low, high, wanted) => {
    const rough = (high - low) / wanted || 1;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((it) => it * power).find((it) => it >= rough);
    const marks = [];
    for (let at = Math.ceil(low / step); at * step <= high * (1 + 1e-9); at += 1) marks.push(at * step);
    return marks;
  };

  // Rows of a dot, its interval, and perhaps a wider one; each can be pointed at and focused.
  const dots = (place, items, unit, label) => {
    place.replaceChildren();
    if (items.length === 0) {
      place.append(make('p', { class: 'note' }, 'No data for this choice.'));
      return;
    }
    const width = WIDTH();
    const narrow = width < 560;
    const left = narrow ? 6 : 190;
    const right = width - 16;
    const row = narrow ? ROW + 14 : ROW;
    const low = Math.min(0, ...items.map((it) => it.low));
    const high = Math.max(...items.map((it) => it.high), low + 1e-9);
    const x = (value) => left + 8 + ((value - low) / (high - low)) * (right - left - 8);
    const bottom = items.length * row + 8;
    const svg = draw('svg', { class: 'drawn', viewBox: `0 0 ${width} ${bottom + 24}`, role: 'group', 'aria-label': label });
    for (const at of ticks(low, high, narrow ? 4 : 7)) {
      const kind = Math.abs(at) < 1e-12 ? 'zero' : 'grid';
      svg.append(draw('line', { class: kind, x1: x(at), x2: x(at), y1: 0, y2: bottom }));
      const anchor = x(at) < left + 24 ? 'start' : x(at) > right - 24 ? 'end' : 'middle';
      svg.append(draw('text', { x: x(at), y: bottom + 16, 'text-anchor': anchor }, tick(at, unit)));
    }
    items.forEach((it, index) => {
      const top = index * row;
      const y = top + (narrow ? row - 15 : row / 2);
      const mark = draw('g', { class: 'mark', tabindex: 0, role: 'img', 'aria-label': it.text.replaceAll('\n', ', ') });
      mark.append(draw('rect', { x: 1, y: top + 2, width: width - 2, height: row - 4 }));
      const short = it.name.length > 26 ? `${it.name.slice(0, 25)}…` : it.name;
      mark.append(draw('text', { class: 'name', x: narrow ? 6 : 4, y: narrow ? top + 17 : y + 4 }, short));
      const bar = (kind, from, to) => draw('line', { class: kind, x1: x(from), x2: x(to), y1: y, y2: y });
      if (it.inner) mark.append(bar('wide-bar', it.low, it.high), bar('bar', it.inner[0], it.inner[1]));
      else mark.append(bar('bar', it.low, it.high));
      mark.append(draw('circle', { cx: x(it.value), cy: y, r: 5 }));
      mark.style.setProperty('--dot', `var(--s${it.index % 8})`);
      tipped(mark, it.text);
      svg.append(mark);
    });
    place.append(svg);
  };

  const select = (label, options) => {
    const holder = make('label', {}, `${label} `);
    const list = make('select');
    options.forEach(([value, text]) => list.append(make('option', { value }, text)));
    holder.append(list);
    return [holder, list];
  };
  const panel = (id, title, ...holders) => {
    const box = make('div', { class: 'live', id });
    const options = make('p', { class: 'options' });
    options.append(...holders);
    const place = make('div');
    box.append(make('h3', {}, title), options, place);
    document.getElementById('live').append(box);
    return place;
  };
  if (data.strategies.length > 0) {
    const known = Object.keys(names).filter((name) =>
      data.strategies.some((s) => s.overall.some((it) => it.quantity === name)));
    const [ofHolder, of] = select('Show', known.map((it) => [it, names[it]]));
    const releases = [['', 'all releases'], ...data.classes.map((it, index) => [index, it])];
    const [inHolder, within_] = select('for', releases);
    const place = panel('live-ranking', 'Strategies compared', ofHolder, inHolder);
    const show = () => {
      const index = within_.value === '' ? -1 : Number(within_.value);
      let unit = 'count';
      const items = data.strategies.flatMap((s, at) => {
        const estimates = index < 0 ? s.overall : s.by_class[index] || [];
        const it = estimates.find((one) => one.quantity === of.value && ['mean', 'rate'].includes(one.stat));
        if (!it || !chosen.s.has(at)) return [];
        unit = it.unit;
        const [value, low, high] = within(it, it.unit);
        const text = `${s.name}\n${value} (${low} to ${high})\n${fixed(it.n, 0)} ${it.n === 1 ? 'trial' : 'trials'}`;
        return [{ ...it, name: s.name, index: at, text }];
      });
      items.sort((one, two) => one.value - two.value);
      dots(place, items, unit, `${names[of.value]} by strategy`);
    };
    // A release that is not chosen cannot be shown either.
    const offer = () => {
      all('option', within_).forEach((it) => {
        it.hidden = it.disabled = it.value !== '' && !chosen.c.has(Number(it.value));
      });
      if (within_.selectedOptions[0].disabled) within_.value = '';
      show();
    };
    of.addEventListener('change', show);
    within_.addEventListener('change', show);
    window.addEventListener('resize', show);
    watchers.push(offer);
  }

  if (data.pairs.length > 0) {
    const quantities = [['cost', 'cost'], ['users_hurt', 'users hurt']];
    const [ofHolder, of] = select('Difference in', quantities);
    const [toHolder, to] = select('from', data.strategies.map((it, index) => [index, it.name]));
    const place = panel('live-differences', 'Differences in the same rollouts', ofHolder, toHolder);
    const show = () => {
      const base = Number(to.value);
      const unit = of.value === 'cost' ? 'currency' : 'count';
      const items = data.pairs.flatMap((pair) => {
        const it = pair.differences.find((one) => one.quantity === of.value);
        const other = pair.first === base ? pair.second : pair.first;
        if (!it || (pair.first !== base && pair.second !== base) || !chosen.s.has(other)) return [];
        const flip = pair.first === base ? (low, high) => [low, high] : (low, high) => [-high, -low];
        const [low, high] = flip(it.low_adjusted, it.high_adjusted);
        const value = pair.first === base ? it.value : -it.value;
        const said = within({ value, low, high }, unit);
        const name = data.strategies[other].name;
        const verdict = it.decided ? 'decided' : 'cannot be told apart yet';
        const text = `${name} − ${data.strategies[base].name}\n${said[0]} (${said[1]} to ${said[2]})\n${verdict}`;
        return [{ value, low, high, inner: flip(it.low, it.high), name, index: other, text }];
      });
      items.sort((one, two) => one.value - two.value);
      dots(place, items, unit, `Difference in ${of.value === 'cost' ? 'cost' : 'users hurt'} from ${data.strategies[base].name}`);
    };
    of.addEventListener('change', show);
    to.addEventListener('change', show);
    window.addEventListener('resize', show);
    watchers.push(show);
    place.after(make('p', { class: 'note' }, 'Thick: the interval of this pair alone. Thin: the one that holds for all pairs at once.'));
  }
}
