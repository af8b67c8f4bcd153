// The ladder: one column a party, one row a message or stream, by aligned time.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { rpc } from '../api/client';
import type { Call } from '../api/types';
import { exactMs, number, offset, timeOfDay, utc } from '../format';
import { locale, t } from '../i18n';
import { Icon } from '../ui/icons';
import { useLoad } from '../ui/load';
import { ErrorNotice, Skeleton } from '../ui/parts';
import { Detail } from './ladder_detail';
import { labelOf } from './ladder_labels';
import { ladderOf, type Column, type Ladder as Rows, type Row } from './ladder_rows';
import { packetsOf, RTCP_UNASKED } from './ladder_rtcp';
import { sideClass } from './names';

const HEIGHT = 38;
// Pixels of a column: as many as there is room for, within these.
const NARROW = 108;
const WIDE = 230;
// Beside the columns: times, and who saw it.
const MARGINS = 86 + 96;
const SHOWN = 400;

// What fits above an arrow of that many pixels.
function fit(text: string, pixels: number): string {
  const room = Math.max(8, Math.floor(pixels / 6.7) - 3);
  return text.length <= room ? text : `${text.slice(0, room - 1)}…`;
}

function Arrow({ row, columns, width }: { row: Row; columns: number; width: number }) {
  const x = (index: number) => index * width + width / 2;
  const [from, to] = [x(row.from), x(row.to)];
  const y = HEIGHT - 12;
  const label = labelOf(row);
  const away = to >= from ? 1 : -1;
  const tip = to - away * 2;
  return (
    <svg class={`arrow ${row.kind} ${row.stream ? sideClass(row.stream) : ''}`} width={columns * width} height={HEIGHT} aria-hidden="true">
      {Array.from({ length: columns }, (_, i) => <line key={i} class="life" x1={x(i)} x2={x(i)} y1={0} y2={HEIGHT} />)}
      {from === to
        ? <>
            <path class="shaft" d={`M${from} ${y - 8}h26v12h-22`} />
            <text x={from + 34} y={y + 2}>{fit(label, width / 2)}</text>
          </>
        : <>
            <line class="shaft" x1={from} x2={tip} y1={y} y2={y} />
            {row.kind === 'rtp' && <line class="shaft" x1={from} x2={tip - away * 6} y1={y + 4} y2={y + 4} />}
            <path class="head" d={row.kind === 'rtp' ? `M${tip} ${y + 2}l${-away * 9} -6v12z` : `M${tip} ${y}l${-away * 8} -4.500v9z`} />
            <text x={(from + to) / 2} y={y - 8} text-anchor="middle">{fit(label, Math.abs(to - from))}</text>
          </>}
    </svg>
  );
}

function Line({ row, ladder, start, chosen, clock, width, onPick }: { row: Row; ladder: Rows; start: number; chosen: boolean; clock: boolean; width: number; onPick: () => void }) {
  const name = (index: number) => ladder.columns[index]?.name ?? '?';
  const seconds = offset(row.time - start);
  const spoken = t('ladder.row', { what: labelOf(row), from: name(row.from), to: name(row.to) });
  return (
    <li>
      <button type="button" class="rung" aria-pressed={chosen} onClick={onPick} data-time={row.stamp}>
        <span class="when" title={utc(row.stamp)}>{clock ? timeOfDay(row.stamp) : seconds}</span>
        <span class="drawn"><span class="hidden-label">{spoken}</span><Arrow row={row} columns={ladder.columns.length} width={width} /></span>
        <span class="chips">{row.places.map((place) => <span key={place} class="chip">{place}</span>)}</span>
      </button>
    </li>
  );
}

