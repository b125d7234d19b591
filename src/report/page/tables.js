// Tables: sorting by a heading's button, and the rows and columns that the form has chosen.
{
  const valueOf = (row, column) => {
    const cell = row.cells[column];
    const key = cell.dataset.sort;
    if (key === undefined) return cell.textContent.trim().toLowerCase();
    return key === '' ? null : Number(key);
  };
  const compare = (one, two) =>
    typeof one === 'number' && typeof two === 'number' ? one - two : String(one).localeCompare(String(two));

  // Rows with nothing to sort by come last either way; equals keep their order.
  const sort = (table, head) => {
    const down = head.getAttribute('aria-sort') === 'ascending';
    all('th[aria-sort]', table).forEach((it) => it.removeAttribute('aria-sort'));
    head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
    const keyed = Array.from(table.tBodies[0].rows, (row) => [valueOf(row, head.cellIndex), row]);
    keyed.sort(([one], [two]) => {
      if (one === null || two === null) return (one === null) - (two === null);
      return down ? compare(two, one) : compare(one, two);
    });
    table.tBodies[0].append(...keyed.map((it) => it[1]));
  };

  for (const table of all('table.figures')) {
    for (const head of all('thead th', table)) {
      const button = make('button', { type: 'button' }, head.textContent);
      head.replaceChildren(button);
      button.addEventListener('click', () => sort(table, head));
    }
  }

  const shown = (element) => ['s', 'c'].every((kind) => {
    const wanted = element.dataset[kind];
    return wanted === undefined || wanted.split(' ').every((it) => chosen[kind].has(Number(it)));
  });
  const form = document.getElementById('choice');
  const read = () => {
    for (const kind of ['s', 'c']) {
      const boxes = all(`input[name=${kind}]`, form).filter((it) => it.checked);
      chosen[kind] = new Set(boxes.map((it) => Number(it.value)));
    }
    all('[data-s], [data-c]').forEach((it) => { it.hidden = !shown(it); });
    const part = (kind, of) => `${chosen[kind].size} of ${of.length}`;
    document.getElementById('chosen').textContent =
      `(${part('s', data.strategies)}, ${part('c', data.classes)})`;
    tell();
  };
  form.addEventListener('change', read);
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('reset', () => setTimeout(read));
  watchers.push(hideTip);
  setTimeout(read);
}
