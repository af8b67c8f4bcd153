// What is heard of each party, and what is not.
import { rpc } from '../api/client';
import type { Call, CallListening, PartyListening } from '../api/types';
import { clock, durationMs, exactMs, number, percent } from '../format';
import { locale, t } from '../i18n';
import { useLoad } from '../ui/load';
import { ErrorNotice, Skeleton } from '../ui/parts';
import { recordingStart } from './names';

const share = (value: number | undefined) => (value === undefined ? '–' : percent(value, 1, locale()));
const level = (value: number | undefined) => (value === undefined ? '–' : number(value, locale(), 1));
const sideOf = (party: PartyListening) => t(`side.${party.side ?? 'SIDE_UNSPECIFIED'}`);

export function remarksOf(call: Call, listening: CallListening): string[] {
  const start = recordingStart(call);
  return [
    ...(listening.doubleTalkShare === undefined ? [] : [t('listening.doubleTalk', { share: share(listening.doubleTalkShare) })]),
    ...(listening.parties ?? []).flatMap((party) => (party.echo ? [t('listening.echo', {
      side: sideOf(party), ms: number(party.echo.delayMs, locale()), db: number(party.echo.returnLossDb, locale()) })] : [])),
    ...(listening.deadAir ?? []).map((stretch) => t('listening.deadAir', {
      seconds: number(durationMs(stretch.length) / 1000, locale()), time: clock(exactMs(stretch.time) - start) })),
  ];
}

function Row({ party }: { party: PartyListening }) {
  const runs = Number(party.clippedRuns ?? 0);
  const heard = party.hearing === 'HEARING_HEARD' ? 'good' : party.oneWay ? 'bad' : '';
  return (
    <tr>
      <th scope="row" class={party.side === 'SIDE_CALLEE' ? 'callee' : 'caller'}>{sideOf(party)}</th>
      <td><span class={`chip ${heard}`}>{t(`hearing.${party.hearing ?? 'HEARING_UNSPECIFIED'}`)}</span>{party.oneWay && ` ${t('listening.oneWay')}`}</td>
      <td class="right">{level(party.levelDbov)}</td>
      <td class="right">{level(party.noiseDbov)}</td>
      <td class="right">{share(party.talkShare)}</td>
      <td class="right nowrap">{runs === 0 ? '–' : `${number(runs, locale())} (${share(party.clippedShare)})`}</td>
    </tr>
  );
}

// Asked for when it is looked at: all of the call is decoded for it.
export function Listening({ call }: { call: Call }) {
  const asked = useLoad(`${call.id} ${call.revision}`, (signal) => rpc('CallService/GetQuality', { id: call.id!, withListening: true }, signal));
  const listening = asked.value?.listening;
  if (asked.error != null) return <ErrorNotice error={asked.error} onRetry={asked.reload} />;
  if (asked.value && !listening) return null;
  return (
    <section class="panel">
      <h3 class="pad">{t('listening.title')}</h3>
      {listening ? (
        <>
          <div class="scroll-x" tabIndex={0} role="region" aria-label={t('listening.title')}>
            <table class="data">
              <thead>
                <tr>
                  <th scope="col">{t('listening.party')}</th>
                  <th scope="col">{t('listening.heard')}</th>
                  <th scope="col" class="right" title={t('listening.levelText')}>{t('listening.level')}</th>
                  <th scope="col" class="right" title={t('listening.noiseText')}>{t('listening.noise')}</th>
                  <th scope="col" class="right">{t('listening.talk')}</th>
                  <th scope="col" class="right" title={t('listening.clippedText')}>{t('listening.clipped')}</th>
                </tr>
              </thead>
              <tbody>{(listening.parties ?? []).map((party) => <Row key={party.side} party={party} />)}</tbody>
            </table>
          </div>
          <ul class="remarks">{remarksOf(call, listening).map((text) => <li key={text}>{text}</li>)}</ul>
        </>
      ) : <Skeleton lines={3} />}
    </section>
  );
}
