'use strict';
const find = (what, where = document) => [...where.querySelectorAll(what)], main = () => find('main')[0];
const name = (it) => [it.tagName, it.id, it.name, it.href, it.type === 'submit' && it.value, it.tagName === 'SUMMARY' && it.textContent].join();
const filled = (it) => it.options ? it.selectedIndex !== Math.max(0, find('option', it).findIndex((each) => each.defaultSelected))
  : it.value !== it.defaultValue || it.checked !== it.defaultChecked;
const busy = () => !getSelection().isCollapsed || find('input, select, textarea').some(filled)
  || find('[data-refusal], input:focus:not([type=checkbox]), select:focus, textarea:focus').length > 0;
const get = async (at) => (await fetch(at, { headers: { Accept: 'text/html' } })).text();
const look = async () => {
  if (document.hidden || await get('/_fakestripe/page/changes') === main().dataset.changes) return;
  find('[data-news]')[0].hidden = !busy();
  const news = busy() ? document : new DOMParser().parseFromString(await get(main().dataset.at), 'text/html');
  if (busy() || !find('main[data-changes]', news)[0]) return;
  const focus = name(document.activeElement), open = new Map(find('details').map((it) => [name(it.firstElementChild), it.open]));
  find('details', news).forEach((it) => { it.open = open.get(name(it.firstElementChild)) ?? it.open; });
  ['.strip', '.panels', '.world', 'main'].forEach((part) => find(part)[0].replaceWith(find(part, news)[0]));
  find('a, button, summary, input').find((it) => name(it) === focus)?.focus({ preventScroll: true });
};
const follow = () => look().catch(() => {}).finally(() => setTimeout(follow, 2000));
follow();
