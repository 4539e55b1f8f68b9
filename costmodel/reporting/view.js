// What the sliders show: costs, intervals, breakdowns and the winner, redrawn as they move; the address keeps their positions.
"use strict";

const section = document.getElementById("what-if");
const inputs = [...section.querySelectorAll("input[type=range]")];
const starts = new Map(inputs.map((input) => [input, Number(input.defaultValue)]));
const say = section.querySelector("[role=status]"), verdict = section.querySelector(".verdict");
const parts = model.parts.map((part, index) => {
  const place = section.querySelector(`[data-part="${index}"]`), find = (what) => place.querySelector(what);
  const costs = [...place.querySelectorAll(".cost")].map((cost) => ({
    value: cost.querySelector("b"), span: cost.querySelector(".span"), interval: cost.querySelector(".interval"),
    dot: cost.querySelector(".dot"), track: cost.querySelector(".track"), segments: [...cost.querySelectorAll(".stack i")],
  }));
  return {
    part, place, costs, model: new PartModel(part), bound: find(".bound b"), fastest: find(".fastest"), frugal: find(".frugal"),
    unfitting: find(".unfitting"), details: find("details"), cells: [...place.querySelectorAll("tbody tr")].map((row) => row.cells),
    sliders: inputs.filter((input) => input.dataset.owner === String(index)), seen: "", found: null,
  };
});
const LATENCY = 0, ENERGY = 1, UNITS = ["s", "J"];

// -- numbers for people: graphs/settings/units.py ---------------------------------------------------------------------------------------
const PREFIXES = {"-15": "f", "-12": "p", "-9": "n", "-6": "µ", "-3": "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T", 15: "P"};
const EVERYDAY = {"m**2": [1e-6, "mm²"], "USD/J": [1 / 3.6e6, "USD/kWh"], "USD/s": [1 / 3600, "USD/h"]};
const YEAR = 365.25 * 86400;

function rounded(value, digits = 3) {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const power = Math.floor(Math.log10(Math.abs(value)));
  if (power < -4 || power > 6) return Number(value.toPrecision(digits)).toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  const places = Math.max(digits - 1 - power, 0), unit = 10 ** Math.max(power + 1 - digits, 0);
  const [whole, part = ""] = (Math.round(value / unit * 10 ** places) / 10 ** places * unit).toFixed(places).split(".");
  const kept = part.replace(/0+$/, "");
  return whole.replace(/\B(?=(\d{3})+$)/g, ",") + (kept && "." + kept);
}

function prefixed(value, unit) {
  if (unit in EVERYDAY) return EVERYDAY[unit];
  if (unit === "s" && Math.abs(value) > YEAR / 10) return [YEAR, "years"];
  const plain = unit === "" || unit === "1" || !/^\p{L}/u.test(unit) || unit.startsWith("USD");
  if (plain || value === 0 || !Number.isFinite(value)) return [1, unit === "1" ? "" : unit];
  let power = 3 * Math.floor(Math.log10(Math.abs(value)) / 3);
  if (Math.abs(value) / 10 ** power >= 999.5) power += 3;
  power = Math.min(Math.max(power, -15), 15);
  return [10 ** power, PREFIXES[power] + unit];
}

function pretty(value, unit = "", digits = 3) {
  const [scale, name] = prefixed(value, unit);
  return `${rounded(value / scale, digits)} ${name}`.trimEnd();
}

// costmodel/estimates/tables.py
function span({value, low, high}, unit) {
  if (low === high) return "exact";
  const [scale] = prefixed(value, unit), digits = high > 1.1 * low ? 2 : 4;
  return `${rounded(low / scale, digits)}–${rounded(high / scale, digits)}`;
}

// -- what is set ---------------------------------------------------------------------------------------------------------------
const position = (name) => {
  const input = document.getElementById(name);
  return input ? Number(input.value) : model.network[name].start;
};
const networkPositions = () => ({batch: position("batch"), timesteps: position("timesteps"), activity: position("activity")});

function told(input) {
  const at = Number(input.value), of = input.dataset.owner;
  if (of === "network") {
    const value = model.network[input.id].values[at];
    return input.id === "activity" ? `× ${rounded(value)}` : value.toLocaleString("en");
  }
  const slider = model.parts[of].sliders.find((each) => input.id === `${model.parts[of].name}.${each.name}`);
  const value = valueAt(slider, at), text = pretty(value, slider.unit);
  return at === 0 ? text : `${text} (× ${rounded(value / slider.value)})`;
}

function tell(input) {
  const text = told(input);
  input.labels[0].nextElementSibling.textContent = text;
  input.setAttribute("aria-valuetext", text);
}

// -- the costs, computed anew where something that they hang on has moved ---------------------------------------------------------
let state = null, stateSeen = "";

function compute() {
  const positions = networkPositions(), seen = Object.values(positions).join();
  if (seen !== stateSeen) [state, stateSeen] = [new NetworkState(positions), seen];
  for (const each of parts) {
    const own = each.sliders.map((input) => Number(input.value)), key = `${seen};${own}`;
    if (key !== each.seen) [each.found, each.seen] = [each.model.costs(state, own), key];
  }
  return parts.map((each) => each.found);
}

// -- drawing ---------------------------------------------------------------------------------------------------------------------
const axes = [...section.querySelectorAll(".axis")].map((place) => ({place, ends: ""}));

