// The matrix by keyboard: arrows from cell to cell, Enter for what a cell leads to. One cell is in the tab order.

/** A new table: its first cell can be reached. */
function gridReady(grid) {
  if (grid === null) return;
  const first = grid.querySelector('td.cell') || grid.querySelector('[tabindex]');
  if (first) first.tabIndex = 0;
  grid.addEventListener('keydown', gridKey);
  grid.addEventListener('click', gridClick);
  grid.addEventListener('focusin', ({ target }) => {
    const cell = target.closest('td, th');
    if (cell) makeCurrent(grid, cell);
  });
}

function makeCurrent(grid, cell) {
  for (const old of grid.querySelectorAll('[tabindex="0"]')) old.tabIndex = -1;
  cell.tabIndex = 0;
}

function gridClick({ target }) {
  const cell = target.closest('td.cell');
  if (cell) openCell(cell);
}

const PAGE = 10;
const MOVES = {
  ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0], PageDown: [PAGE, 0], PageUp: [-PAGE, 0],
};

function gridKey(event) {
  const cell = event.target.closest('td, th');
  if (!cell || event.altKey || event.metaKey) return;
  const to = event.key === 'Enter' || event.key === ' ' ? null : target(cell, event);
  if (to === undefined) return;
  event.preventDefault();
  if (to !== null) to.focus();
  else if (cell.classList.contains('cell')) openCell(cell);
  else cell.querySelector('button')?.click();
}

/** Where a key leads from a cell; undefined: it is no key of the grid. */
function target(cell, { key, ctrlKey }) {
  const rows = [...cell.closest('table').rows].filter((row) => !('skip' in row.dataset));
  const row = rows.indexOf(cell.parentElement);
  const last = (cells) => cells[cells.length - 1];
  if (key === 'Home') return ctrlKey ? rows[0].cells[0] : rows[row].cells[0];
  if (key === 'End') return last(ctrlKey ? last(rows).cells : rows[row].cells);
  if (!(key in MOVES)) return undefined;
  const [down, across] = MOVES[key];
  const there = rows[Math.min(Math.max(row + down, 0), rows.length - 1)];
  return there.cells[Math.min(Math.max(cell.cellIndex + across, 0), there.cells.length - 1)];
}
