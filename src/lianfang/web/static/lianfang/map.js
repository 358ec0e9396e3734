// Areas from imported GeoJSON in MapLibre: no tiles, no glyphs, nothing from the network. Names are HTML markers.
const token = (name) => {
  const probe = document.createElement("span");
  probe.style.color = `var(--lf-${name})`;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
};
const fill = () => [
  "match", ["get", "level"],
  ...[0, 1, 2, 3, 4].flatMap((level) => [level, token(`level-${level}`)]),
  token("surface"),
];
const rings = (geometry) => (geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates);
const points = (feature) => rings(feature.geometry).flatMap((polygon) => polygon[0]);
const boundsOf = (list) => list.reduce(
  ([west, south, east, north], [x, y]) => [Math.min(west, x), Math.min(south, y), Math.max(east, x), Math.max(north, y)],
  [180, 90, -180, -90],
);
// The middle of the largest ring's box: good enough for a name, and stable.
const middle = (feature) => {
  const outer = rings(feature.geometry).map((polygon) => polygon[0]).sort((a, b) => b.length - a.length)[0];
  const [west, south, east, north] = boundsOf(outer);
  return [(west + east) / 2, (south + north) / 2];
};
const styleOf = (shapes) => ({
  version: 8,
  sources: { areas: { type: "geojson", data: shapes } },
  layers: [
    { id: "ground", type: "background", paint: { "background-color": token("page") } },
    { id: "areas", type: "fill", source: "areas", paint: { "fill-color": fill() } },
    { id: "borders", type: "line", source: "areas", paint: { "line-color": token("edge"), "line-width": 1 } },
  ],
});
const label = (feature, unknown) => {
  const { name, value, level, href } = feature.properties;
  const element = document.createElement(href ? "a" : "span");
  if (href) element.href = href;
  element.className = `lf-map-label ${level === null || level === undefined ? "" : `lf-map-label-${level}`}`;
  element.append(name, document.createElement("br"), value || unknown);
  return element;
};

const show = async (box) => {
  const library = await import(box.dataset.lib);
  library.setWorkerUrl(box.dataset.worker);
  const shapes = JSON.parse(document.getElementById(box.dataset.map).textContent);
  const map = new library.Map({
    container: box, style: styleOf(shapes), bounds: boundsOf(shapes.features.flatMap(points)),
    fitBoundsOptions: { padding: 24 }, attributionControl: false, dragRotate: false, cooperativeGestures: false,
  });
  map.scrollZoom.disable();
  map.addControl(new library.NavigationControl({ showCompass: false }));
  shapes.features.forEach((feature) => {
    new library.Marker({ element: label(feature, box.dataset.unknown) }).setLngLat(middle(feature)).addTo(map);
  });
  map.on("click", "areas", ({ features: [{ properties }] }) => { if (properties.href) location.assign(properties.href); });
  map.on("mousemove", "areas", () => { map.getCanvas().style.cursor = "pointer"; });
  map.on("mouseleave", "areas", () => { map.getCanvas().style.cursor = ""; });
  document.addEventListener("lf:theme", () => map.setStyle(styleOf(shapes)));
};
const showAll = () => document.querySelectorAll("[data-map]:not([data-shown])").forEach((box) => {
  box.dataset.shown = "1";
  show(box);
});
document.addEventListener("htmx:after:settle", showAll);
showAll();
