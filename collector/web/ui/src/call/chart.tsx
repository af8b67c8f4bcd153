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
}

const HEIGHT = 170;

function variable(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

export function Chart({ label, times, lines, range, fixed = false, at }: ChartProps) {
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
      const plot = new uPlot({
        width: Math.max(200, element.clientWidth), height: HEIGHT,
        cursor: { drag: { x: false, y: false }, sync: { key: 'quality' } },
        scales: { x: { time: false }, y: { range: (_: unknown, low: number, high: number) => (fixed ? range : [Math.min(range[0], low ?? range[0]), Math.max(range[1], high ?? range[1])]) } },
        axes: [{ ...axis, space: at ? 90 : 60, values: (_: unknown, ticks: number[]) => ticks.map(text) }, { ...axis, size: 44 }],
        series: [{ label: name, value: (_: unknown, tick: number | null) => (tick === null ? '–' : text(tick)) },
          ...lines.map((line) => ({ label: line.label, stroke: variable(line.colour), width: 2, spanGaps: true, value: (_: unknown, value: number | null) => (value === null ? '–' : number(value, locale(), 2)), points: { show: times.length < 60, size: 5 } }))],
      }, [times, ...lines.map((line) => line.values)], element);
      const watch = new ResizeObserver(() => plot.setSize({ width: Math.max(200, element.clientWidth), height: HEIGHT }));
      watch.observe(element);
      end = () => { watch.disconnect(); plot.destroy(); };
    }, () => {});
    return () => { gone = true; end(); };
  }, [turn, times.join(), JSON.stringify(lines)]);
  return <div class="chart" ref={box} role="img" aria-label={label} />;
}
