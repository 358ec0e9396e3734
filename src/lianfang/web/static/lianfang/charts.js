// Draws every [data-chart] from the JSON of the same id with ECharts. The table under the chart says the same.
const token = (name) => {
  // light-dark() is resolved by the browser: read the token through a property that computes a colour.
  const probe = document.createElement("span");
  probe.style.color = `var(--lf-${name})`;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
};
const MARKS = ["circle", "rect", "triangle", "diamond"];
const DASHES = ["solid", "dashed", "dotted", [10, 4, 2, 4]];
const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

const seriesOf = (settings) => settings.series.map((series, index) => {
  const colour = token(series.state || ["ink", "level-3", "muted", "level-2"][index % 4]);
  return {
    name: series.name,
    type: settings.kind === "bar" ? "bar" : "line",
    data: series.values,
    stack: settings.stacked ? "all" : undefined,
    symbol: MARKS[index % MARKS.length],
    symbolSize: 7,
    barMaxWidth: 28,
    itemStyle: { color: colour },
    lineStyle: { width: 2.5, type: DASHES[index % DASHES.length] },
    areaStyle: settings.kind === "area" ? { opacity: 0.14 } : undefined,
  };
});
const axis = () => ({ axisLabel: { color: token("muted"), fontSize: 13 }, axisLine: { lineStyle: { color: token("edge") } } });
const option = (settings, font) => ({
  animation: !still,
  animationDuration: 300,
  textStyle: { fontFamily: font, color: token("text") },
  grid: { left: 8, right: 16, top: settings.series.length > 1 ? 40 : 12, bottom: 4, outerBoundsMode: "same" },
  legend: { show: settings.series.length > 1, top: 0, left: 0, textStyle: { color: token("text"), fontSize: 14 } },
  tooltip: {
    trigger: "axis", renderMode: "richText", backgroundColor: token("surface"), borderColor: token("edge"),
    textStyle: { color: token("text") },
  },
  xAxis: { type: "category", data: settings.x, boundaryGap: settings.kind === "bar", ...axis() },
  yAxis: {
    type: "value", scale: settings.fit, minInterval: settings.fit ? undefined : 1, splitLine: { lineStyle: { color: token("line") } }, ...axis(),
  },
  series: seriesOf(settings),
});

const drawn = new Map();
const draw = async (box) => {
  const echarts = await import(box.dataset.lib);
  const settings = JSON.parse(document.getElementById(box.dataset.chart).textContent);
  const chart = drawn.get(box) || echarts.init(box, null, { renderer: "svg" });
  if (!drawn.has(box)) new ResizeObserver(() => chart.resize()).observe(box);
  drawn.set(box, chart);
  chart.setOption(option(settings, getComputedStyle(document.body).fontFamily), { notMerge: true });
};
const drawAll = () => {
  drawn.forEach((chart, box) => { if (!box.isConnected) { chart.dispose(); drawn.delete(box); } });
  document.querySelectorAll("[data-chart]").forEach(draw);
};
document.addEventListener("htmx:after:settle", drawAll);
document.addEventListener("lf:theme", drawAll);
drawAll();