function Heads({ columns, clock, width, onClock }: { columns: Column[]; clock: boolean; width: number; onClock: () => void }) {
  return (
    <div class="rung heads">
      <button type="button" class="when" onClick={onClock} title={t(clock ? 'ladder.sinceStart' : 'ladder.clock')}>{t('ladder.time')}</button>
      <div class="parties">
        {columns.map((column) => (
          <span key={column.name} class="party-head" style={{ width: `${width}px` }}>
            <strong class="break">{column.name}</strong>
            {column.ports.length > 0 && <span class="muted small">:{column.ports.join(' :')}</span>}
          </span>
        ))}
      </div>
      <span class="muted small">{t('ladder.seenAt')}</span>
    </div>
  );
}

export function Ladder({ call }: { call: Call }) {
  const asked = useLoad(`${call.id} ${call.revision}`, (signal) => rpc('CallService/GetSignalling', { id: call.id!, withRtcp: true }, signal));
  const [chosen, setChosen] = useState('');
  const [clock, setClock] = useState(false);
  const [limit, setLimit] = useState(SHOWN);
  // Null: nobody has said whether RTCP is to show.
  const [wanted, setWanted] = useState<boolean | null>(null);
  const list = useRef<HTMLOListElement>(null);
  const [room, setRoom] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const shown = asked.value !== undefined;
  useEffect(() => {
    if (!box.current) return undefined;
    const watch = new ResizeObserver((entries) => setRoom(entries[0]!.contentRect.width));
    watch.observe(box.current);
    return () => watch.disconnect();
  }, [shown]);
  const packets = useMemo(() => packetsOf(asked.value?.rtcp ?? []).length, [asked.value]);
  const withRtcp = packets > 0 && (wanted ?? packets <= RTCP_UNASKED);
  const ladder = useMemo(() => asked.value && ladderOf(call, asked.value.messages ?? [], withRtcp ? asked.value.rtcp : []), [asked.value, call, withRtcp]);
  if (asked.error != null) return <ErrorNotice error={asked.error} onRetry={asked.reload} />;
  if (!ladder) return <Skeleton lines={8} />;
  const start = exactMs(call.startTime);
  const move = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const all = [...list.current!.querySelectorAll<HTMLButtonElement>('button.rung')];
    const next = all[all.indexOf(document.activeElement as HTMLButtonElement) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.click();
  };
  const rows = ladder.rows.slice(0, limit);
  const width = Math.floor(Math.min(WIDE, Math.max(NARROW, (room - MARGINS) / Math.max(1, ladder.columns.length))));
  return (
    <div class="ladder-page">
      <div class="ladder panel">
        {(asked.value?.messages ?? []).length === 0 && <p class="muted pad">{t('ladder.none')}</p>}
        {packets > 0 && (
          <p class="ladder-tools">
            <label class="check small"><input type="checkbox" checked={withRtcp} onChange={(event) => setWanted(event.currentTarget.checked)} />{t('ladder.rtcp', { n: number(packets, locale()) })}</label>
          </p>
        )}
        <div class="scroll-x" role="region" aria-label={t('ladder.label')} tabIndex={-1} ref={box}>
          <Heads columns={ladder.columns} clock={clock} width={width} onClock={() => setClock(!clock)} />
          <ol ref={list} onKeyDown={move}>
            {rows.map((row) => (
              <Line key={row.key} row={row} ladder={ladder} start={start} chosen={row.key === chosen} clock={clock} width={width} onPick={() => setChosen(row.key)} />
            ))}
          </ol>
        </div>
        {ladder.rows.length > limit && <div class="more"><button type="button" class="button" onClick={() => setLimit(limit + SHOWN)}>{t('ladder.more', { n: Math.min(SHOWN, ladder.rows.length - limit) })}</button></div>}
        {asked.value?.truncated && <p class="muted pad">{t('ladder.truncated')}</p>}
      </div>
      <aside class={`detail panel pad ${chosen ? 'chosen' : ''}`} aria-live="polite">
        {chosen && <button type="button" class="button plain icon-only close" aria-label={t('app.close')} onClick={() => setChosen('')}><Icon name="stop" /></button>}
        <Detail key={chosen} call={call} row={ladder.rows.find((row) => row.key === chosen)} />
      </aside>
    </div>
  );
}
