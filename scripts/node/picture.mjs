// Draws a kept run or bench: node picture.mjs DIR [FILE.svg]
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vega from 'vega';
import * as vegaLite from 'vega-lite';

const PERCENTILES = ['p50', 'p90', 'p99', 'p99_9'];
const TRANSPORTS = ['io_uring', 'epoll', 'nio'];

function fail(status, complaint) {
  console.error(`picture: ${complaint}`);
  process.exit(status);
}

const again = 'copy the whole directory again, or measure again';

/** A file that was kept, through a function that understands it. */
function kept(file, understood) {
  let text;
  try {
    text = readFileSync(file, 'utf8');
  } catch (failure) {
    fail(1, `${file} cannot be read: ${failure.code}`);
  }
  try {
    return understood(text);
  } catch {
    return fail(1, `${file} is damaged, or no document of Headrace: ${again}`);
  }
}

/** What a directory without a document holds. */
function nothing(directory) {
  if (!existsSync(directory)) return `${directory}: there is no such directory`;
  if (!statSync(directory).isDirectory()) return `${directory} is a file: name the directory that it is in`;
  const logs = (within) => existsSync(join(within, 'latency.hlog')) || existsSync(join(within, 'intervals.ndjson'));
  return [directory, ...readdirSync(directory).map((cell) => join(directory, cell))].some(logs)
    ? `${directory} is what is left of a run that was killed: it has no result to draw; run it again`
    : `${directory} holds no run: neither bench.json nor result.json; name a directory that --out made`;
}

const SCHEMAS = { 'bench.json': 'headrace/bench/1', 'result.json': 'headrace/result/1' };

/** Whether a result has what is drawn. */
const isDrawable = (cell) =>
  [cell.workload, cell.transport].every((text) => typeof text === 'string') &&
  (cell.unavailable !== undefined || Number.isFinite(cell.requests_per_second));

/** The cells of a bench, or a run as its only cell. */
function read(directory) {
  const document = Object.keys(SCHEMAS).find((name) => existsSync(join(directory, name)));
  if (!document) fail(1, nothing(directory));
  const file = join(directory, document);
  const isBench = document === 'bench.json';
  const { run, results } = kept(file, (text) => {
    const run = JSON.parse(text);
    const results = isBench ? run.results : [run];
    const whole = () =>
      typeof run.run_id === 'string' && typeof run.host.kernel === 'string' && results.every(isDrawable);
    if (typeof run.schema !== 'string' || (run.schema === SCHEMAS[document] && !whole())) throw new Error('it lacks fields');
    return { run, results };
  });
  if (run.schema !== SCHEMAS[document]) {
    fail(1, `${file} has the schema '${run.schema}', this program reads '${SCHEMAS[document]}': use the program that made it`);
  }
  const cells = results
    .filter((cell) => !cell.unavailable)
    .map((cell) => ({
      ...cell,
      intervals: intervals(isBench ? join(directory, `${cell.workload}-${cell.transport}`) : directory),
    }));
  if (cells.length === 0) {
    const why = run.partial ? 'the bench was interrupted before it had one: run it again' : 'none of its transports was available';
    fail(1, `${file} holds no result: ${why}`);
  }
  return { ...run, cells, missing: results.filter((cell) => cell.unavailable) };
}

/** Requests a second of each interval. Elapsed time begins anew with each round; what is short tells little. */
function intervals(directory) {
  const file = join(directory, 'intervals.ndjson');
  if (!existsSync(file)) return [];
  let before = 0;
  return kept(file, (text) => text.split('\n').filter(Boolean).map((line) => JSON.parse(line)))
    .map(({ elapsed_seconds: elapsed, requests }) => {
      const seconds = elapsed > before ? elapsed - before : elapsed;
      before = elapsed;
      return { seconds, rate: requests / seconds };
    })
    .filter(({ seconds }) => seconds > 0.5)
    .map(({ rate }) => rate);
}

const name = (cell) => `${cell.workload} on ${cell.transport}`;
const named = (cell) => ({ cell: name(cell), transport: cell.transport });
const axis = (title, format) => ({ title, labelExpr: format, grid: true });
const transport = { field: 'transport', type: 'nominal', sort: TRANSPORTS, title: null, axis: { labelAngle: 0 } };
const colour = { field: 'transport', type: 'nominal', scale: { domain: TRANSPORTS, range: ['#0f7b6c', '#4c78a8', '#b5752a'] }, legend: null };

