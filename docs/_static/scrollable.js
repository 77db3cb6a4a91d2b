// What is wider than the screen is scrolled: by the keyboard as well, and only then is it a stop of the Tab key.
function reachable() {
  for (const part of document.querySelectorAll("pre, div.math, span.math.wide, .table-wrapper")) {
    if (part.scrollWidth > part.clientWidth) {
      part.tabIndex = 0;
    } else if (part.tabIndex === 0) {
      part.removeAttribute("tabindex");
    }
  }
}
// The theme calls captions headings, and leaves out of which level.
function levelled() {
  for (const caption of document.querySelectorAll(".caption[role='heading']")) {
    caption.setAttribute("aria-level", "2");
  }
}
document.addEventListener("DOMContentLoaded", levelled);
window.addEventListener("load", reachable);
window.addEventListener("resize", reachable);