// Decades that hold every interval; the ticks are written anew when they change.
function axisOf(found, metric) {
  const bounds = found.flatMap((costs) => [costs[metric].low, costs[metric].high]).filter((end) => end > 0 && end < Infinity);
  const low = Math.floor(Math.log10(Math.min(...bounds, 1e30) * 0.999));
  const high = Math.max(Math.ceil(Math.log10(Math.max(...bounds, 1e-30) * 1.001)), low + 1);
  const index = metric === "latency" ? LATENCY : ENERGY, axis = axes[index], ends = `${low} ${high}`;
  if (axis.ends !== ends) {
    axis.ends = ends;
    const every = Math.ceil((high - low) / 5), ticks = [];
    for (let decade = low; decade <= high; decade += every) {
      const left = 100 * (decade - low) / (high - low);
      ticks.push(`<span style="left:${left}%">${pretty(10 ** decade, UNITS[index])}</span>`);
    }
    axis.place.innerHTML = ticks.join("");
    for (const each of parts) each.costs[index].track.style.backgroundSize = `${100 / (high - low)}% 100%`;
  }
  return (value) => Math.max(100 * (Math.log10(value) - low) / (high - low), 0); // a cost of 0 at the left end
}

function write(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

// By transforms, which need no layout: each segment of a bar begins where those before it end, and covers their rest.
function drawCost(place, cost, unit, axis, shares) {
  write(place.value, pretty(cost.value, unit));
  write(place.span, `(${span(cost, unit)})`);
  const left = axis(cost.low);
  place.interval.style.transform = `translateX(${left}%) scaleX(${(axis(cost.high) - left) / 100})`;
  place.dot.style.transform = `translateX(${axis(cost.value)}%)`;
  const total = shares.reduce((sum, share) => sum + share, 0) || 1;
  let before = 0;
  shares.forEach((share, i) => {
    place.segments[i].style.transform = `translateX(${100 * before / total}%)`;
    before += share;
  });
}

function drawTable(each) {
  each.found.operators.forEach(([time, energy], i) => {
    each.cells[i][1].textContent = pretty(time, "s");
    each.cells[i][2].textContent = pretty(energy, "J");
  });
  each.cells.at(-1)[2].textContent = pretty(each.found.static, "J");
}

const listed = (names) => (names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`);
const some = (names) => listed(names.length <= 4 ? names : [...names.slice(0, 3), `${names.length - 3} more`]);

// The best in a metric, in words: with its interval, and who may be better.
function sentence(fits, metric, unit, head, what, better) {
  const ranked = [...fits].sort((a, b) => a[metric].value - b[metric].value), best = ranked[0];
  const rivals = ranked.slice(1).filter((each) => each[metric].low <= best[metric].high).map((each) => each.device);
  const interval = best[metric].low === best[metric].high ? "exact" : `90 % interval ${span(best[metric], unit)}`;
  const doubt = rivals.length ? `within the uncertainty, ${some(rivals)} may be ${better}` : "no other interval reaches that";
  return [best.device, `${head} is ${best.device} with ${pretty(best[metric].value, unit).replace(" ", "\u00a0")} (${interval}) ${what}; ${doubt}.`];
}

function winner(fits) {
  if (fits.length === 0) return {text: "No device fits at this batch and these time steps."};
  const [fastest, time] = sentence(fits, "latency", "s", "The fastest", "from input to answer", "faster");
  const [frugal, energy] = sentence(fits, "energy", "J", "The most frugal", "a sample", "more frugal");
  return {fastest, frugal, text: `${time} ${energy}`};
}

function redraw() {
  const found = compute(), fits = found.filter((costs) => costs.feasible), won = winner(fits);
  if (fits.length) {
    const time = axisOf(fits, "latency"), energy = axisOf(fits, "energy");
    for (const each of parts) {
      const costs = each.found;
      each.place.classList.toggle("unfit", !costs.feasible);
      each.unfitting.hidden = costs.feasible;
      drawCost(each.costs[LATENCY], costs.latency, "s", time, costs.times);
      drawCost(each.costs[ENERGY], costs.energy, "J", energy, [costs.static, ...costs.energies]);
      write(each.bound, costs.boundBy);
      each.fastest.hidden = costs.device !== won.fastest;
      each.frugal.hidden = costs.device !== won.frugal;
      if (each.details.open) drawTable(each);
    }
  }
  write(verdict, won.text);
}

let waiting = 0;
function soon() {
  waiting ||= requestAnimationFrame(() => {
    waiting = 0;
    redraw();
  });
}

// -- the address -----------------------------------------------------------------------------------------------------------------
function written() {
  const moved = inputs.filter((input) => Number(input.value) !== starts.get(input));
  return moved.map((input) => `${encodeURIComponent(input.id)}=${input.value}`).join("&");
}

function restore() {
  const asked = new URLSearchParams(location.hash.slice(1));
  for (const input of inputs) {
    const value = asked.get(input.id);
    input.value = value !== null && /^-?\d+$/.test(value) ? value : starts.get(input);
    tell(input);
  }
  redraw();
  say.textContent = verdict.textContent;
}

function settle() {
  history.replaceState(null, "", `#${written()}`);
  say.textContent = verdict.textContent;
}

let pause = 0;
section.addEventListener("input", ({target}) => {
  if (!starts.has(target)) return;
  tell(target);
  soon();
  clearTimeout(pause);
  pause = setTimeout(settle, 250);
});
section.querySelector(".reset").addEventListener("click", () => {
  history.replaceState(null, "", "#");
  restore();
});
for (const each of parts) each.details.addEventListener("toggle", () => drawTable(each));
addEventListener("hashchange", restore);
restore();