/** Rate: a bar and its number for the whole, a dot for each interval. */
const rates = (cells) => ({
  width: 230,
  height: 200,
  layer: [
    {
      data: { values: cells.map((cell) => ({ ...named(cell), rate: cell.requests_per_second })) },
      mark: { type: 'bar', width: { band: 0.6 }, opacity: 0.75 },
      encoding: {
        x: transport,
        y: { field: 'rate', type: 'quantitative', axis: axis('requests per second', "format(datum.value, '~s')") },
        color: colour,
        description: { field: 'cell' },
      },
    },
    {
      data: { values: cells.flatMap((cell) => cell.intervals.map((rate) => ({ ...named(cell), rate }))) },
      mark: { type: 'point', filled: true, size: 14, color: '#222222', opacity: 0.55, aria: false },
      encoding: { x: transport, y: { field: 'rate', type: 'quantitative' } },
    },
    {
      data: { values: cells.map((cell) => ({ ...named(cell), rate: cell.requests_per_second })) },
      mark: { type: 'text', baseline: 'bottom', dy: -4, fontWeight: 'bold', color: '#222222', aria: false },
      encoding: { x: transport, y: { datum: 0 }, text: { field: 'rate', format: '.3~s' } },
    },
  ],
});

/** Whether a tick of a logarithmic axis is 1, 2 or 5 of its decade. */
const ROUND = 'indexof([1, 2, 5], round(datum.value / pow(10, floor(log(datum.value) / LN10 + 1e-9)))) >= 0';

/** Neighbours stand on both sides, so that close ones can be read. */
const labels = (percentiles, align, dx) => ({
  transform: [{ filter: { field: 'percentile', oneOf: percentiles } }],
  mark: { type: 'text', align, dx, fontSize: 10, color: '#333333' },
  encoding: { text: { field: 'percentile' } },
});

/** Latency: a mark for each percentile, on a logarithmic axis. */
const latencies = (cells) => ({
  width: 230,
  height: 220,
  data: {
    values: cells.flatMap((cell) =>
      PERCENTILES.map((percentile) => ({
        ...named(cell),
        percentile: percentile.replace('_', '.'),
        seconds: cell.latency?.[`${percentile}_seconds`],
      })),
    ).filter(({ seconds }) => seconds > 0),
  },
  encoding: {
    x: transport,
    y: {
      field: 'seconds',
      type: 'quantitative',
      scale: { type: 'log', nice: true },
      axis: axis('latency, seconds', `${ROUND} ? format(datum.value, '~s') + 's' : ''`),
    },
  },
  layer: [
    { mark: { type: 'line', color: '#aaaaaa', aria: false }, encoding: { detail: { field: 'transport' } } },
    { mark: { type: 'point', filled: true, size: 70, aria: false }, encoding: { color: colour } },
    labels(['p50', 'p99'], 'left', 9),
    labels(['p90', 'p99.9'], 'right', -9),
  ],
});

function picture(run) {
  const workloads = [...new Set(run.cells.map((cell) => cell.workload))];
  const { kernel, cpus, cpu_model: cpu, jdk } = run.host;
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'white', // a card of its own: to be read on a dark page too
    padding: 14,
    title: {
      text: `Headrace: ${run.run_id}`,
      subtitle: [
        `${cpus} x ${cpu}, Linux ${kernel}, ${jdk}`,
        'bar: the whole run; dots: its seconds; below, percentiles of latency (logarithmic)',
        ...run.missing.map((cell) => `${name(cell)}: ${cell.unavailable}`),
        ...(run.partial ? ['partial: the run did not come to its end'] : []),
      ],
      anchor: 'start',
      offset: 14,
    },
    hconcat: workloads.map((workload) => {
      const cells = run.cells.filter((cell) => cell.workload === workload);
      return { title: { text: workload, anchor: 'middle' }, vconcat: [rates(cells), latencies(cells)] };
    }),
    config: { view: { stroke: '#dddddd' }, font: 'sans-serif', axis: { labelFontSize: 11, titleFontSize: 12 } },
  };
}

const [directory, out, ...rest] = process.argv.slice(2);
if (!directory || directory.startsWith('-') || rest.length) fail(2, 'name a run: scripts/picture DIR [FILE.svg]');
const spec = vegaLite.compile(picture(read(directory))).spec;
const svg = await new vega.View(vega.parse(spec), { renderer: 'none' }).toSVG();
const file = out ?? join(directory, 'numbers.svg');
try {
  writeFileSync(file, `${svg}\n`);
} catch (failure) {
  fail(1, `cannot write ${file}: ${failure.message}`);
}
console.log(file);
