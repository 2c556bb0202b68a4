/** Checks that run inside the page: JavaScript, as text, that returns a list of findings. */
export const LOOK = `(() => {
  const findings = [];
  const say = (finding) => findings.length < 20 && findings.push(finding);
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) say('the page is ' + scrollWidth + ' px wide, of ' + clientWidth);

  const box = (element) => element.getBoundingClientRect();
  const overlap = (a, b) =>
    a.left < b.right - 0.5 && b.left < a.right - 0.5 && a.top < b.bottom - 0.5 && b.top < a.bottom - 0.5;
  const apart = (elements, what) => {
    const boxes = [...elements].map((element) => ({ element, ...box(element).toJSON() }));
    boxes.forEach((one, index) => {
      for (const other of boxes.slice(index + 1)) {
        if (overlap(one, other)) say(what + ' overlap: ' + one.element.textContent + ' / ' + other.element.textContent);
      }
    });
  };
  apart(document.querySelectorAll('header > *'), 'texts of the header');
  apart(document.querySelectorAll('.tile'), 'tiles');
  for (const axis of document.querySelectorAll('.axis')) apart(axis.querySelectorAll('text'), 'labels of the axis');
  for (const tile of document.querySelectorAll('.tile b')) {
    if (tile.scrollWidth > tile.clientWidth) say('a tile does not hold ' + tile.textContent);
  }

  let bars = 0;
  for (const lane of document.querySelectorAll('.lane')) {
    const svg = box(lane.querySelector('svg'));
    const rows = new Map();
    for (const bar of lane.querySelectorAll('.bar')) {
      bars += 1;
      const { left, right, top, bottom, width, height } = box(bar);
      if (left < svg.left - 0.5 || right > svg.right + 0.5 || top < svg.top - 0.5 || bottom > svg.bottom + 0.5)
        say('a bar sticks out of its lane');
      if (width < 1.5 || height < 3) say('a bar of ' + width + ' x ' + height + ' px cannot be seen');
      const row = rows.get(top) ?? [];
      row.push({ left, right });
      rows.set(top, row);
      if (bar.querySelector('title') === null) say('a bar without a title');
    }
    for (const row of rows.values()) {
      row.sort((one, other) => one.left - other.left);
      row.forEach((bar, index) => index > 0 && bar.left < row[index - 1].right - 0.1 && say('bars overlap'));
    }
  }
  const styled = getComputedStyle(document.body);
  const luminance = (colour) => colour.match(/\\d+/g).slice(0, 3).map(Number).reduce((sum, part) => sum + part, 0);
  const isDark = luminance(styled.backgroundColor) < 200;
  const wantsDark = matchMedia('(prefers-color-scheme: dark)').matches;
  if (isDark !== wantsDark) say('the style sheet is not applied, or does not follow the scheme');
  if (Math.abs(luminance(styled.backgroundColor) - luminance(styled.color)) < 400) say('too little contrast');
  if (document.querySelector('script, img, [onerror], [onclick]') !== null) say('a text became an element');
  return findings;
})()`;
