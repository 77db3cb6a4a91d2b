// What is wider than the screen is scrolled: by the keyboard as well, and only then is it a stop of the Tab key.
// It is looked at whenever its own width changes: as the page is loaded, turned or resized, and as a fold is opened.
const widths = new ResizeObserver((changed) => {
  for (const { target } of changed) {
    if (target.scrollWidth > target.clientWidth) {
      target.tabIndex = 0;
    } else if (target.tabIndex === 0) {
      target.removeAttribute("tabindex");
    }
  }
});
// The theme calls captions headings, and leaves out of which level.
document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("pre, div.math, span.math.wide, .table-wrapper").forEach((part) => widths.observe(part));
  document.querySelectorAll(".caption[role='heading']").forEach((one) => one.setAttribute("aria-level", "2"));
});
