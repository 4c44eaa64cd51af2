"use strict"
// Tab leads to one point of each chart, the arrow keys from there to the others; without this, Tab leads to each.
const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }
for (const chart of document.querySelectorAll("figure svg")) {
  const points = [...chart.querySelectorAll("[tabindex]")]
  points.forEach((point, number) => point.setAttribute("tabindex", number ? -1 : 0))
  chart.addEventListener("keydown", event => {
    const next = points[points.indexOf(event.target) + STEPS[event.key]]
    if (!next) return
    event.preventDefault()
    event.target.setAttribute("tabindex", -1)
    next.setAttribute("tabindex", 0)
    next.focus()
  })
}
