// The costs of every part at some positions of the sliders: the report's equations, evaluated as costmodel evaluates them.
"use strict";

const STEPS = 100; // positions of a parameter's slider on either side

// The value in the place where another list is largest.
const atSlowest = (values, of) => values[of.indexOf(Math.max(...of))];

// A cost and its interval from its values with one input at its low and at its high end: costmodel/estimates/interval.py.
function spread(nominal, moved) {
  if (!(nominal > 0) || moved.length === 0) {
    return {value: nominal, low: Math.min(nominal, ...moved.flat()), high: Math.max(nominal, ...moved.flat())};
  }
  let up = 0, down = 0;
  for (const ends of moved) {
    const [a, b] = ends.map((end) => Math.log(Math.max(end, 1e-300) / nominal));
    up += Math.max(a, b, 0) ** 2;
    down += Math.max(-a, -b, 0) ** 2;
  }
  return {value: nominal, low: nominal * Math.exp(-Math.sqrt(down)), high: nominal * Math.exp(Math.sqrt(up))};
}

// The network at the positions of its sliders: {batch, timesteps, activity}, places in their lists of values.
class NetworkState {
  constructor(positions) {
    const of = model.network, at = (name) => of[name].values[positions[name]];
    this.positions = positions;
    this.n = {batch: at("batch"), timesteps: at("timesteps"), depth: 0, dt: of.dt, neurons: 0};
    const rates = of.rates[positions.timesteps], activity = at("activity");
    const scaled = (rate, i) => (rates.scaled[i] ? Math.min(activity * rate, rates.limit[i]) : rate);
    this.ends = ["mean", "low", "high"].map((end) => rates[end].map(scaled));
    const certain = this.ends[1].every((rate, i) => rate === this.ends[2][i]);
    const bounds = certain ? [this.ends[0]] : this.ends;
    this.sizes = model.sizes.map((of) => bounds.map((rates) => of(this.n, rates))); // by widths, then by end of the rates
    this.executions = of.perStep.map((each) => (each ? this.n.timesteps : 1));
  }
}

// A part, with room for the costs of its operators.
class PartModel {
  constructor(part) {
    const tasks = model.network.perStep.length;
    this.part = part;
    this.t = new Float64Array(tasks);
    this.e = new Float64Array(tasks);
    this.out = new Float64Array(3);
    this.kinds = Object.entries(part.kinds).map(([kind, of]) => ({
      kind, rows: model.network.rows[kind], cost: model.formulas[of.cost], causes: model.formulas[of.causes],
    }));
    const most = Math.max(...Object.values(part.kinds).map((of) => of.count));
    this.c = Array.from({length: most}, () => new Float64Array(tasks));
    this.whole = model.formulas[part.whole];
    this.spent = model.formulas[part.spent];
  }

  // Parameters at the positions of the part's sliders; one that was moved is taken as exact.
  parameters(positions) {
    const values = {...this.part.values};
    this.part.sliders.forEach((slider, i) => {
      if (positions[i] !== 0) values[slider.name] = valueAt(slider, positions[i]);
    });
    const exact = new Set(this.part.sliders.filter((_, i) => positions[i] !== 0).map((slider) => slider.name));
    return {values, uncertain: Object.entries(this.part.uncertain).filter(([name]) => !exact.has(name))};
  }

  // Latency and energy of a sample: [s, J].
  run(p, n, sizes) {
    for (const {kind, rows, cost} of this.kinds) {
      const operators = sizes[kind];
      for (let k = 0; k < rows.length; k++) cost(p, operators[k], rows[k], this.t, this.e);
    }
    this.whole(p, n, this.t, this.e, this.out);
    this.out.forEach((value, i) => (this.out[i] = value * this.part.bursts[i])); // of unlike time steps, where they were measured
    return [this.out[0], this.out[1] + this.out[2]];
  }

  fits(state) {
    return this.part.most === null || state.positions.batch <= this.part.most[state.positions.timesteps];
  }

  // All costs at some positions of the network's sliders and of the part's own.
  costs(state, positions) {
    const {values, uncertain} = this.parameters(positions), [mean, ...ends] = state.sizes[this.part.sizes];
    const n = {...state.n, neurons: this.part.neurons, depth: this.part.depth}, latencies = [], energies = [], moved = {...values};
    const take = (low, high) => {
      latencies.push([low[0], high[0]]);
      energies.push([low[1], high[1]]);
    };
    for (const [name, [low, high]] of uncertain) {
      moved[name] = low;
      const atLow = this.run(moved, n, mean);
      moved[name] = high;
      take(atLow, this.run(moved, n, mean));
      moved[name] = values[name];
    }
    if (ends.length) take(this.run(values, n, ends[0]), this.run(values, n, ends[1]));
    const [latency, energy] = this.run(values, n, mean); // last, so that the operators' costs stay
    return {
      device: this.part.name, feasible: this.fits(state), latency: spread(latency, latencies), energy: spread(energy, energies),
      static: this.out[1], dynamic: this.out[2], ...this.breakdown(state), ...this.boundBy(values, n, mean),
    };
  }

  // Time for one batch (s) and dynamic energy of a sample (J) of each operator, and summed by the names of the report.
  breakdown(state) {
    const samples = this.part.wholeBatch ? 1 : state.n.batch, {names, group} = model.network;
    const energies = state.executions.map((times, i) => this.e[i] * times);
    const share = this.out[2] / Math.max(energies.reduce((sum, each) => sum + each, 0), 1e-300);
    const operators = energies.map((energy, i) => [samples * this.t[i] * state.executions[i], energy * share]);
    const times = names.map(() => 0), dynamic = names.map(() => 0);
    operators.forEach(([time, energy], i) => {
      times[group[i]] += time;
      dynamic[group[i]] += energy;
    });
    return {operators, times, energies: dynamic};
  }

  // What the time of a sample is spent on, s, and the largest of it.
  boundBy(p, n, sizes) {
    for (const {kind, rows, causes} of this.kinds) rows.forEach((i, k) => causes(p, sizes[kind][k], i, this.c));
    const out = this.part.causes.map(() => 0);
    this.spent(p, n, this.t, this.c, out);
    const spent = out.map((each) => each * this.part.bursts[3]);
    return {spent, boundBy: this.part.causes[out.indexOf(Math.max(...out))]};
  }
}

// A parameter at a position of its slider.
const valueAt = (slider, position) => Math.min(slider.value * slider.span ** (position / STEPS), slider.high);
