// A chart by uPlot, loaded when the first one is shown.
import { useEffect, useRef, useState } from 'preact/hooks';
import { clock, number } from '../format';
import { locale, t } from '../i18n';

export interface Line {
  label: string;
  // Name of a variable of styles/base.css.
  colour: string;
  values: (number | null)[];
}

interface ChartProps {
  label: string;
  // Ascending: seconds in the recording, unless `at` says what else.
  times: number[];
  lines: Line[];
  // Lowest and highest value at least shown.
  range: [number, number];
  fixed?: boolean;
  // What a number of `times` is, and in words; of one between them "".
  at?: { label: string; text: (time: number) => string };
  // As bars, each line upon those before it; of values that are no less than 0.
  stacked?: boolean;
  // Somebody chose what is at an index of `times`.
  onPick?: (index: number) => void;
}

const HEIGHT = 170;
// Between marks of numbers that have no fractions.
const whole = Array.from({ length: 12 }, (_, power) => [1, 2, 5].map((first) => first * 10 ** power)).flat();

function variable(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

// Each with those before it.
function pile(lines: Line[]): Line[] {
  let below: (number | null)[] = [];
  return lines.map((line) => {
    below = line.values.map((value, i) => (value ?? 0) + (below[i] ?? 0));
    return { ...line, values: below };
  });
}

export function Chart({ label, times, lines, range, fixed = false, at, stacked = false, onPick }: ChartProps) {
  const picked = useRef(onPick);
  picked.current = onPick;
  const box = useRef<HTMLDivElement>(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const again = () => setTurn((old) => old + 1);
    window.addEventListener('themechange', again);
    return () => window.removeEventListener('themechange', again);
  }, []);
  useEffect(() => {
    let end = () => {};
    let gone = false;
    import('./uplot').then(({ uPlot }) => {
      if (gone || !box.current) return;
      const { label: name, text } = at ?? { label: t('mark.inCall'), text: (seconds: number) => clock(seconds * 1000) };
      const axis = { stroke: variable('--muted'), grid: { stroke: variable('--line'), width: 1 }, ticks: { stroke: variable('--line'), width: 1 }, font: '11px system-ui, sans-serif' };
      const element = box.current;
      // The highest first: the others are painted over it.
      const drawn = stacked ? pile(lines).reverse() : lines;
      const told = stacked ? [...lines].reverse() : lines;
      const shape = ({ colour, values }: Line) => (stacked
        ? { fill: variable(colour), width: 0, paths: uPlot.paths.bars!({ size: [0.8, 60] }), points: { show: false } }
        : { width: 2, spanGaps: true, points: { show: values.filter((value) => value !== null).length < 60, size: 5 } });
      const plot = new uPlot({
        width: Math.max(200, element.clientWidth), height: HEIGHT,
        cursor: { drag: { x: false, y: false }, sync: { key: 'quality' } },
        scales: { x: { time: false, ...(stacked && { range: (_: unknown, low: number, high: number) => [low - 0.5, high + 0.5] }) }, y: { range: (_: unknown, low: number, high: number) => (fixed ? range : [Math.min(range[0], low ?? range[0]), Math.max(range[1], high ?? range[1])]) } },
        axes: [{ ...axis, space: at ? 90 : 60, values: (_: unknown, ticks: number[]) => ticks.map(text) }, { ...axis, size: 44, ...(stacked && { incrs: whole }) }],
        series: [{ label: name, value: (_: unknown, tick: number | null) => (tick === null ? '–' : text(tick)) },
          ...drawn.map((line, i) => ({
            label: line.label, stroke: variable(line.colour), ...shape(line),
            value: (_: unknown, value: number | null, __: number, index: number | null) => {
              const own = index === null ? value : told[i]!.values[index];
              return own === null || own === undefined ? '–' : number(own, locale(), Number.isInteger(own) && stacked ? 0 : 2);
            },
          }))],
      }, [times, ...drawn.map((line) => line.values)], element);
      if (picked.current) {
        plot.over.classList.add('pick');
        plot.over.addEventListener('click', () => { if (plot.cursor.idx != null) picked.current?.(plot.cursor.idx); });
      }
      const watch = new ResizeObserver(() => plot.setSize({ width: Math.max(200, element.clientWidth), height: HEIGHT }));
      watch.observe(element);
      end = () => { watch.disconnect(); plot.destroy(); };
    }, () => {});
    return () => { gone = true; end(); };
  }, [turn, times.join(), JSON.stringify(lines)]);
  return <div class="chart" ref={box} role="img" aria-label={label} />;
}
