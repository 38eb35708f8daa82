"use strict";
(() => {
  const table = document.getElementById("table");
  if (!table) return;
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  const words = new Intl.Collator(document.documentElement.lang, { numeric: true, sensitivity: "base" });
  const find = document.getElementById("find");
  const shown = document.getElementById("shown");
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const digits = texts.map((text) => text.replace(/\D/g, ""));

  const search = () => {
    const sought = find.value.trim().toLowerCase();
    const number = /^[\d\s]+$/.test(sought) ? sought.replace(/\s/g, "") : "";
    let count = 0;
    rows.forEach((row, place) => {
      const fits = texts[place].includes(sought) || (number !== "" && digits[place].includes(number));
      row.hidden = !fits;
      if (fits) count += 1;
    });
    shown.textContent = shown.dataset.words.replace("{shown}", count).replace("{all}", rows.length);
  };

  const headings = Array.from(table.tHead.rows[0].cells);
  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-label", table.dataset.sort + " " + heading.textContent);
    heading.append(" ", button);
    heading.addEventListener("click", () => {
      const falls = heading.getAttribute("aria-sort") === "ascending";
      headings.forEach((other) => other.removeAttribute("aria-sort"));
      heading.setAttribute("aria-sort", falls ? "descending" : "ascending");
      const keyed = Array.from(body.rows, (row) => [row.cells[column].textContent, row]);
      keyed.sort((one, other) => (falls ? -1 : 1) * words.compare(one[0], other[0]));
      body.replaceChildren(...keyed.map((pair) => pair[1]));
    });
  });

  find.addEventListener("input", search);
  document.getElementById("tools").hidden = false;
  const asked = /^#find=(.*)$/.exec(location.hash);
  if (asked) {
    try { find.value = decodeURIComponent(asked[1]); } catch { find.value = asked[1]; }
  }
  search();
})();
