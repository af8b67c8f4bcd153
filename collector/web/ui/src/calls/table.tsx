// Rows of calls. The keyboard moves the focus from link to link.
import { Component, type RefObject } from 'preact';
import type { Call } from '../api/types';
import { playable, toggle, usePlace } from '../deck';
import { clock } from '../format';
import { t } from '../i18n';
import { navigate } from '../route';
import { ListenButton } from '../listen/listen';
import { Icon } from '../ui/icons';
import { Flags, Mos, StateChip, Tags, Time } from '../ui/parts';
import { isRunning, talkMs } from './talk';

function Party({ number, name, side }: { number: string | undefined; name: string | undefined; side: 'caller' | 'callee' }) {
  return (
    <span class="party">
      <span class={`number ${side}`}>{number || t('call.unnamed')}</span>
      {name && name !== number && <span class="muted name">{name}</span>}
    </span>
  );
}

export function PlayButton({ call }: { call: Call }) {
  const place = usePlace(call);
  const playing = place === 'playing';
  const names = { from: call.caller ?? '?', to: call.callee ?? '?' };
  if (isRunning(call)) return <ListenButton call={call} />;
  if (!playable(call)) return <span class="no-play" title={t('calls.dead')} />;
  return (
    <button type="button" class={`play ${place !== 'off' ? 'on' : ''}`} aria-label={t(playing ? 'calls.pause' : 'calls.play', names)}
      onClick={(event) => { event.stopPropagation(); toggle(call, {}); }}>
      <Icon name={playing ? 'pause' : 'play'} />
    </button>
  );
}

interface RowProps {
  call: Call;
  now: number;
}

// Drawn anew only when its call changes, or goes on: lists are long.
class Row extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    return next.call !== this.props.call || (isRunning(next.call) && next.now !== this.props.now);
  }

  override render({ call, now }: RowProps) {
    return <RowView call={call} now={now} />;
  }
}

function RowView({ call, now }: RowProps) {
  const open = (event: MouseEvent) => {
    if ((event.target as Element).closest('a, button') || getSelection()?.toString()) return;
    navigate(`/calls/${call.id}`);
    window.scrollTo(0, 0);
  };
  return (
    <tr role="row" onClick={open} data-call={call.id}>
      <td role="cell" class="c-play"><PlayButton call={call} /></td>
      <td role="cell" class="c-start"><a class="row-link" href={`/calls/${call.id}`}><Time value={call.startTime} /></a></td>
      <td role="cell" class="c-from"><Party number={call.caller} name={call.callerName} side="caller" /></td>
      <td role="cell" class="c-to"><Party number={call.callee} name={call.calleeName} side="callee" /></td>
      <td role="cell" class="c-state"><StateChip state={call.state} /></td>
      <td role="cell" class="c-talk right">{clock(talkMs(call, now))}</td>
      <td role="cell" class="c-mos right"><Mos mos={call.listeningMos} /></td>
      <td role="cell" class="c-sensors">{(call.sensors ?? []).join(', ')}</td>
      <td role="cell" class="c-notes"><Flags flags={call.flags} hold={call.hold} /> <Tags tags={call.annotation?.tags} /></td>
    </tr>
  );
}

export function CallTable({ calls, now, table }: { calls: Call[]; now: number; table?: RefObject<HTMLTableElement> }) {
  return (
    <table class="data calls" role="table" ref={table} aria-label={t('calls.title')}>
      <thead role="rowgroup">
        <tr role="row">
          <th role="columnheader" scope="col" class="c-play"><span class="hidden-label">{t('player.play')}</span></th>
          <th role="columnheader" scope="col">{t('calls.start')}</th>
          <th role="columnheader" scope="col">{t('calls.caller')}</th>
          <th role="columnheader" scope="col">{t('calls.callee')}</th>
          <th role="columnheader" scope="col">{t('calls.state')}</th>
          <th role="columnheader" scope="col" class="right">{t('calls.talk')}</th>
          <th role="columnheader" scope="col" class="right" title={t('quality.mosText')}>{t('quality.mos')}</th>
          <th role="columnheader" scope="col">{t('calls.sensors')}</th>
          <th role="columnheader" scope="col">{t('calls.notes')}</th>
        </tr>
      </thead>
      <tbody role="rowgroup">{calls.map((call) => <Row key={call.id} call={call} now={now} />)}</tbody>
    </table>
  );
}

export const someRunning = (calls: Call[]): boolean => calls.some(isRunning);
