'use strict';
const parts = ['.strip', '.panels', '.world', 'main'], reachable = 'a, button, summary, input, select, textarea';
const main = () => document.querySelector('main'), all = (what, where = document) => [...where.querySelectorAll(what)];
const name = (it) => [it.tagName, it.id, it.name, it.href, it.type === 'submit' && it.value, it.tagName === 'SUMMARY' && it.textContent].join();
const typed = (it) => it.type === 'checkbox' || it.type === 'radio' ? it.checked !== it.defaultChecked
  : it.options ? [...it.options].some((each) => each.selected !== each.defaultSelected) : it.value !== it.defaultValue;
const busy = () => document.activeElement.matches('input:not([type=checkbox]), select, textarea') || !getSelection().isCollapsed || document.querySelector('[data-refusal]')
  || all('input:not([type=hidden]), select, textarea').some(typed);
const get = async (at) => (await fetch(at, { headers: { Accept: 'text/html' } })).text();
const look = async () => {
  const seen = await get('/_fakestripe/page/changes');
  if (seen === main().dataset.changes) return;
  document.querySelector('[data-news]').hidden = !busy();
  if (busy()) return;
  const news = new DOMParser().parseFromString(await get(main().dataset.at), 'text/html');
  if (!news.querySelector('main[data-changes]')) return;
  const open = all('details[open]').map((it) => name(it.firstElementChild)), focus = name(document.activeElement);
  all('details', news).forEach((it) => { if (open.includes(name(it.firstElementChild))) it.open = true; });
  parts.forEach((part) => document.querySelector(part).replaceWith(news.querySelector(part)));
  all(reachable).find((it) => name(it) === focus)?.focus({ preventScroll: true });
};
const follow = () => (document.hidden ? Promise.resolve() : look().catch(() => {})).then(() => setTimeout(follow, 2000));
setTimeout(follow, 2000);
