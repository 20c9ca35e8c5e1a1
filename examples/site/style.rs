//! The style of every page, and the script of the page of all.

pub const STYLE: &str = "
:root { color-scheme: light dark; --ink: #0b0c0c; --quiet: #383f43; --paper: #fff; --link: #12436d; --rule: #b1b4b6; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #f3f2f1; --quiet: #c9cdd0; --paper: #14171a; --link: #9cc9f0; --rule: #5a6268; }
}
* { box-sizing: border-box; }
body { margin: 0; font: 1.05em/1.5 'Noto Sans', Arial, sans-serif; color: var(--ink); background: var(--paper); overflow-wrap: break-word; }
header, main, footer { max-width: 64rem; margin: 0 auto; padding: 0 16px; }
@media (min-width: 48em) { header, main, footer { padding: 0 32px; } }
h1 { font-size: 2rem; line-height: 1.2; margin: 1rem 0 0.5rem; }
h2 { font-size: 1.45rem; line-height: 1.25; margin: 3rem 0 0.75rem; border-top: 2px solid var(--ink); padding-top: 0.75rem; }
h3 { font-size: 1.15rem; margin: 1.5rem 0 0.5rem; }
p, .plain { max-width: 44rem; }
.lead { font-size: 1.2rem; }
.home { margin: 1rem 0 0; }
nav ul { padding: 0; list-style: none; display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; }
nav a, .home a, .download a, .tiles a { display: inline-block; min-height: 24px; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--ink); outline-offset: 2px; }
main:focus { outline: none; }
.skip { position: absolute; left: -999rem; background: var(--paper); padding: 0.75rem 1rem; }
.skip:focus { left: 0; top: 0; z-index: 1; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
figure { margin: 1.5rem 0; background: #fff; width: fit-content; max-width: 100%; forced-color-adjust: none; }
figure svg, figure img { display: block; max-width: 100%; height: auto; }
.wide, .middle { display: none; }
@media (min-width: 44em) { .middle { display: block; } .narrow { display: none; } }
@media (min-width: 64em) { .wide { display: block; } .middle { display: none; } }
.scroll { overflow-x: auto; margin: 1.5rem 0 0; }
table { border-collapse: collapse; font-size: 0.95rem; }
caption { text-align: left; font-weight: bold; padding-bottom: 0.4rem; position: sticky; left: 0; max-width: calc(100vw - 2rem); }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 1.25rem 0.3rem 0; border-bottom: 1px solid var(--rule); overflow-wrap: normal; }
tbody th { font-weight: normal; min-width: 8rem; }
td a, tbody th a { display: inline-block; min-height: 24px; }
.number { text-align: right; padding-right: 2rem; font-variant-numeric: tabular-nums; }
.download { font-size: 0.95rem; margin: 0.25rem 0 1.5rem; }
footer { margin-top: 3rem; padding-bottom: 2rem; font-size: 0.95rem; color: var(--quiet); }
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
@page { size: A4; margin: 16mm 14mm 18mm; @bottom-right { content: 'Page ' counter(page) ' of ' counter(pages); font: 9pt Arial, sans-serif; } }
@media print {
  :root { --ink: #000; --quiet: #000; --paper: #fff; --link: #000; --rule: #999; }
  html { font-size: 9.5pt; }
  nav, .skip, .download, .controls, .home { display: none; }
  header, main, footer { max-width: none; padding: 0; }
  h2, h3, caption, thead { break-after: avoid; }
  figure, tr { break-inside: avoid; }
  .wide { display: block; }
  .narrow, .middle { display: none; }
  figure svg, figure img { max-height: 200mm; width: auto; }
  .scroll { overflow: visible; }
  table { width: 100%; }
  caption { position: static; max-width: none; }
  thead { display: table-header-group; }
  th, td, .number { padding-right: 0.5rem; }
  tbody th { min-width: 0; }
}
";

/// The map and the controls of the page of all.
pub const INDEX: &str = "
@media (min-width: 75em) { .scroll:has(> #all) { width: min(100vw - 5rem, 86rem); margin-left: calc(32rem - 32px - min(100vw - 5rem, 86rem) / 2); } }
.map a text { font-size: 12px; text-anchor: middle; }
.map rect { stroke: var(--paper); stroke-width: 2; }
.map a:focus-visible { outline: none; }
.map a:focus-visible rect { stroke: var(--ink); stroke-width: 4; }
.map .place { font-size: 13px; fill: var(--ink); }
.map { display: none; max-width: 100%; height: auto; }
@media (min-width: 56em) { .map { display: block; } .regions { display: none; } }
.tiles { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: 4px; }
.tiles a { min-width: 48px; min-height: 44px; padding: 3px; font-size: 0.8rem; line-height: 1.2; text-align: center; text-decoration: none; }
.key { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; }
.key span { display: inline-block; width: 1.2em; height: 1.2em; vertical-align: -0.2em; border: 1px solid var(--ink); margin-right: 0.4em; }
.map, .tiles, .key { forced-color-adjust: none; }
@media (forced-colors: active) { .map .place { fill: CanvasText; } .key { color: CanvasText; } }
.controls { display: flex; flex-wrap: wrap; gap: 0.75rem 1.5rem; align-items: end; }
.controls[hidden] { display: none; }
.controls > div { min-width: 0; max-width: 100%; }
.controls label { display: block; }
.controls input, .controls select { font: inherit; min-height: 2.4rem; max-width: 100%; color: var(--ink); background: var(--paper); border: 2px solid var(--ink); padding: 0.2rem 0.4rem; }
th button { font: inherit; font-weight: bold; color: var(--ink); background: none; border: 0; padding: 0; min-height: 24px; text-align: left; text-decoration: underline; cursor: pointer; }
th[aria-sort=ascending] button::after { content: ' ▲'; }
th[aria-sort=descending] button::after { content: ' ▼'; }
/* Sheets after the first have the headings of a table only where no button is in them. */
@page wide { size: A4 landscape; }
@media print {
  .map { display: block; max-height: 230mm; }
  .regions, .controls { display: none; }
  #table { page: wide; }
  #all { font-size: 0.85rem; }
  #all th, #all td { overflow-wrap: normal; padding-right: 0.4rem; }
  th button { display: contents; }
}
";

/// Sorts and filters the table of all; without it the table is whole and in order. It has no character that XML takes for its
/// own, as pages are XML too.
pub const SCRIPT: &str = r#"
(function () {
  'use strict';
  var table = document.getElementById('all');
  var body = table.tBodies[0];
  var rows = Array.prototype.slice.call(body.rows);
  var heads = Array.prototype.slice.call(table.tHead.rows[0].cells);
  var controls = document.getElementById('controls');
  var told = document.getElementById('told');
  function key(row, column) {
    var cell = row.cells[column];
    var text = cell.hasAttribute('data-key') ? cell.getAttribute('data-key') : cell.textContent.trim();
    return text === '–' ? '' : text;
  }
  function compare(a, b) {
    var words = a === '' || b === '' || isNaN(a) || isNaN(b);
    return words ? a.localeCompare(b, 'en-GB') : a - b;
  }
  heads.forEach(function (head, column) {
    var button = document.createElement('button');
    button.type = 'button';
    button.textContent = head.textContent;
    head.textContent = '';
    head.appendChild(button);
    button.addEventListener('click', function () {
      var down = head.getAttribute('aria-sort') === 'ascending';
      heads.forEach(function (other) { other.removeAttribute('aria-sort'); });
      head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      rows.sort(function (a, b) {
        var left = key(a, column), right = key(b, column);
        if ((left === '') !== (right === '')) { return left === '' ? 1 : -1; }
        return (down ? -1 : 1) * compare(left, right);
      });
      rows.forEach(function (row) { body.appendChild(row); });
    });
  });
  var fields = Array.prototype.slice.call(controls.querySelectorAll('input, select'));
  function filter() {
    var shown = 0;
    rows.forEach(function (row) {
      var fits = fields.every(function (field) {
        var wanted = field.value.trim().toLowerCase();
        if (wanted === '') { return true; }
        var column = Number(field.getAttribute('data-column'));
        var text = row.cells[column].textContent.trim().toLowerCase();
        return field.hasAttribute('data-whole') ? text === wanted : text.indexOf(wanted) >= 0;
      });
      row.hidden = !fits;
      shown += fits ? 1 : 0;
    });
    told.textContent = shown + ' of ' + rows.length + ' shown';
  }
  fields.forEach(function (field) {
    field.addEventListener('input', filter);
    field.addEventListener('change', filter);
  });
  controls.hidden = false;
}());
"#;
