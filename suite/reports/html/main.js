// Puts the page together, and keeps it and its address in step.

const THEMES = ['auto', 'light', 'dark'];

function showTheme() {
  const theme = THEMES.includes(at('theme')) ? at('theme') : 'auto';
  document.documentElement.dataset.theme = theme;
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
  byId('theme').textContent = { auto: '◐ auto', light: '○ light', dark: '● dark' }[theme];
  byId('theme').setAttribute('aria-label', `Colours: ${theme}. Change to ${next}.`);
  byId('theme').onclick = () => { go({ theme: next === 'auto' ? null : next }); showTheme(); };
}

/** Scroll to a section and continue there; the address belongs to the reader's choices. */
function toSection(id) {
  const still = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
  byId(id).scrollIntoView({ behavior: still ? 'auto' : 'smooth', block: 'start' });
  byId(id).focus({ preventScroll: true });
}

/** What the address says: everything is drawn from it. */
function showAll() {
  showTheme();
  showChooser();
  showMatrix();
  showChanges();
  showCell();
}

function showCell() {
  const cell = at('cell') ? cellOf(at('cell')) : null;
  if (cell !== null) openStory(cell, byId('matrix-title'));
  else if (byId('story').open) closeStory();
}

for (const link of document.querySelectorAll('[data-to]')) {
  link.addEventListener('click', (event) => {
    event.preventDefault();
    toSection(link.dataset.to);
  });
}
for (const form of document.querySelectorAll('form')) {
  form.addEventListener('submit', (event) => event.preventDefault());
}
byId('story').addEventListener('close', storyClosed);
byId('story').addEventListener('click', (event) => {
  if (event.target === event.currentTarget) closeStory(); // beside it
});
address.listeners.push(showAll);
showLead();
showAll();
showFoot();
