// A click on a head of the table of the survey sorts its rows by that column, and again the other way round. Without
// this the table stands in the order of names.
document.addEventListener("DOMContentLoaded", () => {
  const value = (row, column) => row.cells[column].textContent.trim();
  // What is no number stands after all that are.
  const number = (text) => (/^[\d.,eE+-]+%?$/.test(text) ? parseFloat(text.replaceAll(",", "")) : Infinity);
  document.querySelectorAll("table").forEach((table) => {
    const heads = [...table.querySelectorAll("thead th")];
    if (heads[0]?.textContent.trim() !== "implementation") return;
    const body = table.tBodies[0];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sorts";
      button.append(...head.firstElementChild?.childNodes ?? head.childNodes);
      (head.firstElementChild ?? head).append(button);
      button.addEventListener("click", () => {
        const goesUp = head.getAttribute("aria-sort") !== "ascending";
        const rows = [...body.rows];
        const isNumeric = rows.some((row) => number(value(row, column)) !== Infinity);
        rows.sort((a, b) => {
          const [x, y] = [value(a, column), value(b, column)];
          const sign = isNumeric ? Math.sign(number(x) - number(y)) || 0 : x.localeCompare(y);
          return goesUp ? sign : -sign;
        });
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", goesUp ? "ascending" : "descending");
        body.append(...rows);
      });
    });
  });
});
